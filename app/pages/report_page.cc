// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/report_page.h"

#include "app/pages/report_command.h"
#include "app/pages/report_form.h"
#include "app/pages/report_run_list.h"
#include "app/pages/report_saved.h"
#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/page_preview.h"
#include "app/widgets/theme.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace steploom {
namespace {

constexpr int kFormWidth = 372;   ///< px
constexpr int kTypingPause = 250; ///< ms

struct FormatWords {
    ReportFormat format;
    const char* action;
    QString name;   ///< of a menu entry
    QString filter; ///< of a file dialog
};

std::vector<FormatWords> formatWords() {
    const auto tr = [](const char* text) { return ReportPage::tr(text); };
    return {
        {ReportFormat::Pdf, "reportPdf", tr("PDF"), tr("PDF (*.pdf)")},
        {ReportFormat::Html, "reportHtml", tr("HTML"), tr("Web page (*.html *.htm)")},
        {ReportFormat::CsvLong, "reportCsvLong", tr("CSV, a line a measure"), tr("CSV (*.csv)")},
        {ReportFormat::CsvWide, "reportCsvWide", tr("CSV, a line a run"), tr("CSV (*.csv)")},
        {ReportFormat::Latex, "reportLatex", tr("LaTeX"), tr("LaTeX (*.tex)")},
        {ReportFormat::Markdown, "reportMarkdown", tr("Markdown"), tr("Markdown (*.md)")},
        {ReportFormat::Json, "reportJson", tr("JSON, with the runs"), tr("JSON (*.json)")},
    };
}

/// "the-sandwich-keeps-its-perplexity": a title as a file's name.
QString fileNameOf(const std::string& title) {
    QString name;
    for (const QChar c : QString::fromStdString(title).toLower()) {
        if (c.isLetterOrNumber())
            name += c;
        else if (!name.isEmpty() && !name.endsWith(u'-'))
            name += u'-';
    }
    name = name.left(60);
    while (name.endsWith(u'-'))
        name.chop(1);
    return name.isEmpty() ? QStringLiteral("steploom-report") : name;
}

QString countText(std::size_t count, const QString& one, const QString& many) {
    return count == 1 ? one : many.arg(count);
}

/// What a report says of a run, as far as a list of runs shows it: that it has changed.
std::string fingerprint(const std::vector<RunSummary>& runs, const std::vector<std::int64_t>& chosen) {
    std::string print;
    for (const RunSummary& run : runs) {
        if (std::ranges::find(chosen, run.id) == chosen.end())
            continue;
        print +=
            fmt::format("{} {} {} {} ", run.id, static_cast<int>(run.state), run.finishedSamples, run.note);
        for (const Measure& measure : run.measures)
            print += fmt::format("{} {} ", measure.name, measure.estimate.value);
    }
    return print;
}

} // namespace

ReportPage::ReportPage(Session* session, const std::filesystem::path& store, QWidget* parent)
    : QWidget(parent), m_store(store), m_thread(store),
      m_chooseFile([this](const QString& suggested, const QString& filter) {
          return QFileDialog::getSaveFileName(this, tr("Save the report"), suggested, filter);
      }) {
    setObjectName(QStringLiteral("reportPage"));
    m_layTimer.setSingleShot(true);
    connect(&m_layTimer, &QTimer::timeout, this, &ReportPage::layNow);
    makeCommands();

    auto* card = new Card;
    card->setFixedWidth(kFormWidth);
    auto* cardLayout = new QVBoxLayout(card);
    cardLayout->setContentsMargins({});
    m_form = new ReportForm;
    cardLayout->addWidget(m_form);

    m_message = new InlineMessage;
    m_message->setObjectName(QStringLiteral("reportMessage"));
    m_saved = new ReportSaved;
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeEmpty());
    m_stack->addWidget(makePreview());
    auto* right = new QVBoxLayout;
    right->setSpacing(Theme::kGrid);
    right->addWidget(m_message);
    right->addWidget(m_saved);
    right->addWidget(m_stack, 1);

    auto* body = new QHBoxLayout;
    body->setSpacing(12);
    body->addWidget(card);
    body->addLayout(right, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 12, 12, 12);
    layout->setSpacing(Theme::kGrid);
    layout->addWidget(makeHeader());
    layout->addLayout(body, 1);

    joinThread();
    restore();
    connect(m_form, &ReportForm::changed, this, [this] { layLater(false); });
    connect(session, &Session::reportRunsRequested, this, &ReportPage::chooseRuns);
    refresh();
}

