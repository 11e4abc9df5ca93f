// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/step_words.h"

#include <QCoreApplication>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("StepWords", text); }

} // namespace

QString StepWords::one() const { return tr(stepName(kind).data()); } // of literals

QString StepWords::many() const {
    switch (kind) {
    case GenerationKind::Calm:
        return tr("vectors");
    case GenerationKind::Autoregressive:
        return tr("tokens");
    case GenerationKind::MaskedDiffusion:
        break;
    }
    return tr("steps");
}

QString StepWords::counted(int steps) const {
    return QStringLiteral("%1 %2").arg(steps).arg(steps == 1 ? one() : many());
}

QString kindText(GenerationKind kind) {
    switch (kind) {
    case GenerationKind::Calm:
        return tr("CALM");
    case GenerationKind::Autoregressive:
        return tr("autoregressive");
    case GenerationKind::MaskedDiffusion:
        break;
    }
    return tr("masked diffusion");
}

} // namespace steploom
