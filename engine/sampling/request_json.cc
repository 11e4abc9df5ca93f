// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/sampling/generation_request.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace steploom {

namespace {

using Json = nlohmann::json;

constexpr std::uint32_t kMost = std::numeric_limits<int>::max();

/// A value as a message shows it: ASCII, and not longer than a glance.
std::string shown(const Json& value) {
    return value.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 40);
}

/// Reads the keys of one object; every refusal names the key with its place ("pool[1].path").
class KeyReader {
public:
    KeyReader(const Json& object, std::string place) : m_object(object), m_place(std::move(place)) {
        if (!object.is_object())
            refuse(m_place.empty() ? "the request" : m_place, "it is not an object");
    }

    std::string text(const char* key) const {
        const Json& value = at(key);
        if (!value.is_string())
            refuse(named(key), fmt::format("it must be text, and is {}", shown(value)));
        return value.get<std::string>();
    }
    int integer(const char* key) const {
        const Json& value = at(key);
        // Parsed values are unsigned unless negative; a huge one would wrap when read as signed.
        const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > kMost;
        if (!value.is_number_integer() || huge || value.get<std::int64_t>() > std::int64_t{kMost} ||
            value.get<std::int64_t>() < -std::int64_t{kMost})
            refuse(named(key),
                   fmt::format("it must be a whole number of at most {}, and is {}", kMost, shown(value)));
        return value.get<int>();
    }
    std::uint64_t seed(const char* key) const {
        const Json& value = at(key);
        // Values made by a program are signed even when they are not negative; parsed ones are unsigned.
        if (!value.is_number_integer() || (!value.is_number_unsigned() && value < 0))
            refuse(named(key),
                   fmt::format("it must be a whole number from 0 to 2^64 − 1, and is {}", shown(value)));
        return value.get<std::uint64_t>();
    }
    double number(const char* key) const {
        const Json& value = at(key);
        if (!value.is_number())
            refuse(named(key), fmt::format("it must be a number, and is {}", shown(value)));
        return value.get<double>();
    }
    bool boolean(const char* key) const {
        const Json& value = at(key);
        if (!value.is_boolean())
            refuse(named(key), fmt::format("it must be true or false, and is {}", shown(value)));
        return value.get<bool>();
    }
    const Json& list(const char* key) const {
        const Json& value = at(key);
        if (!value.is_array())
            refuse(named(key), "it must be a list");
        return value;
    }
    const Json& object(const char* key) const { return at(key); }
    /// A value that a parser of its own reads; its Error is told with the key.
    template <typename Parse>
    auto parsed(const char* key, Parse&& parse) const {
        const std::string value = text(key);
        try {
            return parse(value);
        } catch (const Error& error) {
            refuse(named(key), fmt::format("{}: {}", error.parts().where, error.parts().why));
        }
    }

    bool has(const char* key) const { return m_object.contains(key); }
    std::string named(const char* key) const { return m_place.empty() ? key : m_place + '.' + key; }

    [[noreturn]] static void refuse(const std::string& key, std::string why) {
        throw Error(ErrorKind::Request, {"cannot read the request", fmt::format("key {}", key),
                                         std::move(why), "Compare with a request that this program wrote"});
    }

private:
    const Json& at(const char* key) const {
        const auto found = m_object.find(key);
        if (found == m_object.end())
            refuse(named(key), "it is missing");
        return *found;
    }

    const Json& m_object;
    std::string m_place;
};

PoolMemberSpec readMember(const KeyReader& keys) {
    PoolMemberSpec spec;
    const std::string letter = keys.text("letter");
    if (letter.size() != 1 || letter[0] < 'A' || letter[0] > 'Z')
        KeyReader::refuse(keys.named("letter"), "it must be one letter from A to Z");
    spec.letter = letter[0];
    spec.name = keys.text("name");
    spec.path = keys.text("path");
    spec.precision = keys.parsed("precision", [](const std::string& text) { return parsePrecision(text); });
    spec.sha256 = keys.text("sha256");
    return spec;
}

