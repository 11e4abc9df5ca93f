// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/token_canvas.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"
#include "engine/text/tokenizer.h"

#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <optional>

namespace steploom {
namespace {

constexpr double kBoxRadius = 4;
constexpr int kMargin = 4;                            ///< px around the text
constexpr double kBracketGap = 1.5, kBracketTick = 3; ///< of the line under a chunk, px
constexpr int kRest = 250;                            ///< ms without a change before the description follows

/// Pen patterns of the second cue, by member: none, solid, dashed, dotted.
Qt::PenStyle underlineOf(int member) {
    constexpr Qt::PenStyle kStyles[] = {Qt::NoPen, Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};
    return kStyles[std::clamp(member, 0, 4)];
}

QString holes(int count) {
    return count == 1 ? QStringLiteral("[mask]") : QStringLiteral("[mask:%1]").arg(count);
}

} // namespace

TokenCanvas::TokenCanvas(QWidget* parent) : QAbstractScrollArea(parent) {
    setObjectName(QStringLiteral("tokenCanvas"));
    setAccessibleName(tr("Generated text"));
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        restyle();
        relayout();
    });
    m_description.setSingleShot(true);
    m_description.setInterval(kRest);
    connect(&m_description, &QTimer::timeout, this,
            [this] { setAccessibleDescription(textOf(0, static_cast<int>(m_sample.tokens.size()) - 1)); });
    restyle();
}

void TokenCanvas::restyle() {
    QFont font = Theme::instance().font(1);
    font.setPixelSize(m_textPixels);
    const QFontMetricsF metrics(font);
    m_texts = std::make_shared<ShapedTexts>(font);
    CanvasMetrics sizes;
    sizes.padding = 2.5;
    // The boxes' padding is a part of the gap that is seen: given tokens, which have no box, read as plain
    // text.
    sizes.space = std::max(2.5, metrics.horizontalAdvance(u' ') - sizes.padding + 1);
    sizes.boxHeight = std::ceil(metrics.height()) + 5;
    sizes.lineHeight = sizes.boxHeight + 7;
    // About four characters a token in English under a 4k…50k vocabulary.
    sizes.averagePiece = 4.2 * metrics.averageCharWidth();
    m_layout = CanvasLayout(sizes, [texts = m_texts](const QString& text) { return texts->widthOf(text); });
}

void TokenCanvas::setTokenizer(std::shared_ptr<const Tokenizer> tokenizer) {
    m_tokenizer = std::move(tokenizer);
    relayout();
}

void TokenCanvas::setMembers(std::vector<CanvasMember> members) {
    m_members = std::move(members);
    viewport()->update();
}

void TokenCanvas::setSample(const SampleTrace& sample, std::int32_t maskToken, int steps) {
    if (sample.index != m_sample.index || sample.tokens.size() != m_sample.tokens.size())
        clearSelection();
    m_whole = sample;
    m_framed.clear();
    m_maskToken = maskToken;
    m_steps = steps;
    m_largestEntropy =
        sample.entropy.empty() ? 0 : *std::max_element(sample.entropy.begin(), sample.entropy.end());
    for (const RemaskedToken& remasked : sample.remasked)
        m_largestEntropy = std::max(m_largestEntropy, double{remasked.entropy});
    showStep();
}

void TokenCanvas::setWords(const StepWords& words) {
    m_words = words;
    viewport()->update();
}

void TokenCanvas::showStep() {
    m_sample = traceAfter(m_whole, m_step);
    relayout();
}

void TokenCanvas::clear() {
    markStep(-1);
    setSample({}, m_maskToken, 0);
}

void TokenCanvas::setStep(int step) {
    if (step == m_step)
        return;
    m_step = step;
    m_whole.remasked.empty() ? relayout() : showStep();
}

bool TokenCanvas::isMasked(int position) const {
    const auto at = static_cast<std::size_t>(position);
    return m_sample.tokens[at] == m_maskToken ||
           (at < m_sample.revealStep.size() && m_sample.revealStep[at] > m_step);
}

int TokenCanvas::maskedCount() const {
    int count = 0;
    for (int position = 0; position < static_cast<int>(m_sample.tokens.size()); ++position)
        count += isMasked(position);
    return count;
}

