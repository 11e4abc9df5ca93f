// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/engine_thread.h" // declares Error::Parts to Qt
#include "engine/bundles/import_bundle.h"
#include "engine/core/error.h"

#include <QObject>
#include <QString>
#include <QThread>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace steploom {

/// Writes and reads bundles for the window, one after the other, in a thread and with a store object of their
/// own: ten thousand runs take a while. Exactly one ending for each: exported, imported or failed.
class BundleTransfer : public QObject {
    Q_OBJECT
public:
    explicit BundleTransfer(std::filesystem::path store, QObject* parent = nullptr);
    /// Waits for the one that is at work; what was not begun is dropped.
    ~BundleTransfer() override;

    void exportRuns(const std::vector<std::int64_t>& runs, const QString& file,
                    const ExportOptions& options = {});
    /// Of a bundle, or of a report in HTML or JSON.
    void importRuns(const QString& file);
    bool busy() const noexcept { return m_waiting > 0; }

signals:
    /// `doing`: "Exporting", "Importing"; at most 30 a second.
    void advanced(const QString& doing, double share);
    void exported(const QString& file, const steploom::ExportReport& report);
    void imported(const QString& file, const steploom::ImportReport& report);
    void failed(const steploom::Error::Parts& error);

private:
    void post(const QString& doing, const QString& file,
              std::function<std::function<void()>(RunStore&, const BundleProgress&)> work);

    std::filesystem::path m_store;
    QThread m_thread;
    QObject* m_there = nullptr; ///< lives in m_thread
    int m_waiting = 0;          ///< posted and not ended, as far as this thread has heard
};

/// What an import did, in a sentence: "12 runs added, 3 were here, 1 took what it lacked."
QString importSentence(const ImportReport& report);
/// "12 runs with 192 samples, 1.20 MB."
QString exportSentence(const ExportReport& report);

} // namespace steploom
