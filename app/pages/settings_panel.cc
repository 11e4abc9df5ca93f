// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/settings_panel.h"

#include "app/pages/analysis_fields.h"
#include "app/pages/calm_fields.h"
#include "app/pages/settings_group.h"
#include "app/pages/window_settings.h"
#include "app/widgets/hole_highlighter.h"
#include "engine/core/error.h"
#include "engine/sampling/sequential_sampling.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRandomGenerator>
#include <QRegularExpressionValidator>
#include <QScrollArea>
#include <QSettings>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kFieldWidth = 158; ///< of a field that has its row to itself
constexpr int kNarrowField = 64;
constexpr int kGroupGap = 7;
constexpr int kPairGap = 10;
constexpr int kPillCut = 10; ///< of the switch beside a heading
constexpr int kTextHeight = 46;
constexpr int kTextLineWidth = 240; ///< before the first layout tells the real one
constexpr int kLeastHeight = 180;
constexpr int kFieldHeight = 28;
constexpr int kMaximumLength = 65'536;
constexpr int kMostTopK = 1'000'000;
constexpr int kPromptIndex = 0;
constexpr int kTemplateIndex = 1;
constexpr int kUsualSteps = 256;
/// Folded until somebody opens them.
constexpr const char* kFoldedAtFirst = "orderGroup";

QSpinBox* spin(int low, int high, int value, const char* name, const QString& suffix = {}) {
    auto* box = new QSpinBox;
    box->setRange(low, high);
    box->setValue(value);
    box->setSuffix(suffix);
    box->setObjectName(name);
    box->setAccelerated(true);
    return box;
}

QDoubleSpinBox* realSpin(double low, double high, double step, const char* name) {
    auto* box = new QDoubleSpinBox;
    box->setDecimals(2);
    box->setRange(low, high);
    box->setSingleStep(step);
    box->setValue(1.0);
    box->setObjectName(name);
    box->setCorrectionMode(QAbstractSpinBox::CorrectToNearestValue);
    return box;
}

/// Two fields in one row, each with its label.
QWidget* pairOf(LabeledRow* left, LabeledRow* right) {
    auto* pair = new QWidget;
    auto* row = new QHBoxLayout(pair);
    row->setContentsMargins({});
    row->setSpacing(kPairGap);
    row->addWidget(left);
    row->addWidget(right);
    return pair;
}

LabeledRow* labeled(const QString& label, QWidget* field, int width, const QString& tip) {
    auto* row = new LabeledRow(label, field, width);
    row->setToolTip(tip);
    row->label()->setMinimumWidth(1); // in a wide font the label is cut, not the field
    field->setAccessibleDescription(tip);
    return row;
}

QString number(double value) { return QLocale().toString(value, 'g', 4); }

} // namespace

SettingsPanel::SettingsPanel(Session& session, QWidget* parent) : Card(parent), m_session(session) {
    setObjectName("settingsPanel");
    makeFields();
    layOut();

    const auto edited = [this] {
        if (!m_quiet)
            review();
    };
    connect(m_length, &QSpinBox::valueChanged, this, [this] {
        if (!m_quiet)
            followLength();
    });
    for (QSpinBox* box : {m_length, m_samples, m_batch, m_topTokens, m_topK})
        connect(box, &QSpinBox::valueChanged, this, edited);
    connect(m_calm, &CalmFields::changed, this, edited);
    // At 1 one draw is the answer: there is no method to choose.
    connect(m_temperature, &QDoubleSpinBox::valueChanged, m_calm,
            [this](double temperature) { m_calm->setEnabled(temperature < 1); });
    connect(m_promptFit, &QComboBox::currentIndexChanged, this, edited);
    for (QDoubleSpinBox* box : {m_temperature, m_topP})
        connect(box, &QDoubleSpinBox::valueChanged, this, edited);
    connect(m_float32Gumbel, &QCheckBox::toggled, this, edited);
    connect(m_steps, &QSpinBox::valueChanged, this, [this](int steps) {
        if (!m_quiet)
            emit stepsEdited(steps);
        refreshGroups();
    });
    connect(m_profileBar, &ProfileBar::chosen, this, &SettingsPanel::applyProfile);
    connect(m_order, &OrderFields::changed, this, edited);
    connect(m_seed, &QLineEdit::textChanged, this, edited);
    connect(m_text, &QPlainTextEdit::textChanged, this, edited);
    auto* holes = new HoleHighlighter(m_text->document());
    connect(m_textKind, &SegmentedSwitch::currentChanged, this, [this, edited, holes](int kind) {
        holes->setEnabled(kind == kTemplateIndex);
        m_text->setPlaceholderText(kind == kTemplateIndex ? tr("Once upon a time [mask:40] The end.")
                                                          : tr("Text that every sample begins with"));
        if (m_quiet)
            return;
        const QString other = std::exchange(m_otherText, m_text->toPlainText());
        const QSignalBlocker blocker(m_text);
        m_text->setPlainText(other);
        edited();
    });
    connect(&m_session, &Session::poolChanged, this, [this, edited] {
        adoptKind();
        edited();
    });
    restoreFolding();
    adoptKind();
    review();
}

