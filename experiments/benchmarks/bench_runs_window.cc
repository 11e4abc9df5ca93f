// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the table of runs stays fluent over a large store: bench_runs_window STORE, which is made with
// 100,000 runs of four samples where there is none (bench_store makes the same). How soon the table is
// there, how long a search, another order, groups and a star take until they are painted, and how long the
// frames take while it scrolls. The store is written to: a run gets a star and loses it again.
#include "app/bridge/run_list_model.h"
#include "app/pages/main_window.h"
#include "app/pages/run_table.h"
#include "experiments/benchmarks/made_up_runs.h"
#include "experiments/benchmarks/measured_application.h"

#include <QComboBox>
#include <QLineEdit>
#include <QScrollBar>
#include <QSettings>
#include <QTemporaryDir>

#include <ctime>
#include <functional>
#include <random>

using namespace steploom;

namespace {

constexpr int kFrames = 600;
constexpr int kRuns = 100'000, kBatch = 500;

void makeStore(const std::filesystem::path& file) {
    RunStore store(file);
    MadeUpRuns made;
    for (int i = store.count(); i < kRuns; i += kBatch) {
        std::vector<Run> runs;
        for (int j = 0; j < kBatch; ++j)
            runs.push_back(made.next());
        store.addRuns(runs);
    }
}

/// Everything that the window still has to do, paints included.
void settle() {
    QApplication::sendPostedEvents();
    QApplication::processEvents();
}

/// Of this thread: what a machine without other work would take.
double processorMilliseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

void tell(const QString& what, const std::function<void()>& work, const QWidget& table) {
    std::vector<double> times, processor;
    for (int i = 0; i < 5; ++i) {
        QElapsedTimer timer;
        timer.start();
        const double before = processorMilliseconds();
        work();
        settle();
        times.push_back(static_cast<double>(timer.nsecsElapsed()) * 1e-6);
        processor.push_back(processorMilliseconds() - before);
    }
    const auto* view = qobject_cast<const QAbstractItemView*>(&table);
    std::printf("%-44s median %7.1f ms   of processor time %6.1f ms   %d rows\n", qPrintable(what),
                quantile(times, 0.5), quantile(processor, 0.5), view ? view->model()->rowCount() : 0);
    std::fflush(stdout);
}

void scroll(MeasuredApplication& application, RunTable& table, const char* what,
            const std::function<int(int frame)>& place) {
    application.frames.clear();
    application.measuring = true;
    std::vector<double> processor; // of the whole frame: fetching rows, layout, paint
    for (int frame = 0; frame < kFrames; ++frame) {
        const double before = processorMilliseconds();
        table.verticalScrollBar()->setValue(place(frame));
        settle();
        processor.push_back(processorMilliseconds() - before);
    }
    application.measuring = false;
    print(what, application.frames);
    print("  of processor time", processor);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "bench_runs_window STORE: a store of many runs\n");
        return 2;
    }
    if (!std::filesystem::exists(argv[1]))
        makeStore(argv[1]);
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM") && !qEnvironmentVariableIsSet("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    MeasuredApplication application(argc, argv);
    QTemporaryDir folder;
    QCoreApplication::setOrganizationName("steploom-bench");
    QCoreApplication::setApplicationName("steploom-bench");
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
    QSettings().setValue("window/page", "runsPage"); // it opens there

    QElapsedTimer sinceStart;
    sinceStart.start();
    const double begun = processorMilliseconds();
    WindowOptions options;
    options.engine.storeFile = argv[1];
    MainWindow window(std::move(options));
    window.resize(1440, 900);
    window.show();
    settle();
    auto* table = window.findChild<RunTable*>("runTable");
    std::printf("window with its table of %d runs after %lld ms, %.0f ms of processor time\n",
                table->model()->rowCount(), static_cast<long long>(sinceStart.elapsed()),
                processorMilliseconds() - begun);
    std::fflush(stdout);

    auto* line = window.findChild<QLineEdit*>("runFilter");
    for (const char* query : {"light<0.3", "ppl<30", "starred", "state:finished steps:256",
                              "seed:1..8 saved>10%", "river", "\"the river\"", "-river ppl<40", "zzzz", ""}) {
        const auto search = [&] {
            line->setText(QString::fromUtf8(query));
            emit line->returnPressed();
        };
        tell(QStringLiteral("search %1").arg(*query == '\0' ? "(all)" : query), search, *table);
    }
    for (const auto& [name, column] : {std::pair{"started", RunListModel::Started},
                                       {"perplexity", RunListModel::Perplexity},
                                       {"saved", RunListModel::Saved},
                                       {"schedule", RunListModel::Schedule}}) {
        Qt::SortOrder order = Qt::AscendingOrder;
        tell(
            QStringLiteral("sort by %1").arg(name),
            [&] {
                order = order == Qt::AscendingOrder ? Qt::DescendingOrder : Qt::AscendingOrder;
                table->sortByColumn(column, order);
            },
            *table);
    }
    const std::int64_t run = table->model()->index(3, 0).data(RunListModel::IdRole).toLongLong();
    bool starred = false;
    tell(
        "give a star, take it away",
        [&] {
            starred = !starred;
            (void)window.library().setStarred(std::vector<std::int64_t>{run}, starred);
        },
        *table);
    (void)window.library().setStarred(std::vector<std::int64_t>{run}, false);
    auto* grouping = window.findChild<QComboBox*>("runGrouping");
    auto* groups = window.findChild<QAbstractItemView*>("runGroups");
    for (int by = 1; by < grouping->count(); ++by)
        tell(
            "group " + grouping->itemText(by),
            [&] {
                grouping->setCurrentIndex(0);
                grouping->setCurrentIndex(by);
            },
            *groups);
    grouping->setCurrentIndex(0);
    table->sortByColumn(RunListModel::Started, Qt::DescendingOrder);
    settle();

    scroll(application, *table, "scroll by the wheel, 3 rows a frame", [](int frame) { return frame * 108; });
    const int end = table->verticalScrollBar()->maximum();
    scroll(application, *table, "drag from end to end",
           [end](int frame) { return static_cast<int>(static_cast<double>(end) * frame / kFrames); });
    std::mt19937 random(1);
    scroll(application, *table, "jump anywhere",
           [&](int) { return static_cast<int>(random() % static_cast<unsigned>(std::max(1, end))); });
    return 0;
}
