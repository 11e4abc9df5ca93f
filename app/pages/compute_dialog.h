// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include <array>

class QLabel;
class QSpinBox;

namespace steploom {

class ComputeCard;

/// What models of given shapes hold and cost, without a checkpoint: three shapes side by side, of one kind or
/// of several, each term to be seen, and what the second and the third need against the first.
class ComputeDialog : public QDialog {
    Q_OBJECT
public:
    explicit ComputeDialog(QWidget* parent = nullptr);

    static constexpr int kShapes = 3;
    ComputeCard& card(int index) const { return *m_cards.at(static_cast<std::size_t>(index)); }

private:
    void showAll();
    void copy();
    double trainingTokens() const;

    std::array<ComputeCard*, kShapes> m_cards{};
    QSpinBox* m_tokens;
    QLabel *m_verdict, *m_notice;
};

} // namespace steploom