int SettingsPanel::usualSteps() const {
    return m_words.inOrder() ? std::max(1, GenerationRequest().length / m_words.chunk) : kUsualSteps;
}

/// Only what means something for models of this kind is offered.
void SettingsPanel::adoptKind() {
    const PoolFacts& pool = m_session.pool();
    const StepWords words{pool.kind(), pool.chunk()};
    const bool wasFree = !m_words.inOrder();
    m_words = words;
    const bool inOrder = words.inOrder(), calm = words.kind == GenerationKind::Calm;
    m_groups[Order]->setVisible(!inOrder);
    m_topPRow->setVisible(!calm);
    m_float32Gumbel->setVisible(!inOrder);
    m_topKRow->setVisible(inOrder && !calm);
    m_calm->setVisible(calm);
    m_promptFitRow->setVisible(calm);
    for (const int kind : {kPromptIndex, kTemplateIndex}) // nothing is left open to be filled: a prompt it is
        m_textKind->button(kind)->setVisible(!inOrder);
    if (inOrder)
        m_textKind->setCurrentIndex(kPromptIndex);
    m_temperature->setRange(0.05, calm ? 1 : 10);
    m_temperature->setToolTip(
        calm ? tr("P^(1/T), T from 0.05 to 1: vectors are drawn until they agree, or counted") : QString());

    const bool wasQuiet = std::exchange(m_quiet, true);
    m_length->setSingleStep(words.chunk);
    m_steps->setReadOnly(inOrder);
    m_steps->setFocusPolicy(inOrder ? Qt::NoFocus : Qt::StrongFocus);
    m_steps->setButtonSymbols(inOrder ? QAbstractSpinBox::NoButtons : QAbstractSpinBox::UpDownArrows);
    m_stepsRow->label()->setText(words.many());
    m_stepsRow->setToolTip(
        calm ? tr("T = L / K: a vector stands for K = %1 tokens; it follows the length").arg(words.chunk)
        : inOrder
            ? tr("T = L: a step writes a token; it follows the length")
            : tr("Denoising steps T: t falls from 1 to ε in steps of (1 − ε)/T, ε = 10⁻⁵; 1 to 10,000"));
    m_batch->setEnabled(!inOrder);
    m_batchRow->setToolTip(inOrder
                               ? tr("Samples are written one after another")
                               : tr("Batch size B: ⌈N/B⌉ batches; changes speed, not results. auto: a short "
                                    "timing chooses when the run starts"));
    // Whoever has the schedule brings it to as many steps.
    if (inOrder && wasFree)
        m_freeSteps = m_steps->value();
    if (inOrder && m_length->value() % words.chunk == 0)
        m_steps->setValue(std::max(1, m_length->value() / words.chunk));
    else if (!inOrder && !wasFree && m_freeSteps > 0)
        m_steps->setValue(std::exchange(m_freeSteps, 0));
    m_quiet = wasQuiet;
}

/// Where steps write in order, there are as many as the length has chunks.
void SettingsPanel::followLength() {
    if (m_words.inOrder() && m_length->value() % m_words.chunk == 0 && m_length->value() >= m_words.chunk)
        emit stepsEdited(m_length->value() / m_words.chunk);
}

