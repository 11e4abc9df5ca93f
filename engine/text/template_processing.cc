// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/template_processing.h"

#include "engine/text/json_fields.h"

namespace steploom {
namespace {

using nlohmann::json;

/// A template adds a token or two; one that names a long list many times over would fill the memory.
constexpr std::size_t kMostAddedIds = 1000;

void appendSpecial(const json& processor, const std::string& name, const std::string& where,
                   std::vector<std::int32_t>& ids) {
    const json* table = fieldOf(processor, "special_tokens");
    const json* special = table ? fieldOf(*table, name.c_str()) : nullptr;
    if (!special)
        refuseTokenizer(where,
                        fmt::format("the template names \"{}\", which is not among its special_tokens", name),
                        kTakePublishedFile);
    forEachIn(*special, "ids", where, [&](const json& id) {
        const bool fits = id.is_number_integer() && id >= 0 && id <= INT32_MAX;
        if (!fits)
            refuseTokenizer(where, fmt::format("an id of the special token \"{}\" cannot be an id", name),
                            kTakePublishedFile);
        if (ids.size() == kMostAddedIds)
            refuseTokenizer(where, fmt::format("it adds more than {} tokens to a text", kMostAddedIds),
                            kTakePublishedFile);
        ids.push_back(id.get<std::int32_t>());
    });
}

/// One processor works on what the one before it made, so its tokens come outside.
void wrap(const json& processor, const std::string& where, std::vector<std::int32_t>& before,
          std::vector<std::int32_t>& after) {
    std::vector<std::int32_t> outerBefore, outerAfter;
    int texts = 0;
    forEachIn(processor, "single", where, [&](const json& part) {
        if (const json* special = fieldOf(part, "SpecialToken")) {
            appendSpecial(processor, stringOf(*special, "id", where), where,
                          texts ? outerAfter : outerBefore);
            return;
        }
        const json* sequence = fieldOf(part, "Sequence");
        if (!sequence || stringOf(*sequence, "id", where) != "A")
            refuseTokenizer(where, "a part of \"single\" is neither a SpecialToken nor the Sequence A",
                            kTakePublishedFile);
        ++texts;
    });
    if (before.size() + after.size() > kMostAddedIds)
        refuseTokenizer(where, fmt::format("its templates add more than {} tokens to a text", kMostAddedIds),
                        kTakePublishedFile);
    if (texts != 1)
        refuseTokenizer(where, fmt::format("\"single\" holds the text {} times, not once", texts),
                        kTakePublishedFile);
    before.insert(before.begin(), outerBefore.begin(), outerBefore.end());
    after.insert(after.end(), outerAfter.begin(), outerAfter.end());
}

} // namespace

void readTemplate(const json& processor, const std::string& file, std::vector<std::int32_t>& before,
                  std::vector<std::int32_t>& after) {
    const std::string where = file + ", post_processor";
    const auto read = [&](const json& stage) {
        const std::string& type = stringOf(stage, "type", where);
        if (type == "TemplateProcessing")
            wrap(stage, where, before, after);
        else if (type != "ByteLevel")
            refuseTokenizer(
                where, fmt::format("its type \"{}\" is not known here", type),
                "Steploom reads TemplateProcessing and ByteLevel: write the same as a TemplateProcessing");
    };
    if (stringOf(processor, "type", where) == "Sequence")
        forEachIn(processor, "processors", where, read);
    else
        read(processor);
}

} // namespace steploom
