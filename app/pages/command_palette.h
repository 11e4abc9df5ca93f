// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/palette_model.h"
#include "app/widgets/controls.h"

#include <functional>
#include <vector>

class QLineEdit;
class QListView;

namespace steploom {

/// Everything the window can do, found by typing letters of its name. Lies over its parent, goes away with
/// Escape or when something else gets the focus; the keyboard alone serves it.
class CommandPalette : public Card {
    Q_OBJECT
public:
    explicit CommandPalette(QWidget* parent);

    /// What there is to do, asked for each time the palette opens.
    using Source = std::function<std::vector<PaletteEntry>()>;
    /// What a typed text itself would do: none, for most texts.
    using TypedSource = std::function<std::vector<PaletteEntry>(const QString&)>;
    void setSources(Source all, TypedSource typed);

    void open();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& text);
    void trigger();
    void showReason();

    Source m_all;
    TypedSource m_typed;
    QLineEdit* m_search;
    QListView* m_list;
    QLabel* m_line; ///< why the present one cannot be done, or that nothing fits
    PaletteModel* m_model;
};

} // namespace steploom
