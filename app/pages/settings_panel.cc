// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/settings_panel.h"

#include "app/widgets/hole_highlighter.h"
#include "engine/core/error.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRandomGenerator>
#include <QRegularExpressionValidator>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kFieldWidth = 158;
constexpr int kRowGap = 7;
constexpr int kTextHeight = 60;
constexpr int kTextLineWidth = 240; ///< before the first layout tells the real one
constexpr int kLeastHeight = 180;
constexpr int kFieldHeight = 28;
constexpr int kMaximumLength = 65'536;
constexpr int kPromptIndex = 0;
constexpr int kTemplateIndex = 1;

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
    box->setToolTip(SettingsPanel::tr("%1 to %2").arg(low).arg(high));
    box->setCorrectionMode(QAbstractSpinBox::CorrectToNearestValue);
    return box;
}

/// "It has 602 tokens, the length is 128. Shorten it."
QString sentence(const Error& error) {
    QString text;
    for (const std::string& part : {error.parts().why, error.parts().remedy}) {
        QString next = QString::fromStdString(part);
        if (next.isEmpty())
            continue;
        next[0] = next[0].toUpper();
        text += (text.isEmpty() ? "" : " ") + next + (next.endsWith(u'.') ? "" : ".");
    }
    return text;
}

} // namespace

SettingsPanel::SettingsPanel(Session& session, QWidget* parent) : Card(parent), m_session(session) {
    setObjectName("settingsPanel");
    makeFields();
    layOut();

    const auto edited = [this] {
        if (!m_quiet)
            review();
    };
    for (QSpinBox* box : {m_length, m_samples, m_batch, m_topTokens})
        connect(box, &QSpinBox::valueChanged, this, edited);
    for (QDoubleSpinBox* box : {m_temperature, m_topP})
        connect(box, &QDoubleSpinBox::valueChanged, this, edited);
    connect(m_steps, &QSpinBox::valueChanged, this, [this](int steps) {
        if (!m_quiet)
            emit stepsEdited(steps);
    });
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
    connect(&m_session, &Session::poolChanged, this, edited);
    review();
}

