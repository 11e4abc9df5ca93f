// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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

/// A Hugging Face model folder: `config.json`, and `model.safetensors` or the shards that
/// `model.safetensors.index.json` names. The tensors stay on disk, memory-mapped; copies of a Checkpoint
/// share the mapping. Every error is an Error of kind File, Config or Tensors.
class Checkpoint {
public:
    /// Opens the folder and reads config and tensor tables; no tensor data is touched.
    static Checkpoint open(const std::filesystem::path& folder);
    /// From the text of a config.json and tensors that the caller keeps alive. Errors name `folder`; there
    /// are no files, so sha256() is that of nothing.
    static Checkpoint fromParts(const std::filesystem::path& folder, std::string_view config,
                                std::map<std::string, TensorView> tensors);

    const std::filesystem::path& folder() const noexcept { return m_folder; }
    const nlohmann::json& config() const noexcept { return m_config; }

    /// A value of config.json; throws Error(Config) naming the key when it is absent or of another type.
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
    /// Elements of all floating-point tensors.
    std::int64_t parameters() const noexcept;
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
    nlohmann::json m_config;
    std::vector<std::shared_ptr<const MappedFile>> m_files;
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
