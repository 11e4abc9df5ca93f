// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/preset_menu.h"

#include "app/widgets/controls.h"
#include "app/widgets/theme.h"
#include "engine/schedule/optimum_schedule.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QSignalBlocker>
#include <QSlider>
#include <QWidgetAction>

#include <algorithm>
#include <cmath>

namespace steploom {

namespace {

constexpr QSize kPicture(64, 12);
constexpr int kPictureSteps = 64; ///< a picture shows the shape at this many steps

QString displayName(Preset preset) {
    const std::string_view name = presetName(preset);
    QString text = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    text[0] = text[0].toUpper();
    return text;
}

void drawPicture(QPainter& painter, const StepSchedule& schedule, char heavy, QPointF at) {
    painter.save();
    painter.translate(at);
    QPainterPath clip;
    clip.addRoundedRect(QRectF(QPointF(0, 0), QSizeF(kPicture)), 3, 3);
    painter.setClipPath(clip);
    const double scale = static_cast<double>(kPicture.width()) / schedule.steps();
    for (const auto& segment : schedule.segments()) {
        painter.fillRect(QRectF(segment.begin * scale, 0, segment.steps * scale, kPicture.height()),
                         Theme::instance().memberColor(segment.letter == heavy ? 0 : 1));
    }
    painter.restore();
}

} // namespace

PresetMenu::PresetMenu(QWidget* parent) : QMenu(parent) {
    setObjectName(QStringLiteral("presetsMenu"));
    addBudgetRow();
    addSeparator();
    for (const Preset preset : allPresets()) {
        QAction* action = addAction(displayName(preset));
        action->setObjectName(QStringLiteral("preset") + displayName(preset).remove(u' '));
        connect(action, &QAction::triggered, this, [this, preset] {
            const std::string_view name = presetName(preset);
            emit chosen(makePreset(preset, m_options),
                        QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())));
        });
        m_actions.push_back(action);
    }
    addSeparator();
    setToolTipsVisible(true);
    m_optimum = addAction(tr("Optimum for this budget"));
    m_optimum->setObjectName(QStringLiteral("presetOptimum"));
    connect(m_optimum, &QAction::triggered, this,
            [this] { emit chosen(optimumSchedule(m_importance, m_options), tr("optimum")); });
    setImportance({}, 2);
}

void PresetMenu::setImportance(const std::vector<double>& importance, std::size_t members) {
    m_importance = importance;
    m_optimum->setEnabled(!importance.empty() && members > 1);
    m_optimum->setText(importance.empty() ? tr("Optimum for this budget: importance not measured yet")
                                          : tr("Optimum for this budget"));
    m_optimum->setToolTip(
        importance.empty()
            ? tr("It needs to know what each step loses with the light model (the KL divergence of heavy and "
                 "light, step by step), which has not been measured for this pool")
        : members < 2
            ? tr("The pool has one model only")
            : tr("The light steps where they cost least: the smallest sum of importance with this share "
                 "of light steps"));
}

void PresetMenu::addBudgetRow() {
    auto* holder = new QWidget(this);
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins(12, 6, 8, 6);
    row->setSpacing(Theme::kGrid);
    row->addWidget(makeLabel(tr("light share"), "dim", holder));
    m_slider = new QSlider(Qt::Horizontal, holder);
    m_slider->setObjectName(QStringLiteral("presetShareSlider"));
    m_slider->setAccessibleName(tr("Share of light steps"));
    m_slider->setRange(0, 100);
    m_slider->setFixedWidth(110);
    m_budget = new QDoubleSpinBox(holder);
    m_budget->setObjectName(QStringLiteral("presetShare"));
    m_budget->setAccessibleName(tr("Share of light steps, percent"));
    m_budget->setRange(0, 100);
    m_budget->setDecimals(1);
    m_budget->setSuffix(QStringLiteral("%"));
    m_budget->setFixedWidth(84);
    row->addWidget(m_slider);
    row->addWidget(m_budget);
    auto* action = new QWidgetAction(this);
    action->setDefaultWidget(holder);
    addAction(action);
    connect(m_slider, &QSlider::valueChanged, m_budget, [this](int percent) {
        if (std::lround(m_budget->value()) != percent) {
            m_budget->setValue(percent);
        }
    });
    connect(m_budget, &QDoubleSpinBox::valueChanged, this, [this](double percent) {
        const QSignalBlocker quiet(m_slider);
        m_slider->setValue(static_cast<int>(std::lround(percent)));
        m_options.lightShare = std::clamp(percent / 100, 0.0, 1.0);
        update();
    });
}

void PresetMenu::setOptions(const PresetOptions& options, const StepSchedule& current) {
    {
        const QSignalBlocker quietBudget(m_budget), quietSlider(m_slider);
        m_budget->setValue(options.lightShare * 100);
        m_slider->setValue(static_cast<int>(std::lround(options.lightShare * 100)));
    }
    m_options = options; // after the fields: 16.7 in the field must not round a share of one sixth
    const std::string_view now = nameOfSchedule(current, options.heavy, options.light);
    for (std::size_t i = 0; i < m_actions.size(); ++i) {
        QFont font = Theme::instance().font(0, presetName(allPresets()[i]) == now);
        m_actions[i]->setFont(font);
    }
    update();
}

void PresetMenu::paintEvent(QPaintEvent* event) {
    QMenu::paintEvent(event);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    PresetOptions options = m_options;
    options.steps = kPictureSteps;
    const auto draw = [&](QAction* action, const StepSchedule& schedule) {
        const QRectF row = actionGeometry(action);
        drawPicture(painter, schedule, options.heavy,
                    {row.right() - kPicture.width() - 10, row.center().y() - kPicture.height() / 2.0});
    };
    if (m_optimum->isEnabled()) {
        draw(m_optimum, optimumSchedule(m_importance, options));
    }
    for (std::size_t i = 0; i < m_actions.size(); ++i) {
        draw(m_actions[i], makePreset(allPresets()[i], options));
    }
}

} // namespace steploom