void TokenCanvas::relayout() {
    const std::size_t size = m_sample.tokens.size();
    std::vector<std::string_view> bytes(size);
    std::vector<bool> masked(size);
    for (std::size_t i = 0; i < size; ++i) {
        masked[i] = isMasked(static_cast<int>(i));
        if (!masked[i] && m_tokenizer)
            bytes[i] = m_tokenizer->bytesOf(m_sample.tokens[i]);
    }
    m_layout.layOut(canvasPieces(bytes, masked), std::max(40, viewport()->width() - 2 * kMargin));
    const int height = static_cast<int>(std::ceil(m_layout.height())) + 2 * kMargin;
    verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(static_cast<int>(m_layout.metrics().lineHeight));
    m_description.start();
    viewport()->update();
}

void TokenCanvas::setColoring(TokenColoring coloring) {
    m_coloring = coloring;
    viewport()->update();
}

double TokenCanvas::scaleEnd() const {
    switch (m_coloring) {
    case TokenColoring::Step:
        return m_steps;
    case TokenColoring::Entropy:
        return entropyEnd();
    case TokenColoring::Confidence:
    case TokenColoring::Model:
        break;
    }
    return 1;
}

void TokenCanvas::setEntropyScale(double nats) {
    m_entropyScale = nats;
    viewport()->update();
}

void TokenCanvas::setFrames(std::vector<bool> framed) {
    m_framed = std::move(framed);
    viewport()->update();
}

void TokenCanvas::setTextPixels(int pixels) {
    m_textPixels = pixels;
    restyle();
    relayout();
}

void TokenCanvas::markStep(int step) {
    if (step == m_marked)
        return;
    m_marked = step;
    viewport()->update();
    emit markChanged(step);
}

QColor TokenCanvas::tintOf(int position) const {
    const auto at = static_cast<std::size_t>(position);
    if (at >= m_sample.revealStep.size() || m_sample.revealStep[at] < 0 || m_sample.member[at] < 0)
        return {}; // given, or written by hand
    switch (m_coloring) {
    case TokenColoring::Model:
        return Theme::instance().tint(Theme::instance().memberColor(m_sample.member[at]));
    case TokenColoring::Step:
        return scaleTint(m_coloring, m_sample.revealStep[at] / std::max(1.0, scaleEnd()));
    case TokenColoring::Confidence:
        return scaleTint(m_coloring, std::exp(double{m_sample.logProbability[at]}));
    case TokenColoring::Entropy:
        return scaleTint(m_coloring, entropyEnd() > 0 ? m_sample.entropy[at] / entropyEnd() : 0);
    }
    return {};
}

bool TokenCanvas::isSelected(int position) const {
    return m_anchor >= 0 && position >= std::min(m_anchor, m_head) && position <= std::max(m_anchor, m_head);
}

void TokenCanvas::paintTints(QPainter& painter, const CanvasLayout::Box& box) const {
    const CanvasPiece& piece = box.piece;
    for (int position = piece.position; position < piece.position + piece.count; ++position) {
        const QRectF part = CanvasLayout::partOf(box, position);
        if (const QColor tint = tintOf(position); tint.isValid()) {
            painter.setBrush(tint);
            piece.count == 1 ? painter.drawRoundedRect(part, kBoxRadius, kBoxRadius) : painter.drawRect(part);
        }
        const auto at = static_cast<std::size_t>(position);
        const int member = at < m_sample.member.size() ? m_sample.member[at] : -1;
        const bool byHand = member < 0 && m_sample.revealStep[at] >= 0;
        if (piece.text.isEmpty() || !(byHand || (m_coloring == TokenColoring::Model && member > 0)))
            continue;
        painter.setPen(byHand ? QPen(Theme::instance().colors().dim, 1.5, Qt::DotLine)
                              : QPen(Theme::instance().memberColor(member), 1.5, underlineOf(member)));
        painter.drawLine(part.bottomLeft() + QPointF(3, -2.5), part.bottomRight() + QPointF(-3, -2.5));
        painter.setPen(Qt::NoPen);
    }
}