/// A list of rows of numbers, each row of a given width.
std::vector<std::vector<double>> readRows(const KeyReader& keys, const char* key, std::size_t width) {
    // Beyond a float lies infinity, which no JSON can say.
    constexpr double kGreatest = std::numeric_limits<float>::max();
    const auto fits = [](const Json& value) {
        return value.is_number() && std::abs(value.get<double>()) <= kGreatest;
    };
    std::vector<std::vector<double>> rows;
    for (const Json& row : keys.list(key)) {
        if (!row.is_array() || row.size() != width || !std::ranges::all_of(row, fits))
            KeyReader::refuse(keys.named(key),
                              fmt::format("a row must be {} numbers, and is {}", width, shown(row)));
        rows.push_back(row.get<std::vector<double>>());
    }
    return rows;
}

/// A whole number that fits; what is none becomes one that no check lets through.
template <typename Integer>
Integer wholeNumber(double value) {
    const bool fits =
        value >= std::numeric_limits<Integer>::min() && value <= std::numeric_limits<Integer>::max();
    return fits && value == std::floor(value) ? static_cast<Integer>(value)
                                              : std::numeric_limits<Integer>::min();
}

BranchPoint readBranch(const KeyReader& keys) {
    BranchPoint branch;
    branch.parent = keys.integer("run");
    branch.sample = keys.integer("sample");
    branch.step = keys.integer("step");
    branch.noise = static_cast<std::uint32_t>(keys.seed("noise"));
    for (const std::vector<double>& row : readRows(keys, "tokens", 6))
        branch.tokens.push_back({.position = wholeNumber<std::int32_t>(row[0]),
                                 .token = wholeNumber<std::int32_t>(row[1]),
                                 .revealStep = wholeNumber<std::int32_t>(row[2]),
                                 .member = wholeNumber<std::int8_t>(row[3]),
                                 .logProbability = static_cast<float>(row[4]),
                                 .entropy = static_cast<float>(row[5])});
    for (const std::vector<double>& row : readRows(keys, "before", 7))
        branch.before.push_back({.position = wholeNumber<std::int32_t>(row[0]),
                                 .token = wholeNumber<std::int32_t>(row[1]),
                                 .revealStep = wholeNumber<std::int32_t>(row[2]),
                                 .remaskStep = wholeNumber<std::int32_t>(row[3]),
                                 .member = wholeNumber<std::int8_t>(row[4]),
                                 .logProbability = static_cast<float>(row[5]),
                                 .entropy = static_cast<float>(row[6])});
    return branch;
}

Remasking readRemasking(const KeyReader& keys) {
    Remasking remasking;
    remasking.kind = keys.parsed("kind", [](const std::string& text) { return parseRemask(text); });
    remasking.eta = keys.number("eta");
    remasking.loopOn = keys.number("t_on");
    remasking.loopOff = keys.number("t_off");
    remasking.alphaOn = keys.number("alpha_on");
    return remasking;
}

} // namespace

void to_json(Json& json, const BranchPoint& branch) {
    Json tokens = Json::array(), before = Json::array();
    for (const StandingToken& each : branch.tokens)
        tokens.push_back({each.position, each.token, each.revealStep, int{each.member}, each.logProbability,
                          each.entropy});
    for (const RemaskedToken& each : branch.before)
        before.push_back({each.position, each.token, each.revealStep, each.remaskStep, int{each.member},
                          each.logProbability, each.entropy});
    json = {{"run", branch.parent},  {"sample", branch.sample},     {"step", branch.step},
            {"noise", branch.noise}, {"tokens", std::move(tokens)}, {"before", std::move(before)}};
}