ReportPage::~ReportPage() = default;

void ReportPage::makeCommands() {
    for (const FormatWords& words : formatWords()) {
        auto* action = new QAction(tr("Save the report as %1…").arg(words.name), this);
        action->setObjectName(QLatin1String(words.action) + QStringLiteral("Action"));
        connect(action, &QAction::triggered, this, [this, format = words.format] { saveAs(format); });
        m_commands << action;
    }
    auto* newest = new QAction(tr("Report of the newest runs"), this);
    newest->setObjectName(QStringLiteral("reportNewestAction"));
    connect(newest, &QAction::triggered, this, &ReportPage::chooseNewestRuns);
    m_commands << newest;
}

QWidget* ReportPage::makeHeader() {
    auto* header = new QWidget;
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins({});
    row->setSpacing(Theme::kGrid);
    QLabel* title = makeLabel(tr("Report"));
    title->setFont(Theme::instance().font(1, true));
    m_facts = makeLabel({}, "dim");
    m_facts->setObjectName(QStringLiteral("reportFacts"));
    row->addWidget(title);
    row->addSpacing(Theme::kGrid);
    row->addWidget(m_facts, 1);

    auto* more = new PillButton(tr("More"));
    more->setObjectName(QStringLiteral("reportMore"));
    more->setToolTip(tr("Save as CSV, LaTeX, Markdown or JSON"));
    more->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(more);
    more->setMenu(menu);
    auto* html = new QPushButton(tr("HTML"));
    html->setToolTip(tr("Save as one web page that holds the runs: Steploom imports it"));
    auto* pdf = new QPushButton(tr("Save PDF"));
    setLook(pdf, "primary");
    pdf->setToolTip(tr("Save the pages as PDF"));
    for (const FormatWords& words : formatWords()) {
        const auto save = [this, format = words.format] { saveAs(format); };
        if (words.format == ReportFormat::Pdf || words.format == ReportFormat::Html) {
            QPushButton* button = words.format == ReportFormat::Pdf ? pdf : html;
            button->setObjectName(QLatin1String(words.action));
            connect(button, &QPushButton::clicked, this, save);
        } else {
            menu->addAction(words.name + u'…', this, save)->setObjectName(QLatin1String(words.action));
        }
    }
    for (QAbstractButton* each : std::initializer_list<QAbstractButton*>{more, html, pdf}) {
        row->addWidget(each);
        m_exports.push_back(each);
    }
    return header;
}

QWidget* ReportPage::makeEmpty() {
    auto* card = new Card;
    m_emptyText = makeLabel({}, "dim");
    m_emptyText->setObjectName(QStringLiteral("reportEmptyText"));
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setWordWrap(true);
    auto* newest = new QPushButton(tr("Report of the newest runs"));
    newest->setObjectName(QStringLiteral("reportNewest"));
    setLook(newest, "primary");
    connect(newest, &QPushButton::clicked, this, &ReportPage::chooseNewestRuns);
    m_newest = newest;
    auto* layout = new QVBoxLayout(card);
    layout->addStretch();
    layout->addWidget(m_emptyText);
    layout->addSpacing(Theme::kGrid);
    layout->addWidget(newest, 0, Qt::AlignHCenter);
    layout->addStretch();
    return card;
}

QWidget* ReportPage::makePreview() {
    auto* part = new QWidget;
    auto* layout = new QVBoxLayout(part);
    layout->setContentsMargins({});
    layout->setSpacing(4);
    m_preview = new PagePreview;
    layout->addWidget(m_preview, 1);
    layout->addWidget(makeViewBar());
    connect(m_preview, &PagePreview::viewChanged, this, &ReportPage::refreshView);
    connect(m_preview, &PagePreview::pagesWanted, &m_thread, &ReportThread::draw);
    return part;
}

