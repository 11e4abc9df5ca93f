// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"

#include "engine/checkpoint/legacy_names.h"
#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/tensor_files.h"
#include "engine/checkpoint/weights_path.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/read_file.h"
#include "engine/core/sha256.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

namespace steploom {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kWhat = "cannot load the checkpoint";

[[noreturn]] void refuseConfig(const std::string& place, std::string why, std::string remedy) {
    throw Error(ErrorKind::Config, {kWhat, place, std::move(why), std::move(remedy)});
}

json parseConfig(std::string_view text, const std::string& path) {
    json config =
        parseJson(text, ErrorKind::Config, {kWhat, path, {}, "Correct the file or download it again"});
    if (!config.is_object())
        refuseConfig(path, fmt::format("it is {}, not an object", config.type_name()),
                     "Correct the file or download it again");
    return config;
}

json readConfig(const std::string& path) {
    if (std::error_code ignored; !fs::exists(path, ignored))
        refuseConfig(path, "there is no such file",
                     "Put the model's config.json beside its weights: only training checkpoints of MDLM "
                     "bring their own");
    return parseConfig(readFile(path, ErrorKind::Config, kWhat), path);
}

/// The value of a key, or nullptr when it is absent or null.
const json* find(const json& config, const std::string& key) {
    const auto found = config.find(key);
    return found == config.end() || found->is_null() ? nullptr : &*found;
}

const json& require(const Checkpoint& checkpoint, const std::string& key) {
    if (const json* value = find(checkpoint.config(), key))
        return *value;
    refuseConfig(checkpoint.configPlace(), fmt::format("it has no key \"{}\"", key),
                 "Add the key, or take the config.json that was published with these weights");
}

[[noreturn]] void refuseType(const Checkpoint& checkpoint, const std::string& key, const json& value,
                             const char* wanted) {
    // Objects and arrays may be large or deep, so only their kind is named.
    const std::string found = value.is_structured() ? value.type_name() : value.dump(-1, ' ', true);
    refuseConfig(checkpoint.configPlace(), fmt::format("\"{}\" is {}, not {}", key, found, wanted),
                 "Correct the value");
}

std::int64_t asInteger(const Checkpoint& checkpoint, const std::string& key, const json& value) {
    const bool tooLarge =
        value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    if (!value.is_number_integer() || tooLarge)
        refuseType(checkpoint, key, value, "an integer");
    return value.get<std::int64_t>();
}

double asNumber(const Checkpoint& checkpoint, const std::string& key, const json& value) {
    if (!value.is_number())
        refuseType(checkpoint, key, value, "a number");
    return value.get<double>();
}

bool asBoolean(const Checkpoint& checkpoint, const std::string& key, const json& value) {
    if (!value.is_boolean())
        refuseType(checkpoint, key, value, "true or false");
    return value.get<bool>();
}

std::string asText(const Checkpoint& checkpoint, const std::string& key, const json& value) {
    if (!value.is_string())
        refuseType(checkpoint, key, value, "a string");
    return value.get<std::string>();
}

} // namespace

struct Checkpoint::Hash {
    std::once_flag once;
    std::string hex;
};

Checkpoint Checkpoint::open(const fs::path& written) {
    const auto [path, asked] = splitWeightsPath(written);
    const TensorSource source = findTensors(path);
    Checkpoint checkpoint;
    checkpoint.m_folder = source.folder;
    checkpoint.m_path = path;
    checkpoint.m_configPlace = (source.folder / "config.json").string();
    // A training checkpoint may bring its own config; of all else config.json is read first, as the message
    // that it is absent says most.
    const bool mayBringConfig = source.kind == TensorSource::Kind::Torch;
    if (!mayBringConfig)
        checkpoint.m_config = readConfig(checkpoint.m_configPlace);
    TensorFiles opened = openTensorFiles(source, asked);
    if (opened.config) {
        checkpoint.m_config = std::move(*opened.config);
        checkpoint.m_configPlace = source.file.string() + ", hyper_parameters";
    } else if (mayBringConfig) {
        checkpoint.m_config = readConfig(checkpoint.m_configPlace);
    }
    const json* type = find(checkpoint.m_config, "model_type");
    checkpoint.m_tensors =
        canonicalNames(std::move(opened.tensors),
                       type && type->is_string() ? type->get<std::string>() : std::string(), path.string());
    checkpoint.m_files = std::move(opened.files);
    checkpoint.m_owned = std::move(opened.owned);
    checkpoint.m_weights = opened.weights;
    checkpoint.m_hash = std::make_shared<Hash>();
    return checkpoint;
}

