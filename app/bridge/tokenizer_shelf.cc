// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/tokenizer_shelf.h"

#include "engine/comparisons/run_tokenizer.h"

namespace steploom {
namespace {

TokenizerShelf::Entry readFor(const GenerationRequest& request) {
    try {
        return {loadTokenizerOf(request), std::nullopt};
    } catch (const Error& error) {
        return {nullptr, error.parts()};
    } catch (const std::exception& error) {
        return {nullptr, Error::Parts{"cannot read the run's tokens", "", error.what(), ""}};
    }
}

} // namespace

TokenizerShelf::TokenizerShelf(QObject* parent) : QObject(parent) { m_threads.setMaxThreadCount(1); }

TokenizerShelf::Entry TokenizerShelf::entryOf(const GenerationRequest& request) {
    const std::string path = tokenizerPathOf(request);
    if (path.empty()) // nothing to read; the folder may come back
        return readFor(request);
    const auto [known, isNew] = m_entries.try_emplace(path);
    if (isNew)
        m_threads.start([this, path, request] {
            QMetaObject::invokeMethod(
                this,
                [this, path, entry = readFor(request)] {
                    m_entries[path] = entry;
                    emit changed();
                },
                Qt::QueuedConnection);
        });
    return known->second;
}

} // namespace steploom
