// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/convert.h"

#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/tensor_statistics.h"
#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace steploom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTokenizerFiles[] = {"tokenizer.json",    "tokenizer_config.json",
                                           "vocab.json",        "merges.txt",
                                           "added_tokens.json", "special_tokens_map.json"};
constexpr std::size_t kStretch = 1 << 16; ///< elements converted at a time

[[noreturn]] void refuse(const fs::path& out, std::string why, std::string remedy) {
    throw Error(ErrorKind::File,
                {"cannot convert the checkpoint", out.string(), std::move(why), std::move(remedy)});
}

/// A folder beside its final place; gone with all in it unless it was renamed.
class FolderBeside {
public:
    explicit FolderBeside(const fs::path& final) : m_final(final.lexically_normal()) {
        if (!m_final.has_filename()) // a slash at the end
            m_final = m_final.parent_path();
        std::error_code problem;
        if (fs::exists(fs::symlink_status(m_final, problem)) && !fs::is_empty(m_final, problem))
            refuse(m_final, "there is something already", "Name a folder that does not exist yet");
        m_path = m_final;
        m_path += fmt::format(".{}.part", ::getpid());
        if (!fs::create_directory(m_path, problem))
            refuse(m_final,
                   fmt::format("no folder can be made there ({})",
                               problem ? problem.message() : m_path.string() + " exists"),
                   "Choose a place that exists and that you may write to");
    }
    ~FolderBeside() {
        std::error_code ignored;
        if (!m_path.empty())
            fs::remove_all(m_path, ignored);
    }
    FolderBeside(const FolderBeside&) = delete;
    FolderBeside& operator=(const FolderBeside&) = delete;

    const fs::path& path() const noexcept { return m_path; }
    void moveIntoPlace() {
        std::error_code problem;
        fs::rename(m_path, m_final, problem); // over an empty folder, never over a full one
        if (problem)
            refuse(m_final, fmt::format("the finished folder cannot take its place ({})", problem.message()),
                   "Check what stands at that path");
        m_path.clear();
    }

private:
    fs::path m_final;
    fs::path m_path;
};

/// Whether the config ties this head to the embedding, so that loaders read the embedding in its place.
bool isTiedHead(const Checkpoint& checkpoint, const std::string& name) {
    const bool byDefault = checkpoint.textOr("model_type", "") == "gpt2";
    return name == "lm_head.weight" && checkpoint.booleanOr("tie_word_embeddings", byDefault);
}

/// Hands a stretch of elements over as `to`.
void convertStretch(const TensorView& stretch, DType to, const ByteSink& sink) {
    if (stretch.dtype == to) {
        sink(stretch.bytes);
        return;
    }
    const std::vector<float> floats = stretch.toFloats();
    if (to == DType::F32) {
        sink(std::as_bytes(std::span(floats)));
        return;
    }
    std::vector<bf16_t> narrow(floats.size());
    std::ranges::transform(floats, narrow.begin(), toBf16);
    sink(std::as_bytes(std::span(narrow)));
}

/// What transformers calls a type, for the config's torch_dtype.
const char* torchName(DType dtype) {
    switch (dtype) {
    case DType::BF16:
        return "bfloat16";
    case DType::F16:
        return "float16";
    case DType::F64:
        return "float64";
    default:
        return "float32";
    }
}

void writeConfig(const Checkpoint& checkpoint, const Conversion& conversion, const fs::path& file) {
    nlohmann::json config = checkpoint.config();
    config["torch_dtype"] = torchName(conversion.floating.value_or(checkpoint.storedType()));
    std::ofstream stream(file, std::ios::binary);
    stream << config.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    stream.close();
    if (!stream)
        refuse(conversion.out, "config.json could not be written", "Free space on this disk");
}

} // namespace

Converted convertCheckpoint(const Checkpoint& checkpoint, const Conversion& conversion) {
    FolderBeside folder(conversion.out);
    writeConfig(checkpoint, conversion, folder.path() / "config.json");

    Converted converted;
    std::uint64_t total = 0, done = 0; // elements
    std::vector<TensorToProduce> tensors;
    for (const auto& [name, view] : checkpoint.tensors()) {
        if (isTiedHead(checkpoint, name))
            continue;
        const DType to = isFloating(view.dtype) ? conversion.floating.value_or(view.dtype) : view.dtype;
        total += view.elements();
        converted.bytes += view.elements() * dtypeSize(to);
        tensors.push_back({name, to, view.shape, [&, source = &view, to](const ByteSink& sink) {
                               for (std::size_t at = 0; at < source->elements(); at += kStretch) {
                                   if (conversion.stop.stop_requested())
                                       refuse(conversion.out, "it was stopped, and nothing is left of it",
                                              "Start it again");
                                   const TensorView stretch = stretchOf(*source, at, kStretch);
                                   convertStretch(stretch, to, sink);
                                   done += stretch.elements();
                                   if (conversion.progress)
                                       conversion.progress(static_cast<double>(done) /
                                                           static_cast<double>(total));
                               }
                           }});
    }
    converted.tensors = tensors.size();
    writeSafetensors(folder.path() / "model.safetensors", tensors);

    for (const char* name : kTokenizerFiles) {
        const fs::path source = checkpoint.folder() / name;
        std::error_code problem;
        if (!fs::is_regular_file(source, problem))
            continue;
        if (!fs::copy_file(source, folder.path() / name, problem))
            refuse(conversion.out,
                   fmt::format("{} could not be copied ({})", source.string(), problem.message()),
                   "Check the file and the space on this disk");
        converted.tokenizerFiles.emplace_back(name);
    }
    folder.moveIntoPlace();
    return converted;
}

} // namespace steploom
