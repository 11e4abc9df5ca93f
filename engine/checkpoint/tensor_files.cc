// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/tensor_files.h"

#include "engine/checkpoint/cut_list.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/read_file.h"

#include <fmt/format.h>

#include <system_error>

namespace steploom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWhat = "cannot load the checkpoint";
constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

/// Shard name → names of the tensors it should hold.
using ShardTable = std::map<std::string, std::vector<std::string>>;

/// std::filesystem::exists without its exceptions: a name from a file may be too long to ask for.
bool isThere(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// A shard lies beside its index. Names are judged as written: the folders of the Hugging Face cache consist
/// of symbolic links, so where a link leads says nothing, but a name with a path in it could be led anywhere.
bool isPlainName(const std::string& name) {
    return !name.empty() && name != "." && name != ".." &&
           name.find_first_of(std::string("/\\\0", 3)) == name.npos;
}

ShardTable readIndex(const fs::path& path) {
    const auto refuse = [&path](std::string why, std::string remedy) {
        throw Error(ErrorKind::File, {kWhat, path.string(), std::move(why), std::move(remedy)});
    };
    const nlohmann::json index = parseJson(readFile(path, ErrorKind::File, kWhat), ErrorKind::File,
                                           {kWhat, path.string(), {}, "Download the index again"});
    const auto weights = index.is_object() ? index.find("weight_map") : index.end();
    if (weights == index.end() || !weights->is_object() || weights->empty())
        refuse("it has no \"weight_map\" that assigns tensors to files", "Download the index again");
    ShardTable shards;
    for (const auto& [tensor, file] : weights->items()) {
        if (!file.is_string())
            refuse(
                fmt::format("tensor \"{}\" is assigned to {}, not to a file name", tensor, file.type_name()),
                "Download the index again");
        const auto& name = file.get_ref<const std::string&>();
        if (!isPlainName(name))
            refuse(
                fmt::format("tensor \"{}\" is assigned to {}, which is not the name of a file in this folder",
                            tensor, file.dump()),
                "Put all shards beside the index and name them without a path; if this came from somebody "
                "else, "
                "do not trust it");
        shards[name].push_back(tensor);
    }
    return shards;
}

TensorFiles openShards(const fs::path& folder) {
    const ShardTable shards = readIndex(folder / kIndex);
    std::vector<std::string> absent;
    for (const auto& [name, tensors] : shards)
        if (!isThere(folder / name))
            absent.push_back(fmt::format("{} ({} tensors)", name, tensors.size()));
    if (!absent.empty())
        throw Error(ErrorKind::File, {kWhat, folder.string(),
                                      fmt::format("{} of {} shards are missing: {}", absent.size(),
                                                  shards.size(), cutList(absent)),
                                      "Download the missing files into this folder"});

    TensorFiles result;
    std::vector<std::string> lacking;
    std::map<std::string, TensorView> unlisted;
    for (const auto& [name, tensors] : shards) { // a map: in the order of their names
        const auto& file = result.files.emplace_back(MappedFile::open(folder / name));
        auto held = readSafetensors(*file);
        for (const std::string& tensor : tensors) {
            if (auto node = held.extract(tensor))
                result.tensors.insert(std::move(node));
            else
                lacking.push_back(fmt::format("{} (should be in {})", tensor, name));
        }
        unlisted.merge(held);
    }
    if (!lacking.empty())
        throw Error(ErrorKind::File,
                    {kWhat, (folder / kIndex).string(),
                     fmt::format("{} tensors are not in the shard that the index names: {}", lacking.size(),
                                 cutList(lacking)),
                     "Index and shards are of different versions: download all of them again"});
    // What the index does not list is there all the same: requireTensors says whether it is one too many.
    result.tensors.merge(unlisted);
    return result;
}

} // namespace

TensorFiles openTensorFiles(const fs::path& folder) {
    if (isThere(folder / kSingle)) {
        TensorFiles result;
        result.files.push_back(MappedFile::open(folder / kSingle));
        result.tensors = readSafetensors(*result.files.front());
        return result;
    }
    if (isThere(folder / kIndex))
        return openShards(folder);
    const bool pickled = isThere(folder / "pytorch_model.bin");
    throw Error(ErrorKind::File,
                {kWhat, folder.string(),
                 fmt::format("there is neither {} nor {}{}", kSingle, kIndex,
                             pickled ? ", only a pytorch_model.bin" : ""),
                 pickled ? "Save the model as safetensors (save_pretrained with safe_serialization=True)"
                         : "Give the folder of a model in Hugging Face format"});
}

} // namespace steploom