void SettingsPanel::makeFields() {
    const GenerationRequest defaults;
    m_steps = spin(1, StepSchedule::kMaximumSteps, kUsualSteps, "stepsField");
    m_steps->setKeyboardTracking(false); // 2, 25, 256: the schedule follows the number, not its beginnings
    m_length = spin(1, kMaximumLength, defaults.length, "lengthField");
    m_order = new OrderFields(kFieldWidth);
    m_temperature = realSpin(0.05, 10, 0.05, "temperatureField");
    m_topP = realSpin(0.01, 1, 0.05, "topPField");
    m_float32Gumbel = new QCheckBox(tr("float32 Gumbel (to compare)"));
    m_float32Gumbel->setObjectName("float32GumbelField");
    m_float32Gumbel->setToolTip(
        tr("Gumbel-max in float32: argmax p/(−log u), u of 24 bits, as much published code does. It cuts the "
           "tail off and makes perplexity look better than it is (arXiv 2409.02908). Off: inverse CDF in "
           "float64"));
    m_topK = spin(0, kMostTopK, defaults.topK, "topKField");
    m_topK->setSpecialValueText(tr("all"));
    m_calm = new CalmFields(kFieldWidth);
    m_calm->setEnabled(false);
    m_promptFit = new QComboBox;
    m_promptFit->setObjectName("promptFitField");
    m_promptFit->addItems({tr("pad at its end"), tr("trim at its beginning")}); // in the order of PromptFit
    m_samples = spin(1, 100'000, defaults.samples, "samplesField");
    m_batch = spin(kAutomaticBatch, kLargestBatch, defaults.batch, "batchField");
    m_batch->setSpecialValueText(tr("auto"));
    m_topTokens = spin(0, kMostTopTokens, defaults.topTokens, "topTokensField");

    m_seed = new QLineEdit(QString::number(defaults.seed));
    m_seed->setObjectName("seedField");
    m_seed->setAlignment(Qt::AlignRight);
    m_seed->setValidator(new QRegularExpressionValidator(QRegularExpression("[0-9]{1,20}"), m_seed));
    m_dice = new FlatButton(Glyph::Dice, tr("Draw a new seed"));
    m_dice->setObjectName("seedDice");
    m_dice->setFixedSize(kFieldHeight, kFieldHeight);
    connect(m_dice, &QToolButton::clicked, this, &SettingsPanel::drawSeed);

    m_textKind = new SegmentedSwitch({tr("Prompt"), tr("Template")});
    m_textKind->setObjectName("textKind");
    m_textKind->setAccessibleName(tr("Kind of text"));
    for (int i = 0; i < 2; ++i) {
        m_textKind->button(i)->setFixedWidth(m_textKind->button(i)->sizeHint().width() - kPillCut);
        m_textKind->button(i)->setToolTip(
            i == kPromptIndex ? tr("Prompt: the first tokens of every sample are given, x₁…x_k fixed")
                              : tr("Template (infilling): text with holes, [mask] or [mask:12], that are "
                                   "written under what stands around them"));
    }
    m_text = new QPlainTextEdit;
    m_text->setObjectName("textField");
    m_text->setAccessibleName(tr("Prompt or template"));
    m_text->setPlaceholderText(tr("Text that every sample begins with"));
    m_text->setTabChangesFocus(true);
    m_text->setMinimumHeight(kTextHeight);
    m_text->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored); // what room is left, no more
    m_textLine = makeLabel({}, "dim");
    m_textLine->setObjectName("textLine");
    m_textLine->setWordWrap(true);
}

