// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"
#include "engine/sampling/generation_request.h"
#include "engine/text/tokenizer.h"

#include <QObject>
#include <QThreadPool>

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace steploom {

/// Tokenizers of stored runs, each read once, beside the window's thread.
class TokenizerShelf : public QObject {
    Q_OBJECT
public:
    struct Entry {
        std::shared_ptr<const Tokenizer> tokenizer; ///< none: it is being read, or cannot be
        std::optional<Error::Parts> error;          ///< why it cannot be read
    };

    explicit TokenizerShelf(QObject* parent = nullptr);

    /// What is known of the request's tokenizer. Where nothing is, reading begins, and changed() follows.
    Entry entryOf(const GenerationRequest& request);

signals:
    void changed();

private:
    std::map<std::string, Entry> m_entries; ///< by path
    QThreadPool m_threads;                  ///< last: its destructor waits for what still reads
};

} // namespace steploom