void TokenCanvas::paintMarks(QPainter& painter, const CanvasLayout::Box& box) const {
    const ThemeColors& colors = Theme::instance().colors();
    const CanvasPiece& piece = box.piece;
    for (int position = piece.position; position < piece.position + piece.count; ++position) {
        const QRectF part = CanvasLayout::partOf(box, position);
        if (isSelected(position)) {
            QColor selection = colors.heavy;
            selection.setAlphaF(0.35f);
            painter.setPen(Qt::NoPen);
            painter.setBrush(selection);
            painter.drawRoundedRect(part, kBoxRadius, kBoxRadius);
        }
        if (m_marked >= 0 && !piece.masked &&
            m_sample.revealStep[static_cast<std::size_t>(position)] == m_marked) {
            painter.setPen(QPen(colors.ink, 1.5));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(part.adjusted(0.5, 0.5, -0.5, -0.5), kBoxRadius, kBoxRadius);
        }
    }
}

void TokenCanvas::paintFrames(QPainter& painter, const CanvasLayout::Box& box) const {
    const CanvasPiece& piece = box.piece;
    const ThemeColors& colors = Theme::instance().colors();
    // Red marks a difference, unless red is what the tint counts in.
    QColor frame = m_coloring == TokenColoring::Entropy ? colors.ink : colors.heat;
    frame.setAlphaF(0.7f);
    painter.setPen(QPen(frame, 1));
    painter.setBrush(Qt::NoBrush);
    for (int position = piece.position; position < piece.position + piece.count; ++position) {
        const auto at = static_cast<std::size_t>(position);
        if (at < m_framed.size() && m_framed[at] && m_sample.tokens[at] == m_whole.tokens[at])
            painter.drawRoundedRect(CanvasLayout::partOf(box, position).adjusted(0.5, 0.5, -0.5, -0.5),
                                    kBoxRadius, kBoxRadius);
    }
}

void TokenCanvas::paintBox(QPainter& painter, const CanvasLayout::Box& box) const {
    const ThemeColors& colors = Theme::instance().colors();
    const CanvasPiece& piece = box.piece;
    painter.setPen(Qt::NoPen);
    if (piece.masked) {
        painter.setBrush(colors.masked);
        painter.drawRoundedRect(box.rect, kBoxRadius, kBoxRadius);
    } else {
        paintTints(painter, box);
        paintFrames(painter, box);
    }
    paintMarks(painter, box);
    const double top = box.rect.center().y() - m_texts->height() / 2;
    if (!piece.text.isEmpty()) {
        painter.setPen(colors.ink);
        m_texts->draw(painter, {box.rect.x() + m_layout.metrics().padding, top}, piece.text);
    }
    if (piece.lineBreak) {
        static const QString mark = QStringLiteral("↵");
        painter.setPen(colors.dim);
        m_texts->draw(painter, {box.rect.right() - m_layout.metrics().padding - m_texts->widthOf(mark), top},
                      mark);
    }
}

/// A bracket under the tokens of each chunk, line by line: what one vector stands for.
void TokenCanvas::paintChunks(QPainter& painter, std::span<const CanvasLayout::Box> boxes) const {
    if (m_words.chunk < 2)
        return;
    const auto chunkOf = [&](int position) { return position / m_words.chunk; };
    QColor ink = Theme::instance().colors().dim;
    ink.setAlphaF(0.55f);
    painter.setPen(QPen(ink, 1));
    painter.setBrush(Qt::NoBrush);
    const double half = m_layout.metrics().boxHeight / 2;
    std::optional<QRectF> span;
    int chunk = -1;
    bool begins = false, ends = false;
    const auto flush = [&] {
        if (!span)
            return;
        const double bottom = std::round(span->center().y() + half + kBracketGap) + 0.5;
        const double left = span->left() + 1.5, right = span->right() - 1.5;
        QPainterPath bracket(QPointF(left, begins ? bottom - kBracketTick : bottom));
        bracket.lineTo(left, bottom);
        bracket.lineTo(right, bottom);
        if (ends)
            bracket.lineTo(right, bottom - kBracketTick);
        painter.drawPath(bracket);
        span.reset();
    };
    for (const CanvasLayout::Box& box : boxes)
        for (int position = box.piece.position; position < box.piece.position + box.piece.count; ++position) {
            const QRectF part = CanvasLayout::partOf(box, position);
            const bool sameLine = span && std::abs(span->center().y() - part.center().y()) < half;
            if (!sameLine || chunkOf(position) != chunk) {
                flush();
                span = part;
                chunk = chunkOf(position);
                begins = position % m_words.chunk == 0;
            } else {
                span = span->united(QRectF(part.left(), span->top(), part.width(), span->height()));
            }
            ends = position % m_words.chunk == m_words.chunk - 1;
        }
    flush();
}