void SettingsPanel::layOut() {
    // In a low window the form scrolls; it never pushes the window's edge away.
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus); // it follows the field that has the focus
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidgetResizable(true);
    scroll->setMinimumHeight(kLeastHeight);
    auto* form = new QWidget;
    auto* column = new QVBoxLayout(form);
    column->setContentsMargins(11, 9, 11, 9);
    column->setSpacing(kGroupGap);
    m_profileBar = new ProfileBar(m_profiles);
    column->addWidget(m_profileBar);

    SettingsGroup* length = addGroup(Length, "lengthGroup", tr("Steps and length"), *column);
    m_stepsRow = labeled(tr("steps"), m_steps, kNarrowField + 6, {});
    length->fields()->addWidget(pairOf(
        m_stepsRow,
        labeled(tr("length"), m_length, kNarrowField + 6,
                tr("Sequence length L in tokens, prompt included; the M ≤ L others are masked at t = 1"))));

    addGroup(Order, "orderGroup", tr("Order of revealing"), *column)->fields()->addWidget(m_order);

    SettingsGroup* drawing = addGroup(Drawing, "drawingGroup", tr("Sampling"), *column);
    drawing->fields()->addWidget(pairOf(
        labeled(tr("temperature"), m_temperature, kNarrowField - 6,
                tr("Temperature τ: p = softmax(z/τ), z the logits; 0.05 to 10")),
        m_topPRow =
            labeled(tr("top-p"), m_topP, kNarrowField - 8,
                    tr("Nucleus sampling: only the smallest set of tokens with Σ p ≥ top-p; 0.01 to 1"))));
    drawing->fields()->addWidget(m_float32Gumbel);
    m_topKRow = labeled(tr("top-k"), m_topK, kFieldWidth,
                        tr("Only the k likeliest tokens may be drawn, before top-p; 0: all"));
    drawing->fields()->addWidget(m_topKRow);
    drawing->fields()->addWidget(m_calm);

    SettingsGroup* samples = addGroup(Samples, "samplesGroup", tr("Samples and randomness"), *column);
    samples->fields()->addWidget(pairOf(
        labeled(tr("samples"), m_samples, kNarrowField + 10, tr("Sample size N: how many texts to generate")),
        m_batchRow = labeled(tr("batch"), m_batch, kNarrowField + 2, {})));
    auto* seedRow = new QWidget;
    auto* seed = new QHBoxLayout(seedRow);
    seed->setContentsMargins({});
    seed->setSpacing(4);
    seed->addWidget(m_dice);
    seed->addWidget(m_seed, 1);
    LabeledRow* seeds = labeled(
        tr("seed"), seedRow, kFieldHeight + 4 + kNarrowField,
        tr("Seed s: noise = Philox(s, sample, purpose, position, step); same seed, same samples, bit for "
           "bit; 0 to 2⁶⁴ − 1"));
    m_seed->setAccessibleName(tr("seed"));
    samples->fields()->addWidget(pairOf(
        seeds, labeled(tr("keep top"), m_topTokens, kNarrowField - 18,
                       tr("Top-k kept for looking at: the k likeliest tokens of every reveal, about 6k bytes "
                          "each; changes no token; 0 to 20"))));

    SettingsGroup* text = addGroup(Text, "textGroup", tr("Start from"), *column);
    text->addToHeading(m_textKind);
    text->fields()->addWidget(m_text, 1);
    m_promptFitRow =
        labeled(tr("fit to chunks"), m_promptFit, kFieldWidth,
                tr("A prompt whose tokens are no multiple of K: pad puts the padding token before it, as "
                   "the reference does; trim leaves its first tokens out"));
    text->fields()->addWidget(m_promptFitRow);
    text->fields()->addWidget(m_textLine);
    column->setStretchFactor(text, 1);

    scroll->setWidget(form);
    form->setAutoFillBackground(false); // the card shows through
    scroll->viewport()->setAutoFillBackground(false);
    auto* card = new QVBoxLayout(this);
    card->setContentsMargins(1, 1, 1, 1);
    card->addWidget(scroll);

    auto* draw = new QAction(tr("Draw a new seed"), this);
    draw->setObjectName("drawSeed");
    connect(draw, &QAction::triggered, this, &SettingsPanel::drawSeed);
    m_commands << draw;
}

SettingsGroup* SettingsPanel::addGroup(Part part, const char* key, const QString& title,
                                       QVBoxLayout& column) {
    auto* group = new SettingsGroup(QLatin1String(key), title);
    m_groups[part] = group;
    column.addWidget(group);
    connect(group, &SettingsGroup::toggled, this, &SettingsPanel::rememberFolding);
    connect(group, &SettingsGroup::resetRequested, this, [this, part] { reset(part); });
    auto* action = new QAction(tr("Settings: reset %1").arg(title.toLower()), this);
    action->setObjectName(QStringLiteral("%1ResetAction").arg(QLatin1String(key)));
    action->setProperty("whyNot", tr("nothing there differs from the defaults"));
    connect(action, &QAction::triggered, this, [this, part] { reset(part); });
    m_commands << action;
    return group;
}

void SettingsPanel::rememberFolding() const {
    QStringList folded;
    for (const SettingsGroup* group : m_groups)
        if (!group->isOpen())
            folded << group->objectName();
    QSettings().setValue(settings::kFolded, folded.isEmpty() ? QStringList("none") : folded);
}

void SettingsPanel::restoreFolding() {
    const QStringList folded =
        QSettings().value(settings::kFolded, QStringList(QLatin1String(kFoldedAtFirst))).toStringList();
    for (SettingsGroup* group : m_groups)
        group->setOpen(!folded.contains(group->objectName()));
}

void SettingsPanel::resetFolding() {
    QSettings().remove(settings::kFolded);
    restoreFolding();
}

