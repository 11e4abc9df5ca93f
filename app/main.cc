// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/demo_pools.h"
#include "app/pages/main_window.h"
#include "app/pages/save_charts.h"
#include "app/widgets/theme.h"
#include "engine/core/version.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <QIcon>
#include <QSettings>

#include <cstdio>

using namespace steploom;

namespace {

constexpr int kWrongUse = 2; ///< exit code, as steploom-cli's

/// The folder of the checkpoints that come with the program: of the build tree, or installed beside it.
QString bundledCheckpoints() {
    QStringList places;
    if (qEnvironmentVariableIsSet("STEPLOOM_RESOURCES"))
        places << qEnvironmentVariable("STEPLOOM_RESOURCES") + "/checkpoints";
    const QString program = QCoreApplication::applicationDirPath();
    places << program + "/../../../resources/checkpoints" << program + "/../share/steploom/checkpoints";
    for (const QString& place : places)
        if (QFileInfo(place).isDir())
            return QDir(place).canonicalPath();
    return {};
}

std::vector<PoolMemberSpec> bundledPool(const QString& folder) {
    return {{.letter = 'H', .name = "heavy", .path = (folder + "/heavy").toStdString()},
            {.letter = 'L', .name = "light", .path = (folder + "/light").toStdString()}};
}

int refuse(const char* text) {
    std::fprintf(stderr, "steploom: %s\n", text);
    return kWrongUse;
}

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QApplication::setOrganizationName("Steploom");
    QApplication::setApplicationName("steploom");
    QApplication::setApplicationDisplayName("Steploom");
    QApplication::setApplicationVersion(kVersion);
    QApplication::setDesktopFileName("org.steploom.Steploom");

    QCommandLineParser parser;
    parser.setApplicationDescription("A workbench for text generation in steps.");
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption store("store", "Keep runs in this file.", "FILE");
    const QCommandLineOption threads("threads", "Compute with this many threads (0: one per processor).", "N",
                                     "0");
    const QCommandLineOption theme("theme", "Colours: light, dark or system.", "THEME");
    const QCommandLineOption model("model", "A pool member, H=PATH or H=PATH:bf16; may be repeated.", "SPEC");
    const QCommandLineOption evaluator("evaluator", "Folder of the causal model that judges text.", "PATH");
    const QCommandLineOption tokenizer("tokenizer", "The pool's tokenizer, when its folders hold none.",
                                       "PATH");
    const QCommandLineOption text("text", "Text that step importance is measured on.", "FILE");
    const QCommandLineOption charts(
        "save-charts",
        "Save the Analyse page's charts of the stored runs as SVG and CSV in this folder, and end.",
        "FOLDER");
    parser.addOptions({store, threads, theme, model, evaluator, tokenizer, text, charts});
    parser.process(application);

    WindowOptions options;
    try {
        bool isNumber = false;
        options.engine.threads = parser.value(threads).toInt(&isNumber);
        if (!isNumber || options.engine.threads < 0)
            return refuse("--threads takes a number from 0 up");
        for (const QString& spec : parser.values(model))
            options.pool.push_back(parseMemberSpec(spec.toStdString()));
        options.engine.storeFile = parser.isSet(store)
                                       ? std::filesystem::path(parser.value(store).toStdString())
                                       : defaultStoreFile();
    } catch (const Error& error) {
        return refuse(error.what());
    }
    if (parser.isSet(theme)) {
        const std::optional<Theme::Mode> mode = themeModeOf(parser.value(theme));
        if (!mode)
            return refuse("--theme takes light, dark or system");
        options.theme = mode;
    }
    options.tokenizer = parser.value(tokenizer);
    options.evaluator = parser.value(evaluator);
    if (const QString bundled = bundledCheckpoints(); !bundled.isEmpty()) {
        if (options.pool.empty())
            options.pool = bundledPool(bundled);
        if (!parser.isSet(evaluator))
            options.evaluator = bundled + "/reader";
        options.demoPools = demoPools(bundled);
        options.text = QDir::cleanPath(bundled + "/../texts/the-lamplighters-geese.txt");
    }

    if (parser.isSet(text))
        options.text = parser.value(text);

    if (parser.isSet(charts)) {
        try {
            Theme::instance().apply(application, options.theme.value_or(Theme::Mode::Light));
            for (const QString& file : saveCharts(options.engine.storeFile, parser.value(charts)))
                std::printf("%s\n", qUtf8Printable(file));
            return 0;
        } catch (const Error& error) {
            std::fprintf(stderr, "steploom: %s\n", error.what());
            return 1;
        }
    }

    MainWindow window(std::move(options));
    window.show();
    return QApplication::exec();
}
