// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/save_charts.h"

#include "app/bridge/run_library.h"
#include "app/pages/analyse_page.h"
#include "app/pages/chart_card.h"
#include "app/widgets/plot_widget.h"
#include "engine/core/error.h"

#include <QCoreApplication>
#include <QDir>

namespace steploom {

namespace {

constexpr QSize kChart(900, 560); ///< px: what a page of text has room for

const struct {
    AnalyseChart chart;
    const char* name;
} kCharts[] = {{AnalyseChart::Quality, "quality"},
               {AnalyseChart::Importance, "importance"},
               {AnalyseChart::Search, "search"},
               {AnalyseChart::Prediction, "prediction"},
               {AnalyseChart::Frontier, "frontier"},
               {AnalyseChart::Correlation, "correlation"},
               {AnalyseChart::Brier, "brier"},
               {AnalyseChart::Ablation, "ablation"},
               {AnalyseChart::Autoencoder, "autoencoder"},
               {AnalyseChart::Training, "training"}};

} // namespace

QStringList saveCharts(const std::filesystem::path& store, const QString& folder) {
    RunLibrary library(store);
    std::optional<Error::Parts> unreadable;
    QObject::connect(&library, &RunLibrary::failed, [&](const Error::Parts& error) { unreadable = error; });
    library.refresh();
    if (unreadable)
        throw Error(ErrorKind::Store, *unreadable);
    if (!QDir().mkpath(folder))
        throw Error(ErrorKind::File, {"cannot save the charts", folder.toStdString(),
                                      "the folder cannot be made", "Choose another one"});
    Session session;
    AnalysePage page(&session);
    page.setAttribute(Qt::WA_DontShowOnScreen);
    page.setRuns(library.runs(), library.runCount());
    page.setTrainings(library.trainings(), [&](qint64 id) { return library.loadTraining(id); });
    page.setAnalyses(library.analyses());
    page.show();
    QStringList files;
    for (const auto& each : kCharts) {
        page.showChart(each.chart);
        QCoreApplication::processEvents();
        PlotWidget* plot = page.card(each.chart)->plot();
        if (plot->plot().isEmpty())
            continue;
        plot->resize(kChart);
        for (const char* suffix : {".svg", ".csv"}) {
            const QString file = QDir(folder).filePath(QLatin1String(each.name) + QLatin1String(suffix));
            if (const QString why = plot->save(file); !why.isEmpty())
                throw Error(ErrorKind::File, {"cannot save the charts", file.toStdString(), why.toStdString(),
                                              "Choose another folder"});
            files += file;
        }
    }
    return files;
}

} // namespace steploom
