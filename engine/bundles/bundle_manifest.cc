// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/bundle_manifest.h"

#include "engine/bundles/run_identity.h"
#include "engine/checkpoint/shown_name.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace steploom {

namespace {

constexpr std::string_view kRuns = "runs/", kCheckpoints = "checkpoints/", kTokenizers = "tokenizers/",
                           kSamples = "samples/", kTrace = ".trace";
constexpr std::size_t kSha256 = 64;
constexpr std::size_t kLongestFileName = 200;

/// A file of a checkpoint's own folder: visible, without a path in it.
bool isPlainFileName(std::string_view name) {
    return !name.empty() && name.size() <= kLongestFileName && name.front() != '.' &&
           std::ranges::none_of(name, [](char c) {
               return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
           });
}

/// "samples/12.trace", the number as this program writes it.
bool isTraceName(std::string_view name) {
    if (!name.starts_with(kSamples) || !name.ends_with(kTrace) ||
        name.size() < kSamples.size() + kTrace.size())
        return false;
    const std::string_view index =
        name.substr(kSamples.size(), name.size() - kSamples.size() - kTrace.size());
    return !index.empty() && index.size() <= 9 && (index == "0" || index.front() != '0') &&
           std::ranges::all_of(index, [](char c) { return c >= '0' && c <= '9'; });
}

class ManifestReader {
public:
    explicit ManifestReader(const std::string& where) : m_where(where) {}

    BundleManifest read(std::string_view text) const {
        const nlohmann::json json =
            parseJson(text, ErrorKind::File,
                      {"cannot read the bundle", m_where, {}, "Get the bundle again from who made it"});
        requireFormat(json);
        try {
            return manifestOf(json);
        } catch (const nlohmann::json::exception& cause) {
            refuse(cause.what());
        }
    }

private:
    [[noreturn]] void refuse(std::string why,
                             std::string remedy = "Get the bundle again from who made it") const {
        throw Error(ErrorKind::File, {"cannot read the bundle", m_where, std::move(why), std::move(remedy)});
    }

    void requireFormat(const nlohmann::json& json) const {
        const auto format = json.is_object() ? json.find("format") : json.end();
        if (format == json.end() || !format->is_number_integer() || *format < 1)
            refuse("it does not say which format it has", "Choose a file that runs export has written");
        if (*format > kBundleFormat) {
            const auto program = json.find("program");
            refuse(fmt::format("it has format {}, written by Steploom {}; this Steploom {} reads formats up "
                               "to {}",
                               format->dump(),
                               program != json.end() && program->is_string()
                                   ? shownName(program->get_ref<const std::string&>())
                                   : "of a later version",
                               kVersion, kBundleFormat),
                   "Import it with a newer Steploom");
        }
    }

    BundleManifest manifestOf(const nlohmann::json& json) const {
        BundleManifest manifest;
        json.at("program").get_to(manifest.program);
        json.at("created").get_to(manifest.created);
        json.at("runs").get_to(manifest.runs);
        json.at("checkpoints").get_to(manifest.checkpoints);
        std::vector<std::string> tokenizers;
        for (const nlohmann::json& tokenizer : json.at("tokenizers")) {
            manifest.tokenizers.push_back({tokenizer.at("sha256"), tokenizer.at("path")});
            tokenizers.push_back(manifest.tokenizers.back().sha256);
        }
        const std::set<std::string> runs = distinct(manifest.runs, "run");
        const std::set<std::string> checkpoints = distinct(manifest.checkpoints, "checkpoint");
        std::set<std::string> tokenizerSet; // one may have several paths
        for (const std::string& sha256 : tokenizers) {
            requireSha256(sha256, "tokenizer");
            tokenizerSet.insert(sha256);
        }
        for (const auto& [name, entry] : json.at("entries").items()) {
            if (!mayHave(name, runs, checkpoints, tokenizerSet))
                refuse(fmt::format("it lists \"{}\", which no bundle with these runs has", shownName(name)),
                       "No honest program writes such a bundle: if it came from somebody else, do not trust "
                       "it");
            const nlohmann::json& bytes = entry.at("bytes");
            if (!bytes.is_number_unsigned())
                refuse(fmt::format("the size of \"{}\" is no number", shownName(name)));
            BundleEntry& listed = manifest.entries[name];
            listed = {bytes.get<std::uint64_t>(), entry.at("sha256").get<std::string>()};
            requireSha256(listed.sha256, "hash");
        }
        for (const std::string& run : manifest.runs)
            if (!manifest.entries.contains(runEntry(run)))
                refuse(fmt::format("it lists run {}, but not its content", run));
        return manifest;
    }

    void requireSha256(const std::string& text, const char* what) const {
        if (!isSha256(text))
            refuse(fmt::format("\"{}\" is no SHA-256 of a {}", shownName(text), what));
    }

    std::set<std::string> distinct(const std::vector<std::string>& list, const char* what) const {
        std::set<std::string> set;
        for (const std::string& each : list) {
            requireSha256(each, what);
            if (!set.insert(each).second)
                refuse(fmt::format("it lists {} {} twice", what, each));
        }
        return set;
    }

    static bool mayHave(std::string_view name, const std::set<std::string>& runs,
                        const std::set<std::string>& checkpoints, const std::set<std::string>& tokenizers) {
        if (name == kSchedulesEntry)
            return true;
        const auto within = [name](std::string_view folder, const std::set<std::string>& owners,
                                   auto&& fits) {
            return name.starts_with(folder) && name.size() > folder.size() + kSha256 &&
                   name[folder.size() + kSha256] == '/' &&
                   owners.contains(std::string(name.substr(folder.size(), kSha256))) &&
                   fits(name.substr(folder.size() + kSha256 + 1));
        };
        return within(kRuns, runs,
                      [](std::string_view rest) { return rest == "run.json" || isTraceName(rest); }) ||
               within(kCheckpoints, checkpoints, isPlainFileName) ||
               within(kTokenizers, tokenizers, isPlainFileName);
    }

    const std::string& m_where;
};

std::string folderOf(std::string_view kind, const std::string& name) {
    return fmt::format("{}{}/", kind, name);
}

} // namespace

std::string runFolder(const std::string& identity) { return folderOf(kRuns, identity); }
std::string checkpointFolder(const std::string& sha256) { return folderOf(kCheckpoints, sha256); }
std::string tokenizerFolder(const std::string& sha256) { return folderOf(kTokenizers, sha256); }
std::string runEntry(const std::string& identity) { return runFolder(identity) + "run.json"; }
std::string traceEntry(const std::string& identity, int sample) {
    return fmt::format("{}{}{}{}", runFolder(identity), kSamples, sample, kTrace);
}

nlohmann::json manifestJson(const BundleManifest& manifest) {
    nlohmann::json tokenizers = nlohmann::json::array(), entries = nlohmann::json::object();
    for (const BundledTokenizer& tokenizer : manifest.tokenizers)
        tokenizers.push_back({{"sha256", tokenizer.sha256}, {"path", tokenizer.path}});
    for (const auto& [name, entry] : manifest.entries)
        entries[name] = {{"bytes", entry.bytes}, {"sha256", entry.sha256}};
    return {{"format", kBundleFormat},
            {"program", manifest.program},
            {"created", manifest.created},
            {"runs", manifest.runs},
            {"checkpoints", manifest.checkpoints},
            {"tokenizers", std::move(tokenizers)},
            {"entries", std::move(entries)}};
}

BundleManifest parseManifest(std::string_view text, const std::string& where) {
    return ManifestReader(where).read(text);
}

} // namespace steploom