QImage TokenCanvas::picture(double devicePixelRatio) const {
    const QSize size(viewport()->width(), static_cast<int>(std::ceil(m_layout.height())) + 2 * kMargin);
    QImage image((QSizeF(size) * devicePixelRatio).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(devicePixelRatio);
    image.fill(Theme::instance().colors().card);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(kMargin, kMargin);
    for (const CanvasLayout::Box& box : m_layout.boxes())
        paintBox(painter, box);
    paintChunks(painter, m_layout.boxes());
    return image;
}

void TokenCanvas::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    const QPointF origin(kMargin, kMargin - verticalScrollBar()->value());
    painter.translate(origin);
    const QRectF dirty = QRectF(event->rect()).translated(-origin);
    const std::span<const CanvasLayout::Box> seen = m_layout.boxesBetween(dirty.top(), dirty.bottom());
    for (const CanvasLayout::Box& box : seen)
        paintBox(painter, box);
    paintChunks(painter, seen);
    if (hasFocus() && !m_layout.boxes().empty()) {
        painter.resetTransform();
        painter.setPen(QPen(Theme::instance().tint(Theme::instance().colors().heavy), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(viewport()->rect()).adjusted(0.5, 0.5, -0.5, -0.5), kBoxRadius,
                                kBoxRadius);
    }
}

void TokenCanvas::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    relayout();
}

QPointF TokenCanvas::toContent(QPoint viewportPoint) const {
    return viewportPoint - QPointF(kMargin, kMargin - verticalScrollBar()->value());
}

QPoint TokenCanvas::pointOf(int position) const {
    const std::vector<int> boxes = m_layout.boxesOf(position);
    if (boxes.empty())
        return {-1, -1};
    const CanvasLayout::Box& box = m_layout.boxes()[static_cast<std::size_t>(boxes.front())];
    return (CanvasLayout::partOf(box, position).center() +
            QPointF(kMargin, kMargin - verticalScrollBar()->value()))
        .toPoint();
}

QString TokenCanvas::tooltipOf(int position) const {
    if (position < 0 || position >= static_cast<int>(m_sample.tokens.size()))
        return {};
    const auto at = static_cast<std::size_t>(position);
    if (isMasked(position))
        return m_words.inOrder() ? tr("not written yet\nposition %1, %2 %3")
                                       .arg(position)
                                       .arg(m_words.one())
                                       .arg(position / m_words.chunk)
                                 : tr("masked\nposition %1").arg(position);
    const QString token =
        quotedText(m_tokenizer ? m_tokenizer->bytesOf(m_sample.tokens[at]) : std::string_view());
    QStringList lines{tr("%1  ·  position %2, id %3").arg(token).arg(position).arg(m_sample.tokens[at])};
    if (at >= m_sample.revealStep.size() || m_sample.revealStep[at] < 0)
        return (lines << tr("given")).join(u'\n');
    if (m_sample.member[at] < 0)
        return (lines
                << tr("written by hand before %1 %2").arg(m_words.one()).arg(m_sample.revealStep[at] + 1))
            .join(u'\n');
    const auto member = static_cast<std::size_t>(m_sample.member[at]);
    const int step = m_sample.revealStep[at];
    QString who = step == m_steps && m_steps > 0 ? tr("closing call")
                                                 : QStringLiteral("%1 %2").arg(m_words.one()).arg(step);
    if (member < m_members.size())
        who +=
            QStringLiteral(" · %1 %2").arg(QLatin1Char(m_members[member].letter)).arg(m_members[member].name);
    if (m_words.kind == GenerationKind::Calm)
        return (lines << who << chunkLines(at / static_cast<std::size_t>(m_words.chunk))).join(u'\n');
    lines << who << tr("probability %1").arg(formatNumber(std::exp(double{m_sample.logProbability[at]})))
          << tr("entropy %1 nats").arg(formatNumber(double{m_sample.entropy[at]}));
    return (lines << likeliestLines(at)).join(u'\n');
}

