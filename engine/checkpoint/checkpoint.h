// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/torch_weights.h"
#include "engine/tensor/dtype.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

class MappedFile;

/// A model on disk: a folder in Hugging Face format (`config.json`, and safetensors or PyTorch files, whole
/// or in shards), or a checkpoint that training left behind. The tensors stay on disk, memory-mapped,
/// wherever they lie there as they are needed; copies of a Checkpoint share the mapping. Their names are
/// those that the loaders know (legacy_names.h). Every error is an Error of kind File, Config or Tensors.
class Checkpoint {
public:
    /// Opens a folder or file (tensor_files.h says which) and reads config and tensor tables; no tensor data
    /// is touched but what has to be copied into row-major order. "PATH@raw" asks for the raw weights of a
    /// training checkpoint, whose averaged ones are otherwise used (weights_path.h).
    static Checkpoint open(const std::filesystem::path& path);
    /// From the text of a config.json and tensors that the caller keeps alive. Errors name `folder`; there
    /// are no files, so sha256() is that of nothing.
    static Checkpoint fromParts(const std::filesystem::path& folder, std::string_view config,
                                std::map<std::string, TensorView> tensors);

    /// The folder that config.json and tokenizer lie in; for a path to a file, the one around it.
    const std::filesystem::path& folder() const noexcept { return m_folder; }
    /// What was opened, without "@raw": for messages.
    const std::filesystem::path& path() const noexcept { return m_path; }
    /// Where the configuration is from: the path of config.json, or "last.ckpt, hyper_parameters".
    const std::string& configPlace() const noexcept { return m_configPlace; }
    /// Which of a training checkpoint's weights these are.
    WeightSet weights() const noexcept { return m_weights; }
    const nlohmann::json& config() const noexcept { return m_config; }

    /// A value of the config; throws Error(Config) naming the key when it is absent or of another type.
    std::int64_t integer(const std::string& key) const;
    /// A size that a model is built from: a whole number in [minimum, maximum]. Layers divide by sizes and
    /// reserve memory for them, so a config may name neither none nor more than any model has.
    int size(const std::string& key, int minimum = 1, int maximum = kMostOfAnySize) const;
    int sizeOr(const std::string& key, int fallback, int minimum = 1, int maximum = kMostOfAnySize) const;
    static constexpr int kMostOfAnySize = 1 << 24;
    static constexpr int kMostBlocks = 10'000;
    /// A number above zero (epsilons, rotary bases), with a default for an absent key.
    double positiveOr(const std::string& key, double fallback) const;
    double number(const std::string& key) const;
    bool boolean(const std::string& key) const;
    std::string text(const std::string& key) const;
    /// As above, with a default for an absent (or null) key.
    std::int64_t integerOr(const std::string& key, std::int64_t fallback) const;
    double numberOr(const std::string& key, double fallback) const;
    bool booleanOr(const std::string& key, bool fallback) const;
    std::string textOr(const std::string& key, const std::string& fallback) const;

    bool has(const std::string& name) const noexcept { return m_tensors.contains(name); }
    /// Throws Error(Tensors) when there is no such tensor.
    const TensorView& tensor(const std::string& name) const;
    const std::map<std::string, TensorView>& tensors() const noexcept { return m_tensors; }

    /// The floating-point type that holds most elements: what "stored" means in reports.
    DType storedType() const noexcept;
    /// Elements of all floating-point tensors; what two names share counts once.
    std::int64_t parameters() const;
    /// Throws Error(File) when a tensor file was shortened or written to since it was opened; to be asked
    /// before tensors are read, and after, when all of them must be of one state.
    void requireUnchanged() const;
    /// SHA-256 over the tensor files' bytes in the order of their names; computed on first use and kept.
    const std::string& sha256() const;

    /// Lets go of the files' pages that were read so far. A loader calls it as it goes, so that a model's
    /// memory is its weights and not its weights beside their file.
    void releasePages() const noexcept;

private:
    struct Hash;
    std::filesystem::path m_folder;
    std::filesystem::path m_path;
    std::string m_configPlace;
    nlohmann::json m_config;
    WeightSet m_weights = WeightSet::Only;
    std::vector<std::shared_ptr<const MappedFile>> m_files;
    std::vector<OwnedBytes> m_owned;
    std::map<std::string, TensorView> m_tensors;
    std::shared_ptr<Hash> m_hash;
};

/// A tensor that a model needs, with the shape that its config implies.
struct ExpectedTensor {
    std::string name;
    std::vector<std::int64_t> shape;
};

/// Holds a checkpoint against what its model needs and throws one Error(Tensors) that lists all missing,
/// misshaped, non-floating and extra tensors, and all that hold NaN or infinity, at once. Names for which
/// `ignored` returns true (buffers that published files carry along) are no extras.
void requireTensors(const Checkpoint& checkpoint, std::span<const ExpectedTensor> expected,
                    bool (*ignored)(const std::string& name) = nullptr);

} // namespace steploom
