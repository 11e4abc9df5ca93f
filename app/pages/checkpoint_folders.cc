// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/checkpoint_folders.h"

#include "app/pages/analysis_fields.h"
#include "engine/core/error.h"
#include "engine/models/registry.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QMimeData>
#include <QUrl>

#include <algorithm>

namespace steploom {

QStringList foldersOf(const QMimeData& data) {
    QStringList folders;
    for (const QUrl& url : data.urls())
        if (url.isLocalFile() && QFileInfo(url.toLocalFile()).isDir())
            folders << url.toLocalFile();
    return folders;
}

QStringList runFilesOf(const QMimeData& data) {
    QStringList files;
    for (const QUrl& url : data.urls())
        for (const char* ending : {".steploom", ".html", ".htm"})
            if (url.isLocalFile() && url.fileName().endsWith(QLatin1String(ending), Qt::CaseInsensitive))
                files << url.toLocalFile();
    return files;
}

QStringList checkpointsIn(const QString& folder) {
    const QDir steps(QDir(folder).filePath(QStringLiteral("steps")));
    std::vector<std::pair<qlonglong, QString>> numbered;
    for (const QString& name : steps.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        bool isNumber = false;
        const qlonglong number = name.toLongLong(&isNumber);
        if (isNumber)
            numbered.emplace_back(number, QDir::cleanPath(steps.filePath(name)));
    }
    if (numbered.empty())
        return {QDir::cleanPath(folder)};
    std::ranges::sort(numbered);
    QStringList found;
    for (const auto& [number, path] : numbered)
        found << path;
    if (QDir(folder).exists(QStringLiteral("model.safetensors")))
        found << QDir::cleanPath(folder);
    return found;
}

std::optional<ModelFacts> generatorFacts(const QString& folder) {
    try {
        const ModelFacts facts = describe(Checkpoint::open(folder.toStdString()));
        if (facts.architecture != "autoencoder")
            return facts;
    } catch (const std::exception&) { // loading it will say why
    }
    return std::nullopt;
}

namespace {

/// `fits`: whether what the folder holds will do; else `why`.
template <class Fits>
QString problemOf(const QString& folder, Fits fits, const QString& why) {
    try {
        return fits(describe(Checkpoint::open(folder.toStdString()))) ? QString() : why;
    } catch (const Error& error) {
        return fields::sentence(error.parts());
    } catch (const std::exception& error) {
        return QString::fromUtf8(error.what());
    }
}

QString tr(const char* text) { return QCoreApplication::translate("CheckpointFolders", text); }

} // namespace

QString problemOfGeneratorFolder(const QString& folder) {
    return problemOf(
        folder, [](const ModelFacts& facts) { return facts.architecture != "autoencoder"; },
        tr("It is an autoencoder alone: use the CALM model that was trained with it."));
}

QString problemOfAutoencoderFolder(const QString& folder) {
    return problemOf(
        folder,
        [](const ModelFacts& facts) {
            return facts.architecture == "autoencoder" || facts.kind == GenerationKind::Calm;
        },
        tr("It is no CALM autoencoder. Choose the folder of one, or of a CALM model that has one."));
}

QString problemOfCausalFolder(const QString& folder) {
    try {
        const Checkpoint checkpoint = Checkpoint::open(folder.toStdString());
        const ModelFacts facts = describe(checkpoint);
        if (facts.kind != GenerationKind::Autoregressive)
            return tr("It is a %1 model: it gives no next-token probabilities. Use checkpoints of a causal "
                      "model.")
                .arg(facts.kind == GenerationKind::Calm ? tr("CALM") : tr("masked-diffusion"));
    } catch (const Error& error) {
        return fields::sentence(error.parts());
    } catch (const std::exception& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace steploom
