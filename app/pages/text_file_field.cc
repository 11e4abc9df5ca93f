// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/text_file_field.h"

#include "app/pages/analysis_fields.h"
#include "app/widgets/controls.h"
#include "engine/core/error.h"
#include "engine/core/read_file.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMimeData>
#include <QPushButton>
#include <QVBoxLayout>

namespace steploom {
namespace {

/// Longer texts are counted when they are used: nobody waits for a line of a dialog.
constexpr qint64 kMostCountedBytes = 2'000'000;

QString fileIn(const QMimeData& data) {
    for (const QUrl& url : data.urls())
        if (url.isLocalFile() && QFileInfo(url.toLocalFile()).isFile())
            return url.toLocalFile();
    return {};
}

} // namespace

TextFileField::TextFileField(const QString& name, const QString& label, QWidget* parent)
    : QWidget(parent), m_path(new QLineEdit), m_line(makeLabel({}, "dim")) {
    setAcceptDrops(true);
    m_path->setObjectName(name);
    m_path->setAcceptDrops(false); // a path would be pasted into what is there
    m_path->setPlaceholderText(tr("a text file, UTF-8"));
    m_line->setObjectName(name + "Line");
    m_line->setWordWrap(true);
    auto* button = new QPushButton(tr("Choose…"));
    button->setObjectName(name + "Choose");
    button->setAccessibleName(tr("%1: choose a file").arg(label));
    button->setAutoDefault(false);
    auto* pair = new QWidget;
    auto* row = new QHBoxLayout(pair);
    row->setContentsMargins({});
    row->addWidget(m_path, 1);
    row->addWidget(button);
    m_path->setAccessibleName(label);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(fields::kLineGap);
    column->addWidget(new LabeledRow(label, pair, fields::kWideField));
    column->addWidget(m_line);
    connect(button, &QPushButton::clicked, this, &TextFileField::choose);
    connect(m_path, &QLineEdit::textChanged, this, [this] {
        judge();
        emit changed();
    });
    judge();
}

QString TextFileField::path() const { return m_path->text().trimmed(); }

void TextFileField::setPath(const QString& path) { m_path->setText(path); }

void TextFileField::setMeasure(std::shared_ptr<const Tokenizer> tokenizer, int window) {
    m_tokenizer = std::move(tokenizer);
    m_window = window;
    judge();
}

void TextFileField::choose() {
    const QString file = QFileDialog::getOpenFileName(this, tr("Text"), QFileInfo(path()).path(),
                                                      tr("Text (*.txt);;All files (*)"));
    if (!file.isEmpty())
        setPath(file);
}

void TextFileField::judge() {
    m_problem.clear();
    m_windows = -1;
    QString remark;
    try {
        if (path().isEmpty())
            throw Error(ErrorKind::File, {"no text", "", "no text is named", "choose a text file"});
        const QFileInfo file(path());
        if (!file.isFile() || file.size() <= kMostCountedBytes) {
            const std::string text = readFile(path().toStdString(), ErrorKind::File, "cannot read the text");
            if (text.empty())
                throw Error(ErrorKind::Text, {"no text", "", "the file is empty", "choose another one"});
            if (m_tokenizer) {
                const auto tokens = static_cast<qint64>(m_tokenizer->encode(text).size());
                remark = tr("%1 tokens").arg(QLocale().toString(tokens));
                if (m_window > 0) {
                    m_windows = static_cast<int>(tokens / m_window);
                    remark = m_windows == 1
                                 ? tr("%1, one window of %2").arg(remark).arg(m_window)
                                 : tr("%1, %2 windows of %3").arg(remark).arg(m_windows).arg(m_window);
                }
                if (m_window > 0 && m_windows == 0)
                    throw Error(
                        ErrorKind::Text,
                        {"", "",
                         tr("it has %1 tokens, a window has %2").arg(tokens).arg(m_window).toStdString(),
                         tr("choose a longer text").toStdString()});
            }
        } else if (!file.isReadable()) {
            throw Error(ErrorKind::File, {"", "", "it may not be read", "change its permissions"});
        }
    } catch (const Error& error) {
        m_problem = fields::sentence(error.parts());
    }
    fields::showLine(*m_line, m_problem, remark);
}

void TextFileField::dragEnterEvent(QDragEnterEvent* event) {
    if (!fileIn(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void TextFileField::dropEvent(QDropEvent* event) {
    setPath(fileIn(*event->mimeData()));
    event->acceptProposedAction();
}

} // namespace steploom
