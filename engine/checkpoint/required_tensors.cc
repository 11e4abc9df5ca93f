// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"

#include "engine/checkpoint/cut_list.h"
#include "engine/core/error.h"

#include <fmt/format.h>

#include <cstring>
#include <set>

namespace steploom {
namespace {

struct NotFinite {
    std::size_t nan = 0;
    std::size_t infinite = 0;
};

/// Counts by the bits: an exponent of all ones is infinity when the fraction is zero, and NaN otherwise.
template <typename Word>
NotFinite countNotFinite(std::span<const std::byte> bytes, Word infinity) {
    constexpr Word kMagnitude = static_cast<Word>(~Word{0}) >> 1;
    std::size_t infinite = 0, beyond = 0;
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(Word)) {
        Word word; // mapped files promise no alignment
        std::memcpy(&word, bytes.data() + at, sizeof word);
        infinite += (word & kMagnitude) == infinity;
        beyond += (word & kMagnitude) > infinity;
    }
    return {beyond, infinite};
}

NotFinite countNotFinite(const TensorView& tensor) {
    switch (tensor.dtype) {
    case DType::F64:
        return countNotFinite<std::uint64_t>(tensor.bytes, 0x7FF0'0000'0000'0000u);
    case DType::F32:
        return countNotFinite<std::uint32_t>(tensor.bytes, 0x7F80'0000u);
    case DType::F16:
        return countNotFinite<std::uint16_t>(tensor.bytes, 0x7C00u);
    case DType::BF16:
        return countNotFinite<std::uint16_t>(tensor.bytes, 0x7F80u);
    default:
        return {};
    }
}

/// What is wrong, by kind of fault.
struct Faults {
    std::vector<std::string> missing, misshaped, notFloating, notFinite, extra;

    std::string text() const {
        std::string text;
        const auto add = [&text](const char* kind, const std::vector<std::string>& entries) {
            if (!entries.empty())
                text += fmt::format("{}{} {}: {}", text.empty() ? "" : "; ", entries.size(), kind,
                                    cutList(entries));
        };
        add("missing", missing);
        add("of another shape", misshaped);
        add("not floating-point", notFloating);
        add("not finite", notFinite);
        add("unknown to this architecture", extra);
        return text;
    }

    std::string remedy() const {
        if (missing.empty() && misshaped.empty() && notFloating.empty() && extra.empty())
            return "The weights are broken (training may have diverged): take an earlier checkpoint";
        return "Check that config.json and the weights belong to the same model";
    }
};

void check(const TensorView& tensor, const ExpectedTensor& wanted, Faults& faults) {
    if (tensor.shape != wanted.shape)
        faults.misshaped.push_back(fmt::format("{} is {}, expected {}", wanted.name, shapeText(tensor.shape),
                                               shapeText(wanted.shape)));
    if (!isFloating(tensor.dtype)) {
        faults.notFloating.push_back(fmt::format("{} is {}", wanted.name, dtypeName(tensor.dtype)));
        return;
    }
    const NotFinite count = countNotFinite(tensor);
    if (count.nan || count.infinite)
        faults.notFinite.push_back(fmt::format("{} holds {} NaN and {} infinite of {}", wanted.name,
                                               count.nan, count.infinite, tensor.elements()));
}

} // namespace

void requireTensors(const Checkpoint& checkpoint, std::span<const ExpectedTensor> expected,
                    bool (*ignored)(const std::string& name)) {
    Faults faults;
    std::set<std::string> known;
    std::size_t read = 0;
    for (const ExpectedTensor& wanted : expected) {
        known.insert(wanted.name);
        if (!checkpoint.has(wanted.name)) {
            faults.missing.push_back(fmt::format("{} {}", wanted.name, shapeText(wanted.shape)));
            continue;
        }
        const TensorView& tensor = checkpoint.tensor(wanted.name);
        check(tensor, wanted, faults);
        constexpr std::size_t kStretch = std::size_t{64} << 20;
        if ((read += tensor.bytes.size()) >= kStretch) {
            checkpoint.releasePages();
            read = 0;
        }
    }
    for (const auto& [name, tensor] : checkpoint.tensors())
        if (!known.contains(name) && !(ignored && ignored(name)))
            faults.extra.push_back(fmt::format("{} {}", name, shapeText(tensor.shape)));
    if (const std::string text = faults.text(); !text.empty())
        throw Error(ErrorKind::Tensors, {"the tensors do not fit the model", checkpoint.folder().string(),
                                         text, faults.remedy()});
}

} // namespace steploom