/// "1.  “ the”  0.4131", likeliest first; the one that was drawn is pointed at.
QStringList TokenCanvas::likeliestLines(std::size_t position) const {
    constexpr std::size_t kMostLines = 5;
    const auto k = static_cast<std::size_t>(std::max(0, m_sample.topTokens));
    QStringList lines;
    if (m_sample.likely.size() < (position + 1) * k)
        return lines;
    for (const LikelyToken& likely :
         std::span(m_sample.likely).subspan(position * k, std::min(k, kMostLines))) {
        if (likely.token < 0)
            break;
        const QString text =
            quotedText(m_tokenizer ? m_tokenizer->bytesOf(likely.token) : std::string_view());
        lines << QStringLiteral("%1 %2. %3  %4")
                     .arg(likely.token == m_sample.tokens[position] ? QStringLiteral("›")
                                                                    : QStringLiteral(" "))
                     .arg(lines.size() + 1)
                     .arg(text, formatNumber(std::exp(double{likely.logProbability})));
    }
    return lines;
}

QString TokenCanvas::chunkText(std::span<const std::int32_t> tokens) const {
    std::string bytes;
    for (const std::int32_t token : tokens)
        if (m_tokenizer && token >= 0)
            bytes += m_tokenizer->bytesOf(token);
    return quotedText(bytes);
}

/// The whole chunk, and what else was drawn for it: candidates with their counts, the commonest first.
QStringList TokenCanvas::chunkLines(std::size_t chunk) const {
    constexpr std::size_t kMostLines = 8;
    const auto size = static_cast<std::size_t>(m_words.chunk), first = chunk * size;
    const std::span<const std::int32_t> taken = std::span(m_sample.tokens).subspan(first, size);
    const int draws = chunk < m_sample.chunkDraws.size() ? m_sample.chunkDraws[chunk] : 0;
    QStringList lines{chunkText(taken)};
    if (m_sample.chunkDraws.empty()) // it still forms
        return lines;
    if (draws < 2)
        return lines << tr("the only vector drawn");
    const auto countOf = [&](float logProbability) {
        return static_cast<int>(std::lround(std::exp(double{logProbability}) * draws));
    };
    lines << tr("%1 of %2 draws").arg(countOf(m_sample.logProbability[first])).arg(draws);
    const auto k = static_cast<std::size_t>(std::max(0, m_sample.topTokens));
    if (m_sample.likely.size() < (first + size) * k)
        return lines;
    int listed = 0;
    for (std::size_t candidate = 0; candidate < std::min(k, kMostLines); ++candidate) {
        std::vector<std::int32_t> tokens;
        for (std::size_t i = 0; i < size; ++i)
            tokens.push_back(m_sample.likely[(first + i) * k + candidate].token);
        if (tokens.front() < 0)
            break;
        const int count = countOf(m_sample.likely[first * k + candidate].logProbability);
        listed += count;
        lines << QStringLiteral("%1 %2. %3  %4")
                     .arg(std::ranges::equal(tokens, taken) ? QStringLiteral("›") : QStringLiteral(" "))
                     .arg(candidate + 1)
                     .arg(chunkText(tokens))
                     .arg(count);
    }
    if (listed < draws)
        lines << tr("  others  %1").arg(draws - listed);
    return lines;
}

bool TokenCanvas::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString text = tooltipOf(m_layout.positionAt(toContent(help->pos())));
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(),
                               QStringLiteral("<p style='white-space:pre'>%1</p>").arg(text.toHtmlEscaped()),
                               this);
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

QString TokenCanvas::copiedText() const {
    if (m_anchor >= 0)
        return textOf(std::min(m_anchor, m_head), std::max(m_anchor, m_head));
    return textOf(0, static_cast<int>(m_sample.tokens.size()) - 1);
}

QString TokenCanvas::textOf(int first, int last) const {
    QString text;
    std::vector<std::int32_t> run;
    int masked = 0;
    const auto flush = [&] {
        if (!run.empty() && m_tokenizer)
            text += QString::fromStdString(m_tokenizer->decode(run));
        if (masked > 0)
            text += holes(masked);
        run.clear();
        masked = 0;
    };
    for (int position = first; position <= last; ++position) {
        const bool hole = isMasked(position);
        if (hole ? !run.empty() : masked > 0)
            flush();
        if (hole)
            ++masked;
        else
            run.push_back(m_sample.tokens[static_cast<std::size_t>(position)]);
    }
    flush();
    return text;
}

} // namespace steploom