void SettingsPanel::makeFields() {
    const GenerationRequest defaults;
    m_steps = spin(1, StepSchedule::kMaximumSteps, 256, "stepsField");
    m_steps->setKeyboardTracking(false); // 2, 25, 256: the schedule follows the number, not its beginnings
    m_length = spin(1, kMaximumLength, defaults.length, "lengthField", tr(" tokens"));
    m_order = new OrderFields(kFieldWidth);
    m_temperature = realSpin(0.05, 10, 0.05, "temperatureField");
    m_topP = realSpin(0.01, 1, 0.05, "topPField");
    m_samples = spin(1, 100'000, defaults.samples, "samplesField");
    m_batch = spin(kAutomaticBatch, kLargestBatch, defaults.batch, "batchField");
    m_batch->setSpecialValueText(tr("automatic"));
    m_topTokens = spin(0, kMostTopTokens, defaults.topTokens, "topTokensField");
    m_topTokens->setSpecialValueText(tr("none"));

    m_seed = new QLineEdit(QString::number(defaults.seed));
    m_seed->setObjectName("seedField");
    m_seed->setAccessibleName(tr("seed"));
    m_seed->setAlignment(Qt::AlignRight);
    m_seed->setValidator(new QRegularExpressionValidator(QRegularExpression("[0-9]{1,20}"), m_seed));
    m_dice = new FlatButton(Glyph::Dice, tr("Draw a new seed"));
    m_dice->setObjectName("seedDice");
    m_dice->setFixedSize(kFieldHeight, kFieldHeight);
    connect(m_dice, &QToolButton::clicked, this, &SettingsPanel::drawSeed);

    m_moreButton = new QToolButton;
    m_moreButton->setObjectName("moreButton");
    m_moreButton->setText(tr("More"));
    setLook(m_moreButton, "link");

    m_textKind = new SegmentedSwitch({tr("Prompt"), tr("Template")});
    m_textKind->setObjectName("textKind");
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
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidgetResizable(true);
    scroll->setMinimumHeight(kLeastHeight);
    auto* form = new QWidget;
    auto* column = new QVBoxLayout(form);
    column->setContentsMargins(13, 11, 13, 11);
    column->setSpacing(kRowGap);
    column->addWidget(makeLabel(tr("Generation"), "title"));
    const auto add = [&](const QString& label, QWidget* field, const QString& tip) {
        auto* row = new LabeledRow(label, field, kFieldWidth);
        row->setToolTip(tip);
        column->addWidget(row);
        return row;
    };
    add(tr("steps"), m_steps, tr("T: denoising steps from all masked to all written"));
    add(tr("length"), m_length, tr("L: tokens of a sample, prompt included"));
    column->addWidget(m_order);
    add(tr("temperature"), m_temperature, tr("Logits are divided by it before the softmax"));
    add(tr("top-p"), m_topP, tr("Tokens are drawn from the smallest set with at least this probability"));
    add(tr("samples"), m_samples, tr("How many texts to generate"));

    auto* seedRow = new QWidget;
    auto* seed = new QHBoxLayout(seedRow);
    seed->setContentsMargins({});
    seed->setSpacing(4);
    seed->addWidget(m_dice);
    seed->addWidget(m_seed, 1);
    add(tr("seed"), seedRow, tr("The same seed gives the same samples, bit for bit"));

    m_more = new QWidget;
    auto* more = new QVBoxLayout(m_more);
    more->setContentsMargins({});
    more->setSpacing(kRowGap);
    auto* batch = new LabeledRow(tr("batch"), m_batch, kFieldWidth);
    batch->setToolTip(
        tr("Samples in one network call at most; changes speed, not results. Automatic: a short "
           "timing chooses when the run starts"));
    more->addWidget(batch);
    auto* topTokens = new LabeledRow(tr("kept top-k"), m_topTokens, kFieldWidth);
    topTokens->setToolTip(tr(
        "The likeliest tokens kept of every reveal, for looking at; about 6 bytes each, changes no token"));
    more->addWidget(topTokens);
    more->addWidget(m_order->advanced());
    showMore(false);
    column->addWidget(m_more);
    column->addWidget(m_moreButton, 0, Qt::AlignLeft);
    connect(m_moreButton, &QToolButton::clicked, this, [this] { showMore(m_more->isHidden()); });

    auto* heading = new QHBoxLayout;
    heading->addWidget(makeLabel(tr("Start from"), "title"));
    heading->addStretch(1);
    heading->addWidget(m_textKind);
    column->addLayout(heading);
    column->addWidget(m_text, 1);
    column->addWidget(m_textLine);

    scroll->setWidget(form);
    form->setAutoFillBackground(false); // the card shows through
    scroll->viewport()->setAutoFillBackground(false);
    auto* card = new QVBoxLayout(this);
    card->setContentsMargins(1, 1, 1, 1);
    card->addWidget(scroll);
}

void SettingsPanel::showMore(bool shown) {
    m_more->setVisible(shown);
    m_moreButton->setText(shown ? tr("Less") : tr("More"));
}

void SettingsPanel::drawSeed() {
    m_seed->setText(QString::number(QRandomGenerator::global()->bounded(1, 1'000'000)));
}

GenerationRequest SettingsPanel::request() const {
    GenerationRequest request;
    request.length = m_length->value();
    request.samples = m_samples->value();
    request.seed = m_seed->text().toULongLong();
    m_order->writeTo(request);
    request.temperature = m_temperature->value();
    request.topP = m_topP->value();
    request.batch = m_batch->value();
    request.topTokens = m_topTokens->value();
    const std::string text = m_text->toPlainText().toStdString();
    (m_textKind->currentIndex() == kTemplateIndex ? request.templateText : request.prompt) = text;
    return request;
}

void SettingsPanel::setRequest(const GenerationRequest& request) {
    m_quiet = true;
    if (!request.schedule.empty())
        m_steps->setValue(request.schedule.steps());
    m_length->setValue(request.length);
    m_samples->setValue(request.samples);
    m_seed->setText(QString::number(request.seed));
    m_order->show(request);
    if (OrderFields::usesAdvanced(request))
        showMore(true);
    m_temperature->setValue(request.temperature);
    m_topP->setValue(request.topP);
    m_batch->setValue(request.batch);
    m_topTokens->setValue(request.topTokens);
    const bool isTemplate = !request.templateText.empty();
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
}

void SettingsPanel::review() {
    m_problem.clear();
    bool seedFits = false;
    m_seed->text().toULongLong(&seedFits);
    if (!seedFits)
        m_problem = m_seed->text().isEmpty() ? tr("A seed is missing")
                                             : tr("The seed is beyond 18,446,744,073,709,551,615");
    judgeText();
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
            const std::int32_t mask = m_session.pool().maskToken;
            const auto tokens = initialTokens(wanted, *m_session.pool().tokenizer, mask);
            m_masked = static_cast<int>(std::ranges::count(tokens, mask));
            const int fixed = wanted.length - m_masked;
            line = fixed == 0   ? tr("Nothing fixed, %1 to write").arg(m_masked)
                   : fixed == 1 ? tr("1 token fixed, %1 to write").arg(m_masked)
                                : tr("%1 tokens fixed, %2 to write").arg(fixed).arg(m_masked);
        } catch (const Error& error) {
            fits = false;
            line = sentence(error);
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
