// SPDX-License-Identifier: GPL-3.0-or-later
// Input: a template, "Once upon a [mask:12], there"; also taken as a prompt.
#include "engine/sampling/generation_request.h"
#include "tests/fuzz/byte_tokenizer.h"
#include "tests/fuzz/property.h"

#include <algorithm>

using namespace steploom;
using namespace steploom::fuzz;

namespace {

/// The text of the tokens that are no holes; requires that there are `length` tokens and a hole.
std::string fixedText(const std::vector<std::int32_t>& tokens, int length, std::int32_t mask,
                      const Tokenizer& tokenizer) {
    require(tokens.size() == static_cast<std::size_t>(length), "the canvas has the length asked for");
    require(std::find(tokens.begin(), tokens.end(), mask) != tokens.end(), "something is left to write");
    std::vector<std::int32_t> fixed;
    std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(fixed),
                 [mask](std::int32_t token) { return token != mask; });
    return tokenizer.decode(fixed);
}

bool isSubsequence(std::string_view part, std::string_view whole) {
    for (const char c : whole)
        if (!part.empty() && part.front() == c)
            part.remove_prefix(1);
    return part.empty();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto tokenizer = Tokenizer::parse(byteTokenizerText(), "byte tokenizer");
    const std::int32_t mask = *tokenizer->maskToken();
    for (const int length : {1, 24, 4096}) {
        GenerationRequest request;
        request.schedule = StepSchedule::all('H', 8);
        request.length = length;
        request.templateText = textOf(data, size);
        answers([&] {
            requireRunnable(request);
            const std::string fixed =
                fixedText(initialTokens(request, *tokenizer, mask), length, mask, *tokenizer);
            require(isSubsequence(fixed, request.templateText), "what is fixed stands in the template");
        });
        std::swap(request.prompt, request.templateText);
        answers([&] {
            requireRunnable(request);
            const std::string fixed =
                fixedText(initialTokens(request, *tokenizer, mask), length, mask, *tokenizer);
            require(fixed == request.prompt, "a prompt is kept to the letter");
        });
    }
    return 0;
}
