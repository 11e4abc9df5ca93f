// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/report_command.h"

#include "engine/reports/repeat_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace steploom {

QString reportCommand(const ReportChoice& choice, ReportFormat format, const QString& file,
                      const std::filesystem::path& store) {
    std::string command = "steploom-cli report --store " + shellQuoted(store.string()) +
                          fmt::format(" --runs {}", fmt::join(choice.runs, " "));
    // Joined by "=": a text may begin like an option.
    const auto add = [&](const char* option, const std::string& value) {
        if (!value.empty())
            command += fmt::format(" {}={}", option, shellQuoted(value));
    };
    if (choice.parts.size() != allReportParts().size()) {
        std::vector<std::string_view> names;
        for (const ReportPart part : choice.parts)
            names.push_back(reportPartName(part));
        add("--sections", fmt::format("{}", fmt::join(names, ",")));
    }
    add("--title", choice.title);
    add("--author", choice.author);
    add("--remarks", choice.remarks);
    if (choice.samples != ReportChoice().samples)
        command += fmt::format(" --samples {}", choice.samples);
    const std::string path = file.toStdString();
    if (reportFormatOf(path) != format)
        command += fmt::format(" --format {}", reportFormatName(format));
    command += " --out " + shellQuoted(path);
    return QString::fromStdString(command);
}

} // namespace steploom
