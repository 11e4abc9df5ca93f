// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/report_saved.h"

#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace steploom {

ReportSaved::ReportSaved(QWidget* parent)
    : QFrame(parent), m_open([](const QUrl& url) { return QDesktopServices::openUrl(url); }) {
    setObjectName(QStringLiteral("reportSaved"));
    setLook(this, "notice");
    m_text = makeLabel({});
    m_text->setObjectName(QStringLiteral("reportSavedText"));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 5, 6, 5);
    row->setSpacing(Theme::kGrid);
    row->addWidget(m_text, 1);
    const auto button = [&](const char* name, const QString& text, const QString& tip, auto does) {
        auto* made = new QPushButton(text);
        made->setObjectName(QLatin1String(name));
        made->setToolTip(tip);
        connect(made, &QPushButton::clicked, this, does);
        row->addWidget(made);
    };
    button("reportOpen", tr("Open"), tr("Open the file"), [this] { m_open(QUrl::fromLocalFile(m_file)); });
    button("reportShowFolder", tr("Show folder"), tr("Open the folder that it is in"),
           [this] { m_open(QUrl::fromLocalFile(QFileInfo(m_file).path())); });
    button("reportCopyCommand", tr("Copy the command"), tr("The command line that writes the same bytes"),
           [this] { QGuiApplication::clipboard()->setText(m_command); });
    auto* close = new FlatButton(Glyph::Close, tr("Put away"));
    close->setObjectName(QStringLiteral("reportSavedClose"));
    connect(close, &QToolButton::clicked, this, &QWidget::hide);
    row->addWidget(close);
    hide();
}

void ReportSaved::showFile(const QString& file, const QString& command) {
    m_file = file;
    m_command = command;
    m_text->setText(tr("Saved to %1").arg(QDir::toNativeSeparators(file)));
    setToolTip(command);
    show();
}

} // namespace steploom
