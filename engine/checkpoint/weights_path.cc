// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/weights_path.h"

#include <string_view>
#include <system_error>
#include <utility>

namespace steploom {

WeightsPath splitWeightsPath(const std::filesystem::path& text) {
    std::error_code ignored;
    if (std::filesystem::exists(text, ignored))
        return {text, {}};
    const std::string& written = text.native();
    for (const auto& [suffix, set] : {std::pair{std::string_view("@raw"), WeightSet::Raw},
                                      std::pair{std::string_view("@ema"), WeightSet::Ema}})
        if (written.ends_with(suffix))
            return {written.substr(0, written.size() - suffix.size()), set};
    return {text, {}};
}

} // namespace steploom
