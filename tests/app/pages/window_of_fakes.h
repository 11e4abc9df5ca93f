// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/main_window.h"
#include "app/widgets/controls.h"
#include "tests/testing/fake_causal.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <QSettings>
#include <QTest>

#include <map>
#include <memory>

namespace steploom::testing {

inline constexpr int kPatience = 30'000; ///< ms

/// The real window over models that are functions, with settings and store in folders of its own. It can be
/// closed and opened again over the same ones.
class WindowOfFakes {
public:
    WindowOfFakes() {
        QCoreApplication::setOrganizationName("steploom-test");
        QCoreApplication::setApplicationName("steploom-test");
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope,
                           QString::fromStdString(m_settings.path().string()));
    }
    ~WindowOfFakes() { close(); }

    /// By letter; before open(). Without one all members say the same.
    std::map<char, FakeDenoiser::Rule> rules;
    /// Letters that the evaluator knows; 0: there is no evaluator. The pool's tokenizer has 26.
    int evaluatorLetters = 0;
    /// File that is measured on; before open().
    QString text;
    /// What the queue's analyses are, unless they are real.
    decltype(EngineOptions::runAnalysis) runAnalysis = &runQueuedAnalysis;

    /// Makes the pool, unless its models are functions.
    decltype(EngineOptions::loadPool) loadPool;
    /// What [+] offers.
    std::vector<DemoPool> demoPools;

    /// Shown, its pool of `members` models loaded.
    void open(int members = 2) {
        WindowOptions options;
        options.engine.storeFile = storeFile();
        options.engine.threads = 1;
        options.engine.loadPool = [rules = rules](std::vector<PoolMemberSpec> specs,
                                                  const std::filesystem::path&, ComputeContext&) {
            std::vector<PoolMember> made;
            for (const PoolMemberSpec& spec : specs)
                made.push_back({spec, std::make_shared<FakeDenoiser>(kVocabulary, 64, 4,
                                                                     rules.contains(spec.letter)
                                                                         ? rules.at(spec.letter)
                                                                         : FakeDenoiser::Rule())});
            return ModelPool(std::move(made), makeLetterTokenizer(kVocabulary - 1));
        };
        if (loadPool)
            options.engine.loadPool = loadPool;
        options.demoPools = demoPools;
        options.engine.runAnalysis = runAnalysis;
        options.engine.loadEvaluator = [letters = evaluatorLetters](const std::filesystem::path&,
                                                                    ComputeContext&) {
            return Evaluator(
                "reader", "reader-sha",
                std::make_shared<FakeCausal>(letters, 64, [](auto, std::int32_t) { return 2.6; }),
                makeLetterTokenizer(letters));
        };
        if (evaluatorLetters > 0)
            options.evaluator = "fake/reader";
        for (int i = 0; i < members; ++i)
            options.pool.push_back(
                {.letter = "HLMN"[i], .name = "model", .path = "fake/" + std::to_string(i)});
        options.text = text;
        options.theme = Theme::Mode::Light;
        m_window = std::make_unique<MainWindow>(std::move(options));
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->session().pool().members.empty(), kPatience);
        if (evaluatorLetters > 0)
            QTRY_VERIFY_WITH_TIMEOUT(!m_window->session().evaluator().path.isEmpty(), kPatience);
    }
    void close() {
        if (m_window)
            m_window->close();
        m_window.reset();
    }
    MainWindow* operator->() { return m_window.get(); }
    MainWindow& window() { return *m_window; }
    std::filesystem::path storeFile() const { return m_store / "runs.sqlite"; }

    template <class Widget>
    Widget* find(const QString& name) {
        auto* found = m_window->findChild<Widget*>(name);
        if (!found)
            qFatal("no %s", qPrintable(name));
        return found;
    }
    void click(const QString& name) { find<QAbstractButton>(name)->click(); }
    bool seen(const QString& name) { return find<QWidget>(name)->isVisible(); }

private:
    static constexpr int kVocabulary = 27; ///< 26 letters and the mask
    TemporaryFolder m_settings, m_store;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace steploom::testing
