// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/page_preview.h"

#include "app/widgets/theme.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>
#include <array>
#include <cmath>

namespace steploom {
namespace {

constexpr int kMargin = 20, kGap = 16; // px
constexpr double kPixelsPerPoint = 96.0 / 72;
constexpr double kWidestFit = 1.5; ///< a page that fills a wide window would be too large to read
constexpr std::array kZooms = {0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0};
constexpr std::size_t kKept = 12;                   ///< pages whose drawings are kept
constexpr qsizetype kKeptBytes = 192 * 1024 * 1024; ///< of them, but for those that are seen

} // namespace

PagePreview::PagePreview(QWidget* parent) : QAbstractScrollArea(parent) {
    setObjectName(QStringLiteral("reportPreview"));
    setAccessibleName(tr("Preview of the report"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setBackgroundRole(QPalette::Window);
    connect(&Theme::instance(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void PagePreview::setPages(int count, QSizeF size) {
    m_count = std::max(0, count);
    if (!size.isEmpty())
        m_size = size;
    std::erase_if(m_drawn, [&](const auto& each) { return each.first >= m_count; });
    for (auto& [page, drawn] : m_drawn)
        drawn.stale = true;
    m_asked.clear();
    relayout();
    ask();
}

void PagePreview::setImage(int page, const QImage& image) {
    if (page < 0 || page >= m_count)
        return;
    m_drawn[page] = {image, m_askedScale, false};
    std::erase(m_asked, page);
    forgetFarPages();
    viewport()->update();
}

/// What is far from what is seen goes first.
void PagePreview::forgetFarPages() {
    const std::vector<int> seen = seenPages();
    const auto bytes = [&] {
        qsizetype sum = 0;
        for (const auto& [page, drawn] : m_drawn)
            sum += drawn.image.sizeInBytes();
        return sum;
    };
    while (!seen.empty() && (m_drawn.size() > kKept || bytes() > kKeptBytes)) {
        const auto first = m_drawn.begin(), last = std::prev(m_drawn.end());
        const int before = seen.front() - first->first, behind = last->first - seen.back();
        if (before <= 0 && behind <= 0)
            return;
        m_drawn.erase(before > behind ? first : last);
    }
}

bool PagePreview::isComplete() const {
    const std::vector<int> seen = seenPages();
    return !seen.empty() && std::ranges::all_of(seen, [&](int page) {
        const auto found = m_drawn.find(page);
        return found != m_drawn.end() && !found->second.stale && found->second.scale == deviceScale();
    });
}

double PagePreview::shownZoom() const { return pagePixels().width() / (m_size.width() * kPixelsPerPoint); }

QSizeF PagePreview::pagePixels() const {
    const double natural = m_size.width() * kPixelsPerPoint;
    const double fit = std::clamp(viewport()->width() - 2.0 * kMargin, 40.0, natural * kWidestFit);
    const double width = std::round(m_zoom > 0 ? natural * m_zoom : fit);
    return {width, std::round(width * m_size.height() / m_size.width())};
}

double PagePreview::deviceScale() const {
    return pagePixels().width() * devicePixelRatioF() / m_size.width();
}

QRectF PagePreview::pageRect(int page) const {
    const QSizeF size = pagePixels();
    const double free = viewport()->width() - size.width();
    const double x = free > 2 * kMargin ? std::floor(free / 2) : kMargin - horizontalScrollBar()->value();
    return {QPointF(x, kMargin + page * (size.height() + kGap) - verticalScrollBar()->value()), size};
}

std::vector<int> PagePreview::seenPages() const {
    std::vector<int> pages;
    const double step = pagePixels().height() + kGap;
    const int first = std::max(0, static_cast<int>((verticalScrollBar()->value() - kMargin) / step));
    for (int page = first; page < m_count && pageRect(page).top() < viewport()->height(); ++page)
        if (pageRect(page).bottom() > 0)
            pages.push_back(page);
    return pages;
}

int PagePreview::currentPage() const {
    int current = -1;
    double most = 0;
    for (const int page : seenPages()) {
        const double seen = pageRect(page).intersected(QRectF(viewport()->rect())).height();
        if (seen > most + 1) {
            most = seen;
            current = page;
        }
    }
    return current;
}

void PagePreview::showPage(int page) {
    if (m_count == 0)
        return;
    page = std::clamp(page, 0, m_count - 1);
    verticalScrollBar()->setValue(static_cast<int>(page * (pagePixels().height() + kGap)));
}

void PagePreview::setZoom(double zoom) {
    const int page = std::max(0, currentPage());
    const double within = -pageRect(page).top() / pagePixels().height();
    m_zoom = zoom <= 0 ? 0 : std::clamp(zoom, kZooms.front(), kZooms.back());
    relayout();
    verticalScrollBar()->setValue(static_cast<int>(
        std::lround(kMargin + page * (pagePixels().height() + kGap) + within * pagePixels().height())));
    ask();
}

void PagePreview::zoomIn() {
    const auto next = std::ranges::find_if(kZooms, [&](double each) { return each > shownZoom() + 0.01; });
    setZoom(next == kZooms.end() ? kZooms.back() : *next);
}

void PagePreview::zoomOut() {
    const auto next =
        std::find_if(kZooms.rbegin(), kZooms.rend(), [&](double each) { return each < shownZoom() - 0.01; });
    setZoom(next == kZooms.rend() ? kZooms.front() : *next);
}

void PagePreview::relayout() {
    const QSizeF size = pagePixels();
    const double height = m_count == 0 ? 0 : 2 * kMargin + m_count * (size.height() + kGap) - kGap;
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(48);
    verticalScrollBar()->setRange(0, std::max(0, static_cast<int>(height) - viewport()->height()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setRange(
        0,
        m_count == 0 ? 0 : std::max(0, static_cast<int>(size.width()) + 2 * kMargin - viewport()->width()));
    viewport()->update();
    emit viewChanged();
}

/// For what is seen and not drawn as it should be; not twice for the same.
void PagePreview::ask() {
    const double scale = deviceScale();
    std::vector<int> wanted;
    for (const int page : seenPages()) {
        const auto found = m_drawn.find(page);
        if (found == m_drawn.end() || found->second.stale || found->second.scale != scale)
            wanted.push_back(page);
    }
    if (wanted.empty() || (wanted == m_asked && scale == m_askedScale))
        return;
    m_asked = wanted;
    m_askedScale = scale;
    emit pagesWanted(wanted, scale);
}

void PagePreview::paintEvent(QPaintEvent*) {
    const ThemeColors& colors = Theme::instance().colors();
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.fillRect(viewport()->rect(), colors.background);
    for (const int page : seenPages()) {
        const QRectF rect = pageRect(page);
        painter.fillRect(rect, Qt::white);
        if (const auto found = m_drawn.find(page); found != m_drawn.end())
            painter.drawImage(rect, found->second.image);
        painter.setPen(colors.line);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5));
    }
    if (hasFocus()) {
        painter.setPen(QPen(colors.heavy, 2));
        painter.drawRect(viewport()->rect().adjusted(1, 1, -1, -1));
    }
}

void PagePreview::resizeEvent(QResizeEvent*) {
    const int page = std::max(0, currentPage());
    relayout();
    if (m_zoom == 0 && page > 0 && currentPage() != page)
        showPage(page);
    ask();
}

void PagePreview::scrollContentsBy(int, int) {
    viewport()->update();
    ask();
    emit viewChanged();
}

void PagePreview::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_PageDown:
    case Qt::Key_Space:
        return showPage(currentPage() + 1);
    case Qt::Key_PageUp:
    case Qt::Key_Backspace:
        return showPage(currentPage() - 1);
    case Qt::Key_Home:
        return showPage(0);
    case Qt::Key_End:
        return showPage(m_count - 1);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomIn();
    case Qt::Key_Minus:
        return zoomOut();
    case Qt::Key_0:
        return setZoom(0);
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

void PagePreview::wheelEvent(QWheelEvent* event) {
    if (!(event->modifiers() & Qt::ControlModifier))
        return QAbstractScrollArea::wheelEvent(event);
    if (event->angleDelta().y() > 0)
        zoomIn();
    else if (event->angleDelta().y() < 0)
        zoomOut();
    event->accept();
}

} // namespace steploom
