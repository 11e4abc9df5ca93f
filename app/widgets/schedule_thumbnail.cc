// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/schedule_thumbnail.h"

#include "app/widgets/theme.h"

#include <QImage>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>

namespace steploom {
namespace {

constexpr double kCornerRadius = 3;
constexpr double kHatchDistance = 5; ///< px between hatch lines

struct Column {
    std::array<double, 3> rgb{};
    double beyondFirst = 0; ///< share of its steps done by members other than the first
};

/// Mean colour of each device pixel's steps.
std::vector<Column> columnsOf(const StepSchedule& schedule, const std::string& letters, int columns) {
    std::vector<Column> result(static_cast<std::size_t>(columns));
    const double perStep = static_cast<double>(columns) / schedule.steps();
    for (const StepSchedule::Segment& segment : schedule.segments()) {
        const auto member = static_cast<int>(std::min(letters.find(segment.letter), letters.size()));
        const QColor color = Theme::instance().memberColor(member);
        const double begin = segment.begin * perStep, end = segment.end() * perStep;
        for (int c = static_cast<int>(begin); c < std::min(columns, static_cast<int>(std::ceil(end))); ++c) {
            const double share = std::min<double>(end, c + 1) - std::max<double>(begin, c);
            if (share <= 0)
                continue;
            Column& column = result[static_cast<std::size_t>(c)];
            column.rgb[0] += share * color.redF();
            column.rgb[1] += share * color.greenF();
            column.rgb[2] += share * color.blueF();
            if (member != 0)
                column.beyondFirst += share;
        }
    }
    return result;
}

} // namespace

ScheduleThumbnail::ScheduleThumbnail(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("scheduleThumbnail"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ScheduleThumbnail::setSchedule(const StepSchedule& schedule, const std::string& letters) {
    m_schedule = schedule;
    m_letters = letters;
    const QString notation = schedule.empty() ? QString() : QString::fromStdString(printSchedule(schedule));
    setToolTip(notation);
    setAccessibleName(tr("Schedule %1").arg(notation));
    update();
}

void ScheduleThumbnail::paint(QPainter& painter, const QRectF& bar, const StepSchedule& schedule,
                              const std::string& letters) {
    if (schedule.empty() || bar.width() < 1 || bar.height() < 1)
        return;
    const double ratio = painter.device() ? painter.device()->devicePixelRatioF() : 1;
    const int columns = std::max(1, static_cast<int>(std::lround(bar.width() * ratio)));
    const std::vector<Column> means = columnsOf(schedule, letters, columns);
    QImage strip(columns, 1, QImage::Format_RGB32);
    QPainterPath hatched;
    for (int c = 0; c < columns; ++c) {
        const Column& column = means[static_cast<std::size_t>(c)];
        strip.setPixelColor(c, 0,
                            QColor::fromRgbF(static_cast<float>(std::min(1.0, column.rgb[0])),
                                             static_cast<float>(std::min(1.0, column.rgb[1])),
                                             static_cast<float>(std::min(1.0, column.rgb[2]))));
        if (column.beyondFirst > 0.5)
            hatched.addRect(QRectF(bar.x() + c / ratio, bar.y(), 1 / ratio, bar.height()));
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(bar, kCornerRadius, kCornerRadius);
    painter.setClipPath(outline, Qt::IntersectClip);
    painter.drawImage(bar, strip);
    if (!hatched.isEmpty()) {
        painter.setClipPath(hatched, Qt::IntersectClip);
        QColor hatch = Theme::instance().colors().card;
        hatch.setAlphaF(0.4f);
        painter.setPen(QPen(hatch, 1));
        for (double x = bar.left() - bar.height(); x < bar.right(); x += kHatchDistance)
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x + bar.height(), bar.top()));
    }
    painter.restore();
}

void ScheduleThumbnail::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paint(painter, rect(), m_schedule, m_letters);
}

} // namespace steploom