void to_json(Json& json, const GenerationRequest& request) {
    Json pool = Json::array();
    for (const PoolMemberSpec& member : request.pool)
        pool.push_back({{"letter", std::string(1, member.letter)},
                        {"name", member.name},
                        {"path", member.path},
                        {"precision", precisionName(member.precision)},
                        {"sha256", member.sha256}});
    json = {{"pool", std::move(pool)},
            {"tokenizer", request.tokenizer},
            {"schedule", printSchedule(request.schedule)},
            {"length", request.length},
            {"samples", request.samples},
            {"seed", request.seed},
            {"sampler", samplerName(request.sampler)},
            {"temperature", request.temperature},
            {"top_p", request.topP},
            {"prompt", request.prompt},
            {"template", request.templateText},
            {"batch", request.batch},
            {"float32_gumbel", request.float32Gumbel}};
    // Options that came later are written only where they matter: older programs can read all other requests.
    const GenerationRequest usual;
    if (request.sampler == Sampler::Threshold || request.threshold != usual.threshold)
        json["threshold"] = request.threshold;
    if (request.topTokens != 0)
        json["top_tokens"] = request.topTokens;
    if (request.blockLength != usual.blockLength)
        json["block_length"] = request.blockLength;
    if (request.branch)
        json["branch"] = *request.branch;
    if (request.remasking != usual.remasking)
        json["remasking"] = {{"kind", remaskName(request.remasking.kind)},
                             {"eta", request.remasking.eta},
                             {"t_on", request.remasking.loopOn},
                             {"t_off", request.remasking.loopOff},
                             {"alpha_on", request.remasking.alphaOn}};
    if (request.topK != usual.topK)
        json["top_k"] = request.topK;
    if (request.temperatureMethod != usual.temperatureMethod)
        json["temperature_method"] = temperatureMethodName(request.temperatureMethod);
    if (request.candidates != usual.candidates)
        json["candidates"] = request.candidates;
    if (request.mostDraws != usual.mostDraws)
        json["most_draws"] = request.mostDraws;
    if (request.fallBack != usual.fallBack)
        json["fall_back"] = request.fallBack;
    if (request.promptFit != usual.promptFit)
        json["prompt_fit"] = promptFitName(request.promptFit);
}

void from_json(const Json& json, GenerationRequest& request) {
    const KeyReader keys(json, "");
    GenerationRequest read;
    read.topTokens = 0; // requests of before kept none
    const Json& pool = keys.list("pool");
    for (std::size_t i = 0; i < pool.size(); ++i)
        read.pool.push_back(readMember(KeyReader(pool[i], fmt::format("pool[{}]", i))));
    read.tokenizer = keys.text("tokenizer");
    read.schedule = keys.parsed("schedule", [](const std::string& text) { return parseSchedule(text); });
    read.length = keys.integer("length");
    read.samples = keys.integer("samples");
    read.seed = keys.seed("seed");
    read.sampler = keys.parsed("sampler", [](const std::string& text) { return parseSampler(text); });
    read.temperature = keys.number("temperature");
    read.topP = keys.number("top_p");
    read.prompt = keys.text("prompt");
    read.templateText = keys.text("template");
    if (keys.has("batch")) // changes no result
        read.batch = keys.integer("batch");
    if (keys.has("float32_gumbel")) // for comparison only, so it may be left out
        read.float32Gumbel = keys.boolean("float32_gumbel");
    if (keys.has("top_tokens"))
        read.topTokens = keys.integer("top_tokens");
    if (keys.has("threshold"))
        read.threshold = keys.number("threshold");
    if (keys.has("block_length"))
        read.blockLength = keys.integer("block_length");
    if (keys.has("branch"))
        read.branch = readBranch(KeyReader(keys.object("branch"), "branch"));
    if (keys.has("remasking"))
        read.remasking = readRemasking(KeyReader(keys.object("remasking"), "remasking"));
    if (keys.has("top_k"))
        read.topK = keys.integer("top_k");
    if (keys.has("temperature_method"))
        read.temperatureMethod = keys.parsed(
            "temperature_method", [](const std::string& text) { return parseTemperatureMethod(text); });
    if (keys.has("candidates"))
        read.candidates = keys.integer("candidates");
    if (keys.has("most_draws"))
        read.mostDraws = keys.integer("most_draws");
    if (keys.has("fall_back"))
        read.fallBack = keys.boolean("fall_back");
    if (keys.has("prompt_fit"))
        read.promptFit =
            keys.parsed("prompt_fit", [](const std::string& text) { return parsePromptFit(text); });
    request = std::move(read);
}

} // namespace steploom
