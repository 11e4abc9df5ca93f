// SPDX-License-Identifier: GPL-3.0-or-later
// Input: the JSON of a generation request.
#include "engine/core/json_text.h"
#include "engine/sampling/generation_request.h"
#include "tests/fuzz/property.h"

using namespace steploom;
using namespace steploom::fuzz;

namespace {

GenerationRequest read(std::string_view text) {
    return parseJson(text, ErrorKind::Request, {"cannot read the request", "fuzzed", {}, "Correct it"})
        .get<GenerationRequest>();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    GenerationRequest request;
    if (!answers([&] { request = read(textOf(data, size)); }))
        return 0;
    require(read(nlohmann::json(request).dump()) == request, "what is written reads as the same request");
    answers([&] { requireRunnable(request); });
    return 0;
}
