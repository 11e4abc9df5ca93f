// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/schedule_text.h"

#include "engine/core/error.h"
#include "engine/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

} // namespace

std::string printScheduleText(const ScheduleText& text) {
    std::string name = text.name;
    std::ranges::replace_if(
        name, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    const std::string remark = name.empty() ? std::string() : fmt::format("# {}\n", name);
    return remark + printSchedule(text.schedule) + '\n';
}

ScheduleText parseScheduleText(std::string_view text, const PresetOptions& options, int steps) {
    if (text.size() > kMostScheduleText)
        throw Error(ErrorKind::Schedule,
                    {"cannot read the schedule", fmt::format("{} bytes of text", text.size()),
                     fmt::format("a schedule takes at most {}", kMostScheduleText),
                     "Choose a file that holds a schedule and nothing else"});
    ScheduleText read;
    std::string notation;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.starts_with('#'))
            notation.append(line).append(" ");
        else if (read.name.empty())
            read.name = replaceInvalidUtf8(trimmed(line.substr(1)));
    }
    read.schedule = parseScheduleOrPreset(trimmed(notation), options, steps);
    return read;
}

} // namespace steploom