Checkpoint Checkpoint::fromParts(const fs::path& folder, std::string_view config,
                                 std::map<std::string, TensorView> tensors) {
    Checkpoint checkpoint;
    checkpoint.m_folder = folder;
    checkpoint.m_path = folder;
    checkpoint.m_configPlace = (folder / "config.json").string();
    checkpoint.m_config = parseConfig(config, checkpoint.m_configPlace);
    checkpoint.m_tensors = std::move(tensors);
    checkpoint.m_hash = std::make_shared<Hash>();
    return checkpoint;
}

std::int64_t Checkpoint::integer(const std::string& key) const {
    return asInteger(*this, key, require(*this, key));
}

int Checkpoint::size(const std::string& key, int minimum, int maximum) const {
    const std::int64_t value = integer(key);
    if (value < minimum || value > maximum)
        refuseConfig(m_configPlace,
                     fmt::format("\"{}\" is {}, it must lie between {} and {}", key, value, minimum, maximum),
                     "Correct the value, or take the config.json that was published with these weights");
    return static_cast<int>(value);
}

int Checkpoint::sizeOr(const std::string& key, int fallback, int minimum, int maximum) const {
    return find(m_config, key) ? size(key, minimum, maximum) : fallback;
}

double Checkpoint::positiveOr(const std::string& key, double fallback) const {
    const double value = numberOr(key, fallback);
    if (!(value > 0) || !std::isfinite(value))
        refuseConfig(m_configPlace, fmt::format("\"{}\" is {}, it must be above zero", key, value),
                     "Correct the value, or take the config.json that was published with these weights");
    return value;
}

double Checkpoint::number(const std::string& key) const { return asNumber(*this, key, require(*this, key)); }
bool Checkpoint::boolean(const std::string& key) const { return asBoolean(*this, key, require(*this, key)); }
std::string Checkpoint::text(const std::string& key) const { return asText(*this, key, require(*this, key)); }

std::int64_t Checkpoint::integerOr(const std::string& key, std::int64_t fallback) const {
    const json* value = find(m_config, key);
    return value ? asInteger(*this, key, *value) : fallback;
}

double Checkpoint::numberOr(const std::string& key, double fallback) const {
    const json* value = find(m_config, key);
    return value ? asNumber(*this, key, *value) : fallback;
}

bool Checkpoint::booleanOr(const std::string& key, bool fallback) const {
    const json* value = find(m_config, key);
    return value ? asBoolean(*this, key, *value) : fallback;
}

std::string Checkpoint::textOr(const std::string& key, const std::string& fallback) const {
    const json* value = find(m_config, key);
    return value ? asText(*this, key, *value) : fallback;
}

const TensorView& Checkpoint::tensor(const std::string& name) const {
    const auto found = m_tensors.find(name);
    if (found == m_tensors.end())
        throw Error(ErrorKind::Tensors,
                    {kWhat, m_path.string(), fmt::format("there is no tensor \"{}\"", name),
                     "Check that config.json and the weights belong to the same model"});
    return found->second;
}

DType Checkpoint::storedType() const noexcept {
    constexpr std::array kFloating = {DType::F32, DType::BF16, DType::F16, DType::F64};
    std::array<std::size_t, kFloating.size()> elements{};
    for (const auto& [name, tensor] : m_tensors)
        for (std::size_t i = 0; i < kFloating.size(); ++i)
            if (tensor.dtype == kFloating[i])
                elements[i] += tensor.elements();
    return kFloating[static_cast<std::size_t>(std::max_element(elements.begin(), elements.end()) -
                                              elements.begin())];
}

std::int64_t Checkpoint::parameters() const {
    std::int64_t count = 0;
    std::set<std::pair<const std::byte*, std::size_t>> counted; // tied weights have two names
    for (const auto& [name, tensor] : m_tensors)
        if (isFloating(tensor.dtype) && counted.emplace(tensor.bytes.data(), tensor.bytes.size()).second)
            count += static_cast<std::int64_t>(tensor.elements());
    return count;
}

void Checkpoint::requireUnchanged() const {
    for (const auto& file : m_files)
        file->requireUnchanged();
}

const std::string& Checkpoint::sha256() const {
    requireUnchanged();
    std::call_once(m_hash->once, [this] {
        Sha256 digest;
        constexpr std::size_t kStretch = std::size_t{64} << 20;
        for (const auto& file : m_files) {
            for (auto rest = file->bytes(); !rest.empty();) {
                const auto stretch = rest.first(std::min(kStretch, rest.size()));
                digest.add(stretch);
                file->releasePages();
                rest = rest.subspan(stretch.size());
            }
        }
        m_hash->hex = digest.hex();
    });
    return m_hash->hex;
}

void Checkpoint::releasePages() const noexcept {
    for (const auto& file : m_files)
        file->releasePages();
}

} // namespace steploom
