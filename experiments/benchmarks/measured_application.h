// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QThread>

#include <algorithm>
#include <cstdio>
#include <vector>

namespace steploom {

inline constexpr double kFrame = 16; ///< ms

/// Measures what the window's thread does: how long each event takes, and which of them are paints.
class MeasuredApplication : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override {
        // Qt asks in every thread; the engine's own events last as long as a run.
        if (QThread::currentThread() != thread() || m_depth > 0 || !measuring)
            return QApplication::notify(receiver, event);
        const bool paints = event->type() == QEvent::UpdateRequest;
        QElapsedTimer timer;
        timer.start();
        ++m_depth;
        const bool handled = QApplication::notify(receiver, event);
        --m_depth;
        const double milliseconds = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
        (paints ? frames : others).push_back(milliseconds);
        return handled;
    }

    bool measuring = false;
    std::vector<double> frames, others; ///< ms

private:
    int m_depth = 0;
};

inline double quantile(std::vector<double> values, double q) {
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1,
                           static_cast<std::size_t>(q * static_cast<double>(values.size())))];
}

inline double shareBelow(const std::vector<double>& values, double limit) {
    const auto below = std::count_if(values.begin(), values.end(), [limit](double v) { return v < limit; });
    return values.empty() ? 1 : static_cast<double>(below) / static_cast<double>(values.size());
}

inline void print(const char* what, const std::vector<double>& values) {
    std::printf("%-34s n %6zu   median %6.2f ms   99%% %6.2f ms   longest %6.2f ms   under %g ms %.4f\n",
                what, values.size(), quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1),
                kFrame, shareBelow(values, kFrame));
}

} // namespace steploom
