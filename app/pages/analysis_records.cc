// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analysis_records.h"

#include "app/widgets/number_format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <cmath>

namespace steploom {
namespace {

QString tr(const char* text, int n = -1) {
    return QCoreApplication::translate("AnalysisRecords", text, nullptr, n);
}

/// Null where it is neither among the settings nor in their request.
const nlohmann::json* find(const nlohmann::json& settings, const char* name) {
    if (!settings.is_object())
        return nullptr;
    if (const auto found = settings.find(name); found != settings.end())
        return &*found;
    const auto request = settings.find("request");
    if (request == settings.end() || !request->is_object())
        return nullptr;
    const auto found = request->find(name);
    return found == request->end() ? nullptr : &*found;
}

} // namespace

std::vector<AnalysedModel> modelsOf(const nlohmann::json& settings) {
    std::vector<AnalysedModel> models;
    for (const char* name : {"models", "members"}) { // the latter of step importance
        const nlohmann::json* list = find(settings, name);
        if (list == nullptr || !list->is_array())
            continue;
        for (const nlohmann::json& model : *list) {
            const std::string letter = textSetting(model, "letter");
            if (!letter.empty())
                models.push_back({letter[0], textSetting(model, "sha256")});
        }
        break;
    }
    return models;
}

std::string lettersOf(const nlohmann::json& settings) {
    std::string letters;
    for (const AnalysedModel& model : modelsOf(settings))
        letters += model.letter;
    return letters;
}

std::string textSetting(const nlohmann::json& settings, const char* name) {
    const nlohmann::json* found = find(settings, name);
    return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

int numberSetting(const nlohmann::json& settings, const char* name) {
    const nlohmann::json* found = find(settings, name);
    return found != nullptr && found->is_number() ? found->get<int>() : 0;
}

QString dayOf(const StoredAnalysis& analysis) {
    const QDate day =
        QDateTime::fromString(QString::fromStdString(analysis.created), Qt::ISODate).toLocalTime().date();
    if (!day.isValid())
        return {};
    const QLocale english(QLocale::English, QLocale::UnitedStates);
    return english.toString(day, day.year() == QDate::currentDate().year() ? QStringLiteral("d MMM")
                                                                           : QStringLiteral("d MMM yyyy"));
}

QString distinguished(const QString& label, const QStringList& all, int index) {
    if (all.count(label) < 2)
        return label;
    int same = 0;
    for (int i = 0; i <= index; ++i)
        same += all[i] == label;
    return QStringLiteral("%1 · %2").arg(label, tr("%1 of %2").arg(same).arg(all.count(label)));
}

bool isPartial(const StoredAnalysis& analysis) {
    const nlohmann::json* stopped = find(analysis.result, "stopped");
    return stopped != nullptr && stopped->is_boolean() && stopped->get<bool>();
}

QString damagedText(int damaged) {
    if (damaged == 0)
        return {};
    return damaged == 1 ? tr("1 stored analysis cannot be read and is left out.")
                        : tr("%1 stored analyses cannot be read and are left out.").arg(damaged);
}

QString correlationText(const Estimate& correlation) {
    if (!std::isfinite(correlation.value))
        return QStringLiteral("–");
    if (correlation.n < 4) // the interval says nothing
        return QStringLiteral("%1 (n = %2)").arg(formatNumber(correlation.value, 3)).arg(correlation.n);
    return tr("%1 (%2 to %3, n = %4)")
        .arg(formatNumber(correlation.value, 3), formatNumber(correlation.low, 3),
             formatNumber(correlation.high, 3))
        .arg(correlation.n);
}

} // namespace steploom
