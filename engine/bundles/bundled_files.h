// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/bundles/bundle_reader.h"
#include "engine/sampling/model_pool.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace steploom {

/// Where an import puts checkpoints and tokenizers for a store: folders beside its file, by SHA-256.
std::filesystem::path checkpointPlace(const std::filesystem::path& store, const std::string& sha256);
std::filesystem::path tokenizerPlace(const std::filesystem::path& store, const std::string& sha256);

/// The files that a checkpoint needs and no others of its folder: tensors, and whatever .json and .txt lies
/// beside them (configuration, tokenizer). Throws Error(File) when there are none.
std::vector<std::shared_ptr<const MappedFile>> checkpointFiles(const std::string& path);
/// The same of a tokenizer's path, which is a file or a folder.
std::vector<std::shared_ptr<const MappedFile>> tokenizerFiles(const std::string& path);
/// Over names and bytes.
std::string sha256Of(std::span<const std::shared_ptr<const MappedFile>> files);

/// What a path of another machine becomes in `place`, which holds `files`: "last.ckpt@raw" stays the file and
/// the weights in it, everything else is the folder.
std::string pathWithin(const std::filesystem::path& place, const std::string& path,
                       std::span<const std::string> files);

/// Writes the files of the bundle's `folder` into `place`, all or none: a folder that is there stays as it
/// is, and false is returned. `check` is given the folder before it takes its name and may throw.
bool unpack(const BundleReader& bundle, const std::string& folder, const std::filesystem::path& place,
            const std::function<void(const std::filesystem::path&)>& check);

/// The checkpoint that a run asks for, found by its SHA-256: at the path that the run names, or where an
/// import puts it beside `store`. Throws Error(File) that says which is wanted and where it was looked for.
/// A member without SHA-256 (runs that were not made from files) is taken at its path.
std::string findCheckpoint(const PoolMemberSpec& member, const std::filesystem::path& store);

} // namespace steploom
