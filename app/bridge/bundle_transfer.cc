// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/bundle_transfer.h"

#include "engine/reports/import_report.h"

#include <QElapsedTimer>
#include <QLocale>
#include <QStringList>

#include <algorithm>
#include <memory>
#include <utility>

namespace steploom {
namespace {

constexpr int kTellInterval = 34; ///< ms

} // namespace

BundleTransfer::BundleTransfer(std::filesystem::path store, QObject* parent)
    : QObject(parent), m_store(std::move(store)), m_there(new QObject) {
    m_thread.setObjectName("bundles");
    m_there->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_there, &QObject::deleteLater);
}

BundleTransfer::~BundleTransfer() {
    if (!m_thread.isRunning()) {
        delete m_there;
        return;
    }
    m_thread.quit();
    m_thread.wait();
}

/// `work` runs in the other thread and answers what is to be told in this one.
void BundleTransfer::post(const QString& doing, const QString& file,
                          std::function<std::function<void()>(RunStore&, const BundleProgress&)> work) {
    if (!m_thread.isRunning())
        m_thread.start();
    ++m_waiting;
    emit advanced(doing, 0);
    const auto job = [this, doing, file, work = std::move(work)] {
        QElapsedTimer told;
        told.start();
        const BundleProgress progress = [&](double share) {
            if (told.elapsed() < kTellInterval)
                return;
            told.restart();
            QMetaObject::invokeMethod(this, [this, doing, share] { emit advanced(doing, share); });
        };
        std::function<void()> tell;
        try {
            RunStore store(m_store);
            tell = work(store, progress);
        } catch (const Error& error) {
            tell = [this, parts = error.parts()] { emit failed(parts); };
        } catch (const std::exception& error) {
            tell = [this, parts = Error::Parts{"cannot work with the bundle", file.toStdString(),
                                               error.what(), "try it again"}] { emit failed(parts); };
        }
        QMetaObject::invokeMethod(this, [this, tell] {
            --m_waiting;
            tell();
        });
    };
    QMetaObject::invokeMethod(m_there, job, Qt::QueuedConnection);
}

void BundleTransfer::exportRuns(const std::vector<std::int64_t>& runs, const QString& file,
                                const ExportOptions& options) {
    post(tr("Exporting"), file, [this, runs, file, options](RunStore& store, const BundleProgress& progress) {
        const ExportReport report = exportBundle(store, runs, options, file.toStdString(), progress);
        return [this, file, report] { emit exported(file, report); };
    });
}

void BundleTransfer::importRuns(const QString& file) {
    post(tr("Importing"), file, [this, file](RunStore& store, const BundleProgress& progress) {
        const ImportReport report = steploom::importRuns(store, file.toStdString(), {}, progress);
        return [this, file, report] { emit imported(file, report); };
    });
}

QString importSentence(const ImportReport& report) {
    const auto runs = [](int count) {
        return count == 1 ? BundleTransfer::tr("1 run") : BundleTransfer::tr("%1 runs").arg(count);
    };
    const int added = report.count(ImportedRun::Outcome::Added),
              completed = report.count(ImportedRun::Outcome::Completed),
              known = report.count(ImportedRun::Outcome::Known);
    QStringList parts{BundleTransfer::tr("%1 added").arg(runs(added))};
    if (completed > 0)
        parts << BundleTransfer::tr("%1 took what they lacked").arg(runs(completed));
    if (known > 0)
        parts << BundleTransfer::tr("%1 here already").arg(runs(known));
    const auto schedules = std::ranges::count_if(report.schedules, [](const ImportedSchedule& schedule) {
        return schedule.outcome != ImportedSchedule::Outcome::Known;
    });
    if (schedules > 0)
        parts << BundleTransfer::tr("schedules added: %1").arg(schedules);
    const auto unpacked = std::ranges::count(report.checkpoints, true, &ImportedCheckpoint::unpacked);
    if (unpacked > 0)
        parts << BundleTransfer::tr("checkpoints unpacked: %1").arg(unpacked);
    const auto orphans = std::ranges::count(report.runs, true, &ImportedRun::parentUnknown);
    if (orphans > 0)
        parts << BundleTransfer::tr("%1 branched from runs that are not here")
                     .arg(runs(static_cast<int>(orphans)));
    return parts.join(QStringLiteral(", ")) + u'.';
}

QString exportSentence(const ExportReport& report) {
    QString text = BundleTransfer::tr("%1 with %2 samples, %3.")
                       .arg(report.runs.size() == 1 ? BundleTransfer::tr("1 run")
                                                    : BundleTransfer::tr("%1 runs").arg(report.runs.size()))
                       .arg(report.samples)
                       .arg(QLocale::c().formattedDataSize(static_cast<qint64>(report.bytes), 3,
                                                           QLocale::DataSizeSIFormat));
    if (!report.checkpoints.empty())
        text += BundleTransfer::tr(" With the files of %1 checkpoints.").arg(report.checkpoints.size());
    for (const std::string& each : report.checkpointsLeftOut)
        text += BundleTransfer::tr(" Left out: %1.").arg(QString::fromStdString(each));
    if (!report.running.empty())
        text += BundleTransfer::tr(" %1 of them still going on: it has what was finished by now.")
                    .arg(report.running.size());
    return text;
}

} // namespace steploom
