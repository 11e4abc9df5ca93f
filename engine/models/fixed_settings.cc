// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/fixed_settings.h"

#include "engine/core/error.h"

#include <fmt/format.h>

namespace steploom {

void refuseConfig(const Checkpoint& checkpoint, std::string what, std::string why, std::string remedy) {
    throw Error(ErrorKind::Config, {std::move(what), (checkpoint.folder() / "config.json").string(),
                                    std::move(why), std::move(remedy)});
}

void requireSettings(const Checkpoint& checkpoint, const std::vector<FixedSetting>& settings) {
    const auto shown = [](const nlohmann::json& value) {
        return value.is_structured() ? std::string(value.type_name()) : value.dump(-1, ' ', true);
    };
    for (const FixedSetting& setting : settings) {
        const auto found = checkpoint.config().find(setting.key);
        const bool absent = found == checkpoint.config().end() || found->is_null();
        const nlohmann::json& value = absent ? setting.whenAbsent : *found;
        if (value == setting.supported)
            continue;
        refuseConfig(checkpoint, "this kind of model is not supported",
                     absent ? fmt::format("it has no \"{}\", which stands for {}", setting.key, shown(value))
                            : fmt::format("\"{}\" is {}", setting.key, shown(value)),
                     setting.supported.is_null() ? fmt::format("Use a checkpoint without \"{}\"", setting.key)
                                                 : fmt::format("Use a checkpoint whose \"{}\" is {}",
                                                               setting.key, shown(setting.supported)));
    }
}

} // namespace steploom
