// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the window stays fluent while it generates: how long its thread is busy at a stretch, how long its
// frames take to paint, and how soon it is there. With --canvas: the same for a sample of 4,096 tokens, while
// it forms and while it is played.
#include "app/pages/main_window.h"
#include "app/widgets/canvas_panel.h"
#include "engine/text/tokenizer.h"
#include "experiments/benchmarks/measured_application.h"

#include <QAbstractButton>
#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QSettings>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QThread>
#include <QTimer>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

using namespace steploom;

namespace {

/// A network without a network: logits by a hash, and one processor busy for as long as a small one takes.
/// The canvas then has a new state for every frame.
class BusyDenoiser : public MaskedDiffusionModel {
public:
    BusyDenoiser(int vocabulary, int length) {
        m_facts.architecture = "busy";
        m_facts.blocks = 4;
        m_facts.width = 64;
        m_facts.heads = 1;
        m_facts.keyValueHeads = 1;
        m_facts.vocabulary = vocabulary;
        m_facts.length = length;
        m_facts.weightFlopsPerRow = m_facts.headFlopsPerRow = 1e6;
    }
    const ModelFacts& facts() const noexcept override { return m_facts; }
    bool timeConditioned() const noexcept override { return true; }
    std::int32_t maskToken() const noexcept override { return m_facts.vocabulary - 1; }
    void reserve(int, int) override {}
    void logits(const DenoisingCall&, std::span<float> out) override {
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
        for (float& logit : out) {
            m_state = m_state * 6364136223846793005u + 1442695040888963407u;
            logit = static_cast<float>(m_state >> 40) / 2'000'000.0f;
        }
        while (std::chrono::steady_clock::now() < end) {
        }
    }

private:
    ModelFacts m_facts;
    std::uint64_t m_state = 1;
};

constexpr int kTokens = 4096;

ModelPool busyPool(std::vector<PoolMemberSpec> specs, const std::filesystem::path&, ComputeContext&) {
    const auto tokenizer = Tokenizer::load(STEPLOOM_RESOURCES "/checkpoints/heavy");
    std::vector<PoolMember> members;
    for (const PoolMemberSpec& spec : specs)
        members.push_back({spec, std::make_shared<BusyDenoiser>(tokenizer->size() + 1, kTokens)});
    return ModelPool(std::move(members), tokenizer);
}

/// Generates one sample of 4,096 tokens, then plays it, and prints what its frames took.
int benchCanvas(MeasuredApplication& application, MainWindow& window) {
    auto* const generate = window.findChild<QAbstractButton*>("generateButton");
    auto* const panel = window.findChild<CanvasPanel*>("canvasPanel");
    window.findChild<QSpinBox*>("lengthField")->setValue(kTokens);
    window.findChild<QSpinBox*>("samplesField")->setValue(1);
    window.findChild<QSpinBox*>("batchField")->setValue(1);
    window.findChild<QSpinBox*>("stepsField")->setValue(1000);
    QObject::connect(&window.engine(), &EngineThread::runEnded, &application, [&] {
        std::printf("while %d tokens form:\n", kTokens);
        print("  frames painted", application.frames);
        print("  other events", application.others);
        application.frames.clear();
        application.others.clear();
        panel->play();
        QTimer::singleShot(6'000, &application, [] { QApplication::exit(0); });
    });
    QTimer start;
    QObject::connect(&start, &QTimer::timeout, [&] {
        if (!generate->isEnabled())
            return; // the pool is being loaded
        start.stop();
        generate->click();
        application.measuring = true;
    });
    start.start(20);
    const int code = QApplication::exec();
    application.measuring = false;
    std::printf("while they are played, 1000 steps in 4 s:\n");
    print("  frames painted", application.frames);
    print("  other events", application.others);
    return code;
}

} // namespace

int main(int argc, char** argv) {
    QElapsedTimer sinceStart;
    sinceStart.start();
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM") && !qEnvironmentVariableIsSet("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    MeasuredApplication application(argc, argv);
    QTemporaryDir folder;
    QCoreApplication::setOrganizationName("steploom-bench");
    QCoreApplication::setApplicationName("steploom-bench");
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());

    const std::string checkpoints = STEPLOOM_RESOURCES "/checkpoints/";
    WindowOptions options;
    options.engine.storeFile = folder.filePath("runs.sqlite").toStdString();
    options.pool = {{.letter = 'H', .name = "heavy", .path = checkpoints + "heavy"},
                    {.letter = 'L', .name = "light", .path = checkpoints + "light"}};
    const bool canvas = argc > 1 && std::strcmp(argv[1], "--canvas") == 0;
    if (canvas)
        options.engine.loadPool = busyPool;
    else
        options.evaluator = QString::fromStdString(checkpoints + "reader");
    MainWindow window(std::move(options));
    window.resize(1440, 900);
    window.show();
    QApplication::processEvents();
    std::printf("first window after %lld ms\n", static_cast<long long>(sinceStart.elapsed()));

    auto* const generate = window.findChild<QAbstractButton*>("generateButton");
    if (!generate) {
        std::fprintf(stderr, "the window has no generateButton\n");
        return 1;
    }
    if (canvas)
        return benchCanvas(application, window);
    // A beat that is late by as much as the thread was busy or was not given a processor.
    std::vector<double> beats;
    QElapsedTimer sinceBeat;
    QTimer beat;
    beat.setTimerType(Qt::PreciseTimer);
    QObject::connect(&beat, &QTimer::timeout, [&] {
        if (application.measuring)
            beats.push_back(static_cast<double>(sinceBeat.nsecsElapsed()) * 1e-6);
        sinceBeat.restart();
    });
    QTimer start;
    QObject::connect(&start, &QTimer::timeout, [&] {
        if (!generate->isEnabled())
            return; // the pool is being loaded
        start.stop();
        std::printf("ready to generate after %lld ms\n", static_cast<long long>(sinceStart.elapsed()));
        if (auto* samples = window.findChild<QSpinBox*>("samplesField"))
            samples->setValue(32);
        generate->click();
        sinceBeat.start();
        beat.start(1);
        application.measuring = true;
        QTimer::singleShot(20'000, &application, [] { QApplication::exit(0); });
    });
    start.start(20);
    const int code = QApplication::exec();
    application.measuring = false;
    print("frames painted", application.frames);
    print("other events", application.others);
    print("from one beat of 1 ms to the next", beats);
    return code;
}