void SettingsPanel::copyPart(Part part, const GenerationRequest& from, GenerationRequest& to) {
    switch (part) {
    case Length:
        to.length = from.length;
        return;
    case Order:
        return OrderFields::copy(from, to);
    case Drawing:
        to.temperature = from.temperature;
        to.topP = from.topP;
        to.float32Gumbel = from.float32Gumbel;
        to.topK = from.topK;
        return CalmFields::copy(from, to);
    case Samples:
        to.samples = from.samples;
        to.seed = from.seed;
        to.batch = from.batch;
        to.topTokens = from.topTokens;
        return;
    case Text:
        to.prompt = from.prompt;
        to.templateText = from.templateText;
        to.promptFit = from.promptFit;
        return;
    case PartCount:
        return;
    }
}

QString SettingsPanel::summaryOf(Part part, int steps, const GenerationRequest& request) const {
    switch (part) {
    case Length:
        return tr("T = %1, L = %2").arg(steps).arg(request.length);
    case Order:
        return OrderFields::summary(request);
    case Drawing:
        if (m_words.kind == GenerationKind::Calm)
            return tr("temperature %1, %2").arg(number(request.temperature), CalmFields::summary(request));
        if (m_words.inOrder() && request.topK > 0)
            return tr("temperature %1, top-k %2, top-p %3")
                .arg(number(request.temperature))
                .arg(request.topK)
                .arg(number(request.topP));
        return tr("temperature %1, top-p %2").arg(number(request.temperature), number(request.topP)) +
               (request.float32Gumbel ? tr(", float32") : QString());
    case Samples:
        return tr("%n sample(s), seed %1", nullptr, request.samples).arg(request.seed);
    case Text:
        return request.prompt.empty() && request.templateText.empty()
                   ? tr("nothing fixed")
                   : QString::fromStdString(request.prompt + request.templateText).simplified();
    case PartCount:
        break;
    }
    return {};
}

void SettingsPanel::reset(Part part) {
    GenerationRequest request = this->request();
    const QString otherText = part == Text ? QString() : m_otherText;
    copyPart(part, {}, request);
    setRequest(request);
    m_otherText = otherText;
    if (part == Length && !m_words.inOrder())
        m_steps->setValue(kUsualSteps);
    if (part == Length)
        followLength();
}

/// Summaries, which groups differ from the defaults, and whether the profile does.
void SettingsPanel::refreshGroups() {
    const GenerationRequest now = request(), usual;
    for (int i = 0; i < PartCount; ++i) {
        const auto part = static_cast<Part>(i);
        GenerationRequest back = now;
        copyPart(part, usual, back);
        const bool differs = !(back == now) || (part == Length && m_steps->value() != usualSteps());
        m_groups[part]->setSummary(summaryOf(part, m_steps->value(), now));
        m_groups[part]->setDiffers(differs, summaryOf(part, usualSteps(), usual));
        m_commands[part]->setEnabled(differs); // they were added in this order
    }
    m_profileBar->setPresent(m_steps->value(), now);
}

void SettingsPanel::applyProfile(const Profile& profile) {
    GenerationRequest request = profile.request;
    if (!profile.withText)
        copyPart(Text, this->request(), request);
    const QString otherText = m_otherText;
    setRequest(request);
    if (!profile.withText)
        m_otherText = otherText;
    if (profile.steps && !m_words.inOrder())
        m_steps->setValue(*profile.steps);
    followLength();
}

void SettingsPanel::drawSeed() {
    m_seed->setText(QString::number(QRandomGenerator::global()->bounded(1, 1'000'000)));
}

GenerationRequest SettingsPanel::request() const {
    GenerationRequest request;
    request.length = m_length->value();
    request.samples = m_samples->value();
    request.seed = m_seed->text().toULongLong();
    request.temperature = m_temperature->value();
    request.batch = m_batch->value();
    request.topTokens = m_topTokens->value();
    // What a kind of models has no use for would be refused.
    switch (m_words.kind) {
    case GenerationKind::MaskedDiffusion:
        m_order->writeTo(request);
        request.topP = m_topP->value();
        request.float32Gumbel = m_float32Gumbel->isChecked();
        break;
    case GenerationKind::Autoregressive:
        request.topP = m_topP->value();
        request.topK = m_topK->value();
        break;
    case GenerationKind::Calm:
        m_calm->writeTo(request);
        request.promptFit = static_cast<PromptFit>(m_promptFit->currentIndex());
        break;
    }
    const std::string text = m_text->toPlainText().toStdString();
    (m_textKind->currentIndex() == kTemplateIndex ? request.templateText : request.prompt) = text;
    return request;
}

