// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <QtTest>

#include <initializer_list>

namespace steploom::testing {

/// Runs `action`, which must throw an Error of this kind whose one-line text holds every one of `words`.
template <typename Action>
void expectError(Action&& action, ErrorKind kind, std::initializer_list<const char*> words) {
    try {
        action();
    } catch (const Error& error) {
        QVERIFY2(error.kind() == kind, error.what());
        for (const char* word : words)
            QVERIFY2(QString::fromUtf8(error.what()).contains(QString::fromUtf8(word)),
                     qPrintable(QString("\"%1\" lacks \"%2\"").arg(error.what(), word)));
        return;
    }
    QFAIL("nothing was thrown");
}

} // namespace steploom::testing
