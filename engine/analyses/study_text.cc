// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/study_text.h"

#include "engine/core/read_file.h"
#include "engine/core/sha256.h"

namespace steploom {

StudyText readStudyText(const std::filesystem::path& file) {
    StudyText text{.name = file.filename().string(),
                   .content = readFile(file, ErrorKind::File, "cannot read the text"),
                   .sha256 = {}};
    text.sha256 = sha256Of(text.content);
    return text;
}

} // namespace steploom