QWidget* ReportPage::makeViewBar() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins({});
    row->setSpacing(4);
    const auto tool = [&](const char* name, Glyph glyph, const QString& tip, auto does) {
        auto* button = new FlatButton(glyph, tip);
        button->setObjectName(QLatin1String(name));
        button->setIconSize(QSize(16, 16));
        connect(button, &QToolButton::clicked, this, does);
        row->addWidget(button);
        m_viewTools.push_back(button);
    };
    row->addStretch();
    tool("reportPreviousPage", Glyph::Previous, tr("Page before (Page Up)"),
         [this] { m_preview->showPage(m_preview->currentPage() - 1); });
    m_pageText = makeLabel({}, "dim");
    m_pageText->setObjectName(QStringLiteral("reportPageText"));
    m_pageText->setAlignment(Qt::AlignCenter);
    m_pageText->setMinimumWidth(96);
    row->addWidget(m_pageText);
    tool("reportNextPage", Glyph::Next, tr("Next page (Page Down)"),
         [this] { m_preview->showPage(m_preview->currentPage() + 1); });
    row->addSpacing(3 * Theme::kGrid);
    tool("reportZoomOut", Glyph::Minus, tr("Smaller (−)"), [this] { m_preview->zoomOut(); });
    m_zoomText = makeLabel({}, "dim");
    m_zoomText->setObjectName(QStringLiteral("reportZoomText"));
    m_zoomText->setAlignment(Qt::AlignCenter);
    m_zoomText->setMinimumWidth(48);
    row->addWidget(m_zoomText);
    tool("reportZoomIn", Glyph::Plus, tr("Larger (+)"), [this] { m_preview->zoomIn(); });
    auto* fit = new QPushButton(tr("Fit"));
    fit->setObjectName(QStringLiteral("reportFit"));
    fit->setToolTip(tr("As wide as the window (0)"));
    connect(fit, &QPushButton::clicked, this, [this] { m_preview->setZoom(0); });
    row->addWidget(fit);
    row->addStretch();
    return bar;
}

void ReportPage::joinThread() {
    connect(&m_thread, &ReportThread::laid, this, &ReportPage::showLaid);
    connect(&m_thread, &ReportThread::drawn, m_preview, &PagePreview::setImage);
    connect(&m_thread, &ReportThread::notLaid, this, [this](const Error::Parts& error) {
        m_laying = false;
        m_laid.reset();
        m_pages = 0;
        m_preview->setPages(0, {});
        m_message->showError(error);
        refresh();
    });
    connect(&m_thread, &ReportThread::written, this, [this](const QString& file) {
        if (m_writing)
            m_saved->showFile(file, reportCommand(m_writing->choice, m_writing->format, file, m_store));
        endWriting();
    });
    connect(&m_thread, &ReportThread::notWritten, this, [this](const Error::Parts& error) {
        m_message->showError(error);
        endWriting();
    });
}

void ReportPage::setRuns(const std::vector<RunSummary>& runs) {
    m_runs = runs;
    m_form->setStored(runs);
    std::string seen = fingerprint(runs, choice().runs);
    if (std::exchange(m_seen, std::move(seen)) != m_seen) {
        m_laid.reset();
        layLater(true);
    }
    refresh();
}

void ReportPage::chooseRuns(const std::vector<qint64>& runs) {
    m_form->setRuns({runs.begin(), runs.end()});
    layLater(true);
}

void ReportPage::chooseNewestRuns() {
    m_form->setRuns(m_form->newestRuns());
    layLater(true);
}

ReportChoice ReportPage::choice() const { return m_form->choice(); }

void ReportPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    layLater(true);
}

/// A choice is laid out when somebody looks at it; while a title is typed, when there is a pause.
void ReportPage::layLater(bool soon) {
    remember();
    refresh();
    m_layTimer.start(soon ? 0 : kTypingPause);
}

void ReportPage::layNow() {
    const ReportChoice wanted = choice();
    if (!isVisible() || (m_laid && *m_laid == wanted))
        return;
    m_laid = wanted;
    m_seen = fingerprint(m_runs, wanted.runs);
    if (wanted.runs.empty()) {
        m_pages = 0;
        m_preview->setPages(0, {});
        refresh();
        return;
    }
    m_laying = true;
    refresh();
    m_thread.lay(wanted);
}

void ReportPage::showLaid(const LaidReport& report) {
    m_laying = false;
    m_message->dismiss();
    m_form->runs().setSummaries(report.runs);
    if (!report.gone.empty()) {
        std::vector<std::int64_t> left = choice().runs;
        std::erase_if(
            left, [&](std::int64_t run) { return std::ranges::find(report.gone, run) != report.gone.end(); });
        m_form->setRuns(left);
        m_laid = choice(); // it is what was laid out
        m_layTimer.stop();
        m_message->showNotice(
            report.gone.size() == 1
                ? tr("Run %1 is no longer in the store: the report goes without it.").arg(report.gone.front())
                : tr("%1 of the runs are no longer in the store: the report goes without them.")
                      .arg(report.gone.size()));
    }
    m_pages = report.pages;
    m_preview->setPages(report.pages, report.pageSize);
    refresh();
}