void SettingsPanel::setRequest(const GenerationRequest& request) {
    m_quiet = true;
    if (!request.schedule.empty())
        m_steps->setValue(request.schedule.steps());
    else if (m_words.inOrder() && request.length % m_words.chunk == 0)
        m_steps->setValue(request.length / m_words.chunk);
    m_length->setValue(request.length);
    m_samples->setValue(request.samples);
    m_seed->setText(QString::number(request.seed));
    m_order->show(request);
    m_temperature->setValue(request.temperature);
    m_topP->setValue(request.topP);
    m_batch->setValue(request.batch);
    m_topTokens->setValue(request.topTokens);
    m_float32Gumbel->setChecked(request.float32Gumbel);
    m_topK->setValue(request.topK);
    m_calm->show(request);
    m_promptFit->setCurrentIndex(static_cast<int>(request.promptFit));
    const bool isTemplate = !request.templateText.empty();
    if (isTemplate || !request.prompt.empty()) // an empty text is of either kind
        m_textKind->setCurrentIndex(isTemplate ? kTemplateIndex : kPromptIndex);
    m_text->setPlainText(QString::fromStdString(isTemplate ? request.templateText : request.prompt));
    m_otherText.clear();
    m_quiet = false;
    review();
}

int SettingsPanel::steps() const { return m_steps->value(); }
int SettingsPanel::length() const { return m_length->value(); }
int SettingsPanel::batch() const { return m_batch->value(); }
int SettingsPanel::samples() const { return m_samples->value(); }

void SettingsPanel::showSteps(int steps) {
    const QSignalBlocker blocker(m_steps);
    m_steps->setValue(steps);
    // Undone, typed as notation: the length is what the steps write.
    if (m_words.inOrder() && m_length->value() / m_words.chunk != steps) {
        const QSignalBlocker quietly(m_length);
        m_length->setValue(steps * m_words.chunk);
        review();
        return;
    }
    refreshGroups();
}

void SettingsPanel::review() {
    m_problem.clear();
    bool seedFits = false;
    m_seed->text().toULongLong(&seedFits);
    if (!seedFits)
        m_problem = m_seed->text().isEmpty() ? tr("A seed is missing")
                                             : tr("The seed is beyond 18,446,744,073,709,551,615");
    judgeText();
    refreshGroups();
    emit changed();
}

/// What prompt or template comes to: tokens fixed and to write, or why it cannot be run.
void SettingsPanel::judgeText() {
    const GenerationRequest wanted = request();
    m_masked = wanted.length;
    QString line;
    bool fits = true;
    if (m_session.pool().tokenizer) {
        try {
            if (m_words.inOrder()) {
                const SequentialBeginning beginning = sequentialBeginning(
                    wanted, *m_session.pool().tokenizer, m_session.pool().members.front().facts);
                m_masked = wanted.length - static_cast<int>(beginning.tokens.size());
                QStringList said{tr("%1 given, %2 to write")
                                     .arg(beginning.tokens.size() == 1
                                              ? tr("1 token")
                                              : tr("%1 tokens").arg(beginning.tokens.size()))
                                     .arg(m_masked)};
                for (const std::string& remark : beginning.remarks)
                    said << QString::fromStdString(remark);
                line = said.join(QStringLiteral(". ")).replace(QStringLiteral(".. "), QStringLiteral(". "));
            } else {
                const std::int32_t mask = m_session.pool().maskToken;
                const auto tokens = initialTokens(wanted, *m_session.pool().tokenizer, mask);
                m_masked = static_cast<int>(std::ranges::count(tokens, mask));
                const int fixed = wanted.length - m_masked;
                line = fixed == 0   ? tr("Nothing fixed, %1 to write").arg(m_masked)
                       : fixed == 1 ? tr("1 token fixed, %1 to write").arg(m_masked)
                                    : tr("%1 tokens fixed, %2 to write").arg(fixed).arg(m_masked);
            }
        } catch (const Error& error) {
            fits = false;
            line = fields::sentence(error.parts());
            if (m_problem.isEmpty())
                m_problem = line;
        }
    }
    m_textLine->setText(line);
    setLook(m_textLine, fits ? "dim" : "error");
    // The layout asks a wrapped label for one line; it must keep room for all of this one.
    m_textLine->setMinimumHeight(
        std::max(0, m_textLine->heightForWidth(std::max(m_textLine->width(), kTextLineWidth))));
}

} // namespace steploom
