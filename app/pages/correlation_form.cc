// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/correlation_form.h"

#include "app/pages/analysis_fields.h"
#include "app/pages/checkpoint_folders.h"
#include "app/pages/text_file_field.h"
#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QShortcut>
#include <QSpinBox>
#include <QVBoxLayout>

namespace steploom {
namespace {

constexpr int kLeastPoints = 3;                        ///< of a correlation
constexpr int kLeastListHeight = 130, kRowHeight = 30; // px
constexpr int kMostWindows = 1'000'000, kMostDraws = 64;
constexpr int kPathRole = Qt::UserRole, kProblemRole = Qt::UserRole + 1;

/// "small/steps/00001000": what tells the checkpoints of one training apart, and one training from another.
QString shownName(const QString& path) {
    const QStringList parts = path.split(u'/', Qt::SkipEmptyParts);
    const bool ofTraining = parts.size() > 2 && parts[parts.size() - 2] == QLatin1String("steps");
    return parts.mid(parts.size() - (ofTraining ? 3 : std::min<qsizetype>(2, parts.size()))).join(u'/');
}

} // namespace

CorrelationForm::CorrelationForm(const AnalysisMeans& means, QWidget* parent)
    : AnalysisForm(parent), m_means(means) {
    setAcceptDrops(true);
    const QSettings stored;
    const CorrelationOrder usual;
    m_text = new TextFileField("correlationText", tr("Text"));
    m_windows = fields::number("correlationWindows", 1, kMostWindows,
                               stored.value(settings::kCorrelationWindows, usual.windows).toInt());
    m_draws = fields::number("correlationDraws", 1, kMostDraws,
                             stored.value(settings::kCorrelationDraws, usual.draws).toInt());
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    column->addWidget(makeList(), 1);
    column->addWidget(m_text);
    column->addWidget(fields::row(tr("Windows"), m_windows,
                                  tr("Pieces of the text, as long as the models' positions, at most")));
    column->addWidget(fields::row(tr("Draws"), m_draws,
                                  tr("R: pairs that every model draws after each window's first half, for "
                                     "BrierLM")));
    m_text->setMeasure(nullptr, 0); // each model has a tokenizer of its own
    const QString text = stored.value(settings::kAnalysisText).toString();
    m_text->setPath(text.isEmpty() ? m_means.text : text);
    connect(m_text, &TextFileField::changed, this, &AnalysisForm::changed);
    for (QSpinBox* box : {m_windows, m_draws})
        connect(box, &QSpinBox::valueChanged, this, &AnalysisForm::changed);
    for (const QString& folder : stored.value(settings::kCorrelationFolders).toStringList())
        add(folder);
    review();
}

QWidget* CorrelationForm::makeList() {
    m_folders = new QListWidget;
    m_folders->setObjectName("correlationFolders");
    m_folders->setAccessibleName(tr("Checkpoints"));
    m_folders->setMinimumHeight(kLeastListHeight);
    m_folders->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_foldersLine = makeLabel({}, "dim");
    m_foldersLine->setObjectName("correlationFoldersLine");
    m_foldersLine->setWordWrap(true);
    auto* add = new QPushButton(tr("Add a folder…"));
    add->setObjectName("correlationAdd");
    add->setToolTip(tr("A checkpoint, or the output of a training with all checkpoints that it kept"));
    m_remove = new QPushButton(tr("Remove"));
    m_remove->setObjectName("correlationRemove");
    for (QPushButton* button : {add, m_remove})
        button->setAutoDefault(false);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_foldersLine, 1);
    buttons->addWidget(add);
    buttons->addWidget(m_remove);
    auto* part = new QWidget;
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins({});
    column->setSpacing(fields::kLineGap);
    column->addWidget(m_folders, 1);
    column->addLayout(buttons);
    connect(add, &QPushButton::clicked, this, &CorrelationForm::chooseFolder);
    connect(m_remove, &QPushButton::clicked, this, &CorrelationForm::removeSelected);
    connect(m_folders, &QListWidget::itemSelectionChanged, this,
            [this] { m_remove->setEnabled(!m_folders->selectedItems().isEmpty()); });
    auto* remove = new QShortcut(QKeySequence::Delete, m_folders);
    remove->setContext(Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, &CorrelationForm::removeSelected);
    return part;
}

