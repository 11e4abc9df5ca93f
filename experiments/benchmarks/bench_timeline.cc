// SPDX-License-Identifier: GPL-3.0-or-later
// How long the timeline takes to repaint, and to follow a move of a drag, at up to 10,000 steps. A window is
// fluent when both fit into a frame many times over: 4 ms are allowed for a repaint. Processor time, so that
// what else the machine does is not counted.
#include "app/widgets/theme.h"
#include "app/widgets/timeline_widget.h"
#include "engine/schedule/presets.h"

#include <QApplication>
#include <QImage>
#include <QMouseEvent>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

using namespace steploom;

namespace {

constexpr int kRepeats = 200;
constexpr double kAllowed = 4; ///< ms for a repaint of 10,000 steps
const QSize kSize(1040, 160);  ///< as in a window of 1440 × 900

struct Times {
    double median, slow; ///< ms; slow: 99%
};

template <class Work>
Times measure(Work work) {
    std::vector<double> times;
    for (int i = 0; i < kRepeats; ++i) {
        const std::clock_t begin = std::clock();
        work(i);
        times.push_back(static_cast<double>(std::clock() - begin) * 1e3 / CLOCKS_PER_SEC);
    }
    std::sort(times.begin(), times.end());
    return {times[times.size() / 2], times[times.size() * 99 / 100]};
}

void mouse(QWidget& widget, QEvent::Type type, QPointF at) {
    QMouseEvent event(type, at, widget.mapToGlobal(at),
                      type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton,
                      type == QEvent::MouseButtonRelease ? Qt::NoButton : Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&widget, &event);
}

} // namespace

int main(int argc, char** argv) {
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM") && !qEnvironmentVariableIsSet("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    Theme::instance().apply(application, Theme::Mode::Light);
    bool fluent = true;
    std::printf("%-44s %12s %12s %14s\n", "timeline, 1040 x 160 px", "repaint", "99%", "move of a drag");
    for (const int steps : {256, 1000, 10'000}) {
        for (const Preset preset : {Preset::Sandwich, Preset::Alternating, Preset::Random}) {
            for (const bool strips : {false, true}) {
                TimelineWidget timeline;
                timeline.resize(kSize);
                timeline.setMembers({{'H', "heavy"}, {'L', "light"}, {'M', "middle"}});
                timeline.setSchedule(makePreset(preset, {.steps = steps, .lightShare = 0.4}));
                if (strips) {
                    std::vector<double> importance;
                    std::vector<bool> idle;
                    for (int i = 0; i < steps; ++i) {
                        importance.push_back((i * 37) % 101);
                        idle.push_back(i % 3 == 0);
                    }
                    timeline.setImportance({importance, "KL"});
                    timeline.setIdleSteps(idle);
                }
                timeline.show();
                QImage image(kSize, QImage::Format_ARGB32_Premultiplied);
                const Times paint = measure([&](int) { timeline.render(&image); });
                mouse(timeline, QEvent::MouseButtonPress, timeline.pointAt(steps * 0.3, 2));
                const Times move = measure([&](int i) {
                    mouse(timeline, QEvent::MouseMove, timeline.pointAt(steps * (0.3 + 0.002 * i), 2));
                    timeline.render(&image);
                });
                const std::string_view name = presetName(preset);
                std::printf("%6d steps, %-12.*s%-18s %9.2f ms %9.2f ms %11.2f ms\n", steps,
                            static_cast<int>(name.size()), name.data(), strips ? " with strips" : "",
                            paint.median, paint.slow, move.median);
                fluent = fluent && paint.median < kAllowed;
            }
        }
    }
    std::printf("every repaint under %g ms: %s\n", kAllowed, fluent ? "yes" : "no");
    return fluent ? 0 : 1;
}
