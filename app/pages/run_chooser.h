// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <QDialog>

#include <optional>
#include <vector>

class QLabel;
class QLineEdit;
class QListWidget;

namespace steploom {

class PrimaryButton;

/// The newest runs to choose from; those that pair with the baseline, sample by sample, are told.
class RunChooser : public QDialog {
    Q_OBJECT
public:
    /// More are not listed: whoever looks for older ones goes to the Runs page.
    static constexpr std::size_t kMostListed = 500;

    /// `runs`: newest first; those in `chosen` and those without texts are left out. `most`: how many may be
    /// chosen, 1 or more.
    RunChooser(const std::vector<RunSummary>& runs, const std::vector<qint64>& chosen,
               const std::optional<RunSummary>& baseline, int most, QWidget* parent = nullptr);

    /// In the order of the list.
    std::vector<qint64> chosen() const;

private:
    void filter(const QString& text);
    void review();

    int m_most;
    QLineEdit* m_filter;
    QListWidget* m_list;
    QLabel* m_text;
    PrimaryButton* m_add;
};

} // namespace steploom