void CorrelationForm::add(const QString& folder) {
    for (int row = 0; row < m_folders->count(); ++row)
        if (m_folders->item(row)->data(kPathRole) == folder)
            return;
    const QString problem = problemOfCausalFolder(folder);
    auto* item = new QListWidgetItem(shownName(folder), m_folders);
    item->setData(kPathRole, folder);
    item->setData(kProblemRole, problem);
    item->setToolTip(problem.isEmpty() ? QDir::toNativeSeparators(folder)
                                       : QDir::toNativeSeparators(folder) + u'\n' + problem);
    item->setIcon(problem.isEmpty() ? glyphIcon(Glyph::Folder, GlyphInk::Dim)
                                    : glyphIcon(Glyph::Warning, GlyphInk::Heat));
    item->setSizeHint({0, kRowHeight});
}

void CorrelationForm::addFolders(const QStringList& folders) {
    for (const QString& folder : folders)
        for (const QString& checkpoint : checkpointsIn(folder))
            add(checkpoint);
    review();
    emit changed();
}

void CorrelationForm::chooseFolder() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Checkpoint, or output of a training"));
    if (!folder.isEmpty())
        addFolders({folder});
}

void CorrelationForm::removeSelected() {
    qDeleteAll(m_folders->selectedItems());
    review();
    emit changed();
}

void CorrelationForm::dragEnterEvent(QDragEnterEvent* event) {
    if (!foldersOf(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void CorrelationForm::dropEvent(QDropEvent* event) {
    addFolders(foldersOf(*event->mimeData()));
    event->acceptProposedAction();
}

QString CorrelationForm::unfitFolder() const {
    for (int row = 0; row < m_folders->count(); ++row) {
        const QString problem = m_folders->item(row)->data(kProblemRole).toString();
        if (!problem.isEmpty())
            return QStringLiteral("%1: %2").arg(m_folders->item(row)->text(), problem);
    }
    return {};
}

QString CorrelationForm::tooFew() const {
    return m_folders->count() < kLeastPoints
               ? tr("A correlation takes three checkpoints. Add them, or drop folders here.")
               : QString();
}

void CorrelationForm::review() {
    m_remove->setEnabled(!m_folders->selectedItems().isEmpty());
    // Too few is no fault while somebody is adding them.
    fields::showLine(*m_foldersLine, unfitFolder(),
                     tooFew().isEmpty() ? tr("%1 checkpoints").arg(m_folders->count()) : tooFew());
}

AnalysisOrder CorrelationForm::order() const {
    CorrelationOrder order;
    for (int row = 0; row < m_folders->count(); ++row)
        order.checkpoints.push_back(m_folders->item(row)->data(kPathRole).toString().toStdString());
    order.text = m_text->path().toStdString();
    order.windows = m_windows->value();
    order.draws = m_draws->value();
    order.seed = m_means.present.seed;
    return order;
}

GenerationRequest CorrelationForm::request() const {
    GenerationRequest request;
    request.schedule = StepSchedule("H"); // none is used, but a request without one cannot be kept
    request.seed = m_means.present.seed;
    return request;
}

QString CorrelationForm::missing() const { return {}; }

QString CorrelationForm::problem() const {
    for (const QString& problem : {unfitFolder(), tooFew(), m_text->problem()})
        if (!problem.isEmpty())
            return problem;
    return {};
}

void CorrelationForm::remember() const {
    QSettings stored;
    QStringList folders;
    for (int row = 0; row < m_folders->count(); ++row)
        folders << m_folders->item(row)->data(kPathRole).toString();
    stored.setValue(settings::kCorrelationFolders, folders);
    stored.setValue(settings::kAnalysisText, m_text->path() == m_means.text ? QString() : m_text->path());
    stored.setValue(settings::kCorrelationWindows, m_windows->value());
    stored.setValue(settings::kCorrelationDraws, m_draws->value());
}

} // namespace steploom
