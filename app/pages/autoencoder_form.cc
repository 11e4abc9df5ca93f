// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/autoencoder_form.h"

#include "app/pages/analysis_fields.h"
#include "app/pages/checkpoint_folders.h"
#include "app/pages/text_file_field.h"
#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

namespace steploom {
namespace {

constexpr int kMostChunks = 100'000'000;

/// A CALM model of the pool has an autoencoder: the first thing that somebody would measure.
QString folderOfPool(const PoolFacts& pool) {
    return pool.kind() == GenerationKind::Calm ? QString::fromStdString(pool.members.front().spec.path)
                                               : QString();
}

} // namespace

AutoencoderForm::AutoencoderForm(const AnalysisMeans& means, QWidget* parent)
    : AnalysisForm(parent), m_means(means) {
    setAcceptDrops(true);
    const QSettings stored;
    QString folder = stored.value(settings::kAutoencoderFolder).toString();
    if (folder.isEmpty())
        folder = folderOfPool(m_means.pool);
    m_folder = new QLineEdit(folder);
    m_folder->setObjectName("autoencoderFolder");
    m_folder->setPlaceholderText(tr("Folder of an autoencoder, or of a CALM model that has one"));
    auto* choose = new FlatButton(Glyph::Folder, tr("Choose the folder"));
    choose->setObjectName("autoencoderChoose");
    auto* holder = new QWidget;
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins({});
    row->setSpacing(4);
    row->addWidget(m_folder, 1);
    row->addWidget(choose);
    m_folderLine = makeLabel({}, "dim");
    m_folderLine->setObjectName("autoencoderFolderLine");
    m_folderLine->setWordWrap(true);
    m_text = new TextFileField("autoencoderText", tr("Text"));
    m_text->setMeasure(nullptr, 0); // the autoencoder's tokenizer counts
    const QString text = stored.value(settings::kAnalysisText).toString();
    m_text->setPath(text.isEmpty() ? m_means.text : text);
    m_chunks =
        fields::number("autoencoderChunkCount", 1, kMostChunks,
                       stored.value(settings::kAutoencoderChunks, AutoencoderSettings().chunks).toInt());

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    column->addWidget(fields::row(tr("Autoencoder"), holder,
                                  tr("Its own folder, or that of a CALM model that names or carries one"),
                                  fields::kWideField));
    m_folder->setAccessibleName(tr("Autoencoder"));
    column->addWidget(m_folderLine);
    column->addWidget(m_text);
    column->addWidget(fields::row(tr("Chunks"), m_chunks, tr("Of the text, at most, spread evenly")));
    column->addStretch(1);
    connect(choose, &QToolButton::clicked, this, [this] {
        const QString chosen = QFileDialog::getExistingDirectory(this, tr("Autoencoder, or CALM model"));
        if (!chosen.isEmpty())
            m_folder->setText(chosen);
    });
    connect(m_folder, &QLineEdit::textChanged, this, [this] {
        review();
        emit changed();
    });
    connect(m_text, &TextFileField::changed, this, &AnalysisForm::changed);
    connect(m_chunks, &QSpinBox::valueChanged, this, &AnalysisForm::changed);
    review();
}

void AutoencoderForm::review() {
    const QString folder = m_folder->text().trimmed();
    m_folderProblem = folder.isEmpty() ? QString() : problemOfAutoencoderFolder(folder);
    fields::showLine(*m_folderLine, m_folderProblem);
}

void AutoencoderForm::dragEnterEvent(QDragEnterEvent* event) {
    if (!foldersOf(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void AutoencoderForm::dropEvent(QDropEvent* event) {
    m_folder->setText(foldersOf(*event->mimeData()).value(0));
    event->acceptProposedAction();
}

AnalysisOrder AutoencoderForm::order() const {
    AutoencoderOrder order;
    order.autoencoder = m_folder->text().trimmed().toStdString();
    order.text = m_text->path().toStdString();
    order.settings.chunks = m_chunks->value();
    order.settings.seed = m_means.present.seed;
    return order;
}

GenerationRequest AutoencoderForm::request() const {
    GenerationRequest request;
    request.schedule = StepSchedule("H"); // none is used, but a request without one cannot be kept
    request.seed = m_means.present.seed;
    return request;
}

QString AutoencoderForm::missing() const { return {}; }

QString AutoencoderForm::problem() const {
    const QString none =
        m_folder->text().trimmed().isEmpty() ? tr("Choose the autoencoder's folder.") : QString();
    for (const QString& problem : {none, m_folderProblem, m_text->problem()})
        if (!problem.isEmpty())
            return problem;
    return {};
}

void AutoencoderForm::remember() const {
    QSettings stored;
    stored.setValue(settings::kAutoencoderFolder, m_folder->text().trimmed());
    stored.setValue(settings::kAnalysisText, m_text->path() == m_means.text ? QString() : m_text->path());
    stored.setValue(settings::kAutoencoderChunks, m_chunks->value());
}

} // namespace steploom