void ReportPage::saveAs(ReportFormat format) {
    if (choice().runs.empty() || m_writing)
        return;
    const std::vector<FormatWords> all = formatWords();
    const auto words = std::ranges::find(all, format, &FormatWords::format);
    const QSettings stored;
    const QString folder = stored
                               .value(settings::kReportFolder,
                                      QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation))
                               .toString();
    const std::string_view ending = reportFileEnding(format);
    const QString dot = u'.' + QString::fromUtf8(ending.data(), static_cast<qsizetype>(ending.size()));
    QString file = m_chooseFile(QDir(folder).filePath(fileNameOf(choice().title) + dot), words->filter);
    if (file.isEmpty())
        return;
    if (QFileInfo(file).suffix().isEmpty())
        file += dot;
    QSettings().setValue(settings::kReportFolder, QFileInfo(file).absolutePath());
    save(format, file);
}

void ReportPage::save(ReportFormat format, const QString& file) {
    if (m_writing)
        return;
    m_saved->hide();
    m_message->dismiss();
    m_writing = {choice(), format};
    refresh();
    m_thread.write(m_writing->choice, format, QFileInfo(file).absoluteFilePath());
}

void ReportPage::endWriting() {
    m_writing.reset();
    refresh();
}

void ReportPage::refresh() {
    const std::size_t runs = choice().runs.size();
    const bool stored =
        std::ranges::any_of(m_runs, [](const RunSummary& run) { return run.finishedSamples > 0; });
    m_stack->setCurrentIndex(runs == 0 ? 0 : 1);
    m_emptyText->setText(
        stored
            ? tr("A report shows runs side by side, with charts, texts and the commands that repeat them.\n"
                 "Select runs on the Runs page and choose Report, add them at the left, or begin with the "
                 "newest.")
            : tr("No runs yet. Press Ctrl+Return on the Design page, and come back with what came out."));
    m_newest->setVisible(stored);
    QString facts;
    if (m_writing)
        facts = tr("Saving…");
    else if (m_laying)
        facts = tr("Laying out…");
    else if (runs > 0 && m_pages > 0)
        facts = countText(runs, tr("1 run"), tr("%1 runs")) + QStringLiteral(" · ") +
                countText(static_cast<std::size_t>(m_pages), tr("1 page"), tr("%1 pages"));
    m_facts->setText(facts);
    const bool can = runs > 0 && !m_writing;
    for (QAbstractButton* each : m_exports)
        each->setEnabled(can);
    for (QAction* action : m_commands) {
        const bool newest = action->objectName() == QLatin1String("reportNewestAction");
        action->setProperty("whyNot", newest ? (stored ? QString() : tr("there are no runs yet"))
                                             : (runs > 0 ? QString() : tr("no runs are chosen")));
        action->setEnabled(newest ? stored : can);
    }
    refreshView();
}

void ReportPage::refreshView() {
    const int page = m_preview->currentPage();
    m_pageText->setText(m_pages > 0 ? tr("page %1 of %2").arg(std::max(0, page) + 1).arg(m_pages)
                                    : QString());
    m_zoomText->setText(m_pages > 0 ? tr("%1%").arg(qRound(100 * m_preview->shownZoom())) : QString());
    m_preview->setAccessibleDescription(m_pageText->text());
    for (QAbstractButton* each : m_viewTools)
        each->setEnabled(m_pages > 0);
}

void ReportPage::remember() const {
    QSettings().setValue(settings::kReport, QString::fromStdString(nlohmann::json(choice()).dump()));
}

void ReportPage::restore() {
    const std::string text = QSettings().value(settings::kReport).toString().toStdString();
    ReportChoice choice;
    try {
        if (!text.empty())
            from_json(nlohmann::json::parse(text), choice);
    } catch (const std::exception&) { // of another version, or changed by hand: nothing is lost but a choice
        choice = {};
    }
    m_form->setChoice(choice);
}

} // namespace steploom
