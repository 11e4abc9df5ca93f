// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/tensor_files.h"

#include "engine/checkpoint/cut_list.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/read_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace steploom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWhat = "cannot load the checkpoint";

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

/// Reads one PyTorch file into `result`, all but the tensors, which it returns.
std::map<std::string, TensorView> readTorch(const fs::path& path, std::optional<WeightSet> asked,
                                            TensorFiles& result) {
    const auto& file = result.files.emplace_back(MappedFile::open(path));
    TorchFile torch = TorchFile::read(file->bytes(), path.string());
    TorchWeights weights = takeWeights(torch, asked);
    result.owned.insert(result.owned.end(), torch.owned().begin(), torch.owned().end());
    result.config = std::move(weights.config);
    result.weights = weights.set;
    return std::move(weights.tensors);
}

TensorFiles openShards(const TensorSource& source) {
    const fs::path& folder = source.folder;
    const ShardTable shards = readIndex(source.file);
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
        auto held = source.kind == TensorSource::Kind::SafetensorsIndex
                        ? readSafetensors(*result.files.emplace_back(MappedFile::open(folder / name)))
                        : readTorch(folder / name, {}, result);
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
                    {kWhat, source.file.string(),
                     fmt::format("{} tensors are not in the shard that the index names: {}", lacking.size(),
                                 cutList(lacking)),
                     "Index and shards are of different versions: download all of them again"});
    // What the index does not list is there all the same: requireTensors says whether it is one too many.
    result.tensors.merge(unlisted);
    return result;
}

/// What a folder may hold, best first: safetensors say the same and need no pickle.
struct KnownName {
    const char* name;
    TensorSource::Kind kind;
};
constexpr std::array kKnownNames = {
    KnownName{"model.safetensors", TensorSource::Kind::Safetensors},
    KnownName{"model.safetensors.index.json", TensorSource::Kind::SafetensorsIndex},
    KnownName{"pytorch_model.bin", TensorSource::Kind::Torch},
    KnownName{"pytorch_model.bin.index.json", TensorSource::Kind::TorchIndex}};

bool isTrainingFile(const fs::path& path) {
    const fs::path extension = path.extension();
    return extension == ".ckpt" || extension == ".pt" || extension == ".pth";
}

TensorSource findInFolder(const fs::path& folder) {
    for (const auto& [name, kind] : kKnownNames)
        if (isThere(folder / name))
            return {kind, folder, folder / name};
    std::vector<fs::path> found;
    std::error_code problem;
    for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
         entry.increment(problem))
        if (std::error_code ignored; isTrainingFile(entry->path()) && entry->is_regular_file(ignored))
            found.push_back(entry->path());
    if (found.size() == 1)
        return {TensorSource::Kind::Torch, folder, found.front()};
    if (found.empty())
        return {TensorSource::Kind::None, folder, {}};
    std::ranges::sort(found);
    std::vector<std::string> names;
    for (const fs::path& file : found)
        names.push_back(file.filename().string());
    throw Error(ErrorKind::File, {kWhat, folder.string(),
                                  fmt::format("it holds {} checkpoints: {}", names.size(), cutList(names)),
                                  "Give the path of the one you mean"});
}

TensorSource findFile(const fs::path& path) {
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    for (const auto& [name, kind] : kKnownNames)
        if (path.filename() == name)
            return {kind, folder, path};
    if (path.extension() == ".safetensors")
        return {TensorSource::Kind::Safetensors, folder, path};
    if (path.extension() == ".bin" || isTrainingFile(path))
        return {TensorSource::Kind::Torch, folder, path};
    throw Error(ErrorKind::File,
                {kWhat, path.string(),
                 "it is not a folder, nor a file that ends in .safetensors, .bin, .ckpt, .pt or .pth",
                 "Give the folder that holds config.json and model.safetensors, or a checkpoint file"});
}

} // namespace

TensorSource findTensors(const fs::path& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored))
        return findInFolder(path);
    if (isThere(path))
        return findFile(path);
    throw Error(ErrorKind::File,
                {kWhat, path.string(), "there is no such folder or file",
                 "Give the folder that holds config.json and model.safetensors, or a checkpoint file"});
}

TensorFiles openTensorFiles(const TensorSource& source, std::optional<WeightSet> asked) {
    TensorFiles result;
    switch (source.kind) {
    case TensorSource::Kind::Safetensors:
        result.tensors = readSafetensors(*result.files.emplace_back(MappedFile::open(source.file)));
        break;
    case TensorSource::Kind::SafetensorsIndex:
    case TensorSource::Kind::TorchIndex:
        result = openShards(source);
        break;
    case TensorSource::Kind::Torch:
        result.tensors = readTorch(source.file, asked, result);
        break;
    case TensorSource::Kind::None:
        throw Error(
            ErrorKind::File,
            {kWhat, source.folder.string(),
             "there is neither model.safetensors nor pytorch_model.bin, nor an index of either, nor a "
             ".ckpt, .pt or .pth file",
             "Give the folder of a model in Hugging Face format, or a checkpoint file"});
    }
    return result;
}

} // namespace steploom
