// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace steploom {

// A bundle is a zip archive, by convention NAME.steploom:
//
//     manifest.json                        what is inside, with the SHA-256 of every other entry
//     runs/IDENTITY/run.json               a run (run_identity.h) without its traces
//     runs/IDENTITY/samples/INDEX.trace    a sample's trace, as in the store (trace_blob.h)
//     schedules.json                       schedules of the library
//     checkpoints/SHA256/FILE              weights, configuration and tokenizer of a pool member
//     tokenizers/SHA256/FILE               a tokenizer that a request names beside its pool

inline constexpr int kBundleFormat = 1;
inline constexpr const char* kManifestEntry = "manifest.json";
inline constexpr const char* kSchedulesEntry = "schedules.json";

std::string runEntry(const std::string& identity);
std::string traceEntry(const std::string& identity, int sample);
/// "runs/IDENTITY/", "checkpoints/SHA256/"
std::string runFolder(const std::string& identity);
std::string checkpointFolder(const std::string& sha256);
std::string tokenizerFolder(const std::string& sha256);

struct BundleEntry {
    std::uint64_t bytes = 0; ///< unpacked
    std::string sha256;
};

/// A tokenizer of a bundle; `path` is how the requests in it name it.
struct BundledTokenizer {
    std::string sha256; ///< over names and bytes of its files
    std::string path;
};

struct BundleManifest {
    std::string program;                  ///< version that wrote it
    std::string created;                  ///< UTC, ISO 8601
    std::vector<std::string> runs;        ///< identities, oldest first: a branch after its parent
    std::vector<std::string> checkpoints; ///< SHA-256
    std::vector<BundledTokenizer> tokenizers;
    std::map<std::string, BundleEntry> entries; ///< all but the manifest, by name
};

nlohmann::json manifestJson(const BundleManifest& manifest);

/// Nothing in it is believed: every name has to be one that a bundle may have, of a run, checkpoint or
/// tokenizer that is listed, and lists name nothing twice. `where` names the file. Throws Error(File), for a
/// newer format too.
BundleManifest parseManifest(std::string_view text, const std::string& where);

} // namespace steploom
