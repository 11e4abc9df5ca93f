// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/palette_entries.h"

#include "app/bridge/run_library.h"
#include "app/bridge/run_list_model.h"
#include "app/bridge/session.h"
#include "app/pages/commands.h"
#include "app/pages/profile_bar.h"
#include "app/widgets/schedule_editor.h"
#include "app/widgets/shortcut_tip.h"

#include <QDateTime>
#include <QLocale>
#include <QRegularExpression>

#include <algorithm>

namespace steploom {
namespace {

constexpr std::size_t kMostRuns = 200;
constexpr std::size_t kListedRuns = 3; ///< before anything is typed

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString capital(QString text) {
    if (!text.isEmpty())
        text[0] = text[0].toUpper();
    return text;
}

QString reasonOf(const Error& error) {
    const Error::Parts& parts = error.parts();
    QString text = QString::fromStdString(parts.where.empty() ? parts.why : parts.where + ": " + parts.why);
    if (!parts.remedy.empty())
        text += QStringLiteral(". ") + capital(QString::fromStdString(parts.remedy));
    return text;
}

/// "(L32", "L32,", "H 0.5", "L>87%": a letter with what it gets, as nothing but notation begins.
bool looksLikeNotation(const QString& text) {
    static const QRegularExpression pattern(
        QStringLiteral("^\\s*(\\(|[A-Za-z]\\s*(>\\s*)?[0-9.]+%?\\s*(,|\\)|$))"));
    return pattern.match(text).hasMatch();
}

} // namespace

void PaletteEntries::use(const std::function<void()>& change) const {
    m_sources.showDesign();
    change();
}

std::vector<PaletteEntry> PaletteEntries::all() const {
    std::vector<PaletteEntry> entries;
    addCommands(entries);
    addProfiles(entries);
    addSchedules(entries);
    addRuns(entries);
    return entries;
}

void PaletteEntries::addCommands(std::vector<PaletteEntry>& entries) const {
    for (const Command& command : m_sources.commands.all()) {
        if (!command.action || command.action->objectName() == QLatin1String("paletteAction"))
            continue;
        entries.push_back({.id = command.id,
                           .group = command.group,
                           .text = command.text(),
                           .keys = shortcutText(*command.action),
                           .whyNot = command.whyNot(),
                           .run = [action = command.action] {
                               if (action)
                                   action->trigger();
                           }});
    }
}

void PaletteEntries::addSchedules(std::vector<PaletteEntry>& entries) const {
    ScheduleEditor& editor = m_sources.editor;
    for (const Preset preset : allPresets())
        entries.push_back({.id = QStringLiteral("preset:") + textOf(presetName(preset)),
                           .group = tr("Preset schedules"),
                           .text = tr("Preset: %1").arg(textOf(presetName(preset))),
                           .run = [this, &editor, preset] { use([&] { editor.applyPreset(preset); }); }});
    for (const NamedSchedule& named : m_sources.library.schedules()) {
        const QString name = QString::fromStdString(named.name);
        QString whyNot;
        try {
            editor.requireUsable(named.schedule);
        } catch (const Error& error) {
            whyNot = reasonOf(error);
        }
        entries.push_back({.id = QStringLiteral("schedule:%1").arg(named.id),
                           .group = tr("Library of schedules"),
                           .text = tr("Schedule: %1").arg(name),
                           .whyNot = whyNot,
                           .run = [this, &editor, name, schedule = named.schedule] {
                               use([&] { editor.applySchedule(schedule, tr("Load %1").arg(name)); });
                           }});
    }
}

void PaletteEntries::addProfiles(std::vector<PaletteEntry>& entries) const {
    ProfileBar& bar = m_sources.profileBar;
    for (const Profile& profile : m_sources.profiles.all())
        entries.push_back({.id = QStringLiteral("profile:") + profile.name,
                           .group = tr("Profiles"),
                           .text = tr("Profile: %1").arg(profile.name),
                           .run = [this, &bar, name = profile.name] { use([&] { bar.choose(name); }); }});
}

void PaletteEntries::addRuns(std::vector<PaletteEntry>& entries) const {
    const std::vector<RunSummary>& runs = m_sources.library.runs();
    for (std::size_t i = 0; i < std::min(runs.size(), kMostRuns); ++i) {
        const RunSummary& run = runs[i];
        QString text = tr("Run %1: %2, %n sample(s)", nullptr, run.finishedSamples)
                           .arg(run.id)
                           .arg(scheduleLabel(run.request).left(60));
        entries.push_back(
            {.id = QStringLiteral("run:%1").arg(run.id),
             .group = tr("Stored runs"),
             .text = text,
             .run = [session = &m_sources.session, id = run.id] { emit session->openRunRequested(id); },
             .onlyWhenTyped = i >= kListedRuns});
    }
}

std::vector<PaletteEntry> PaletteEntries::typed(const QString& text) const {
    if (!looksLikeNotation(text))
        return {};
    PaletteEntry entry{.group = tr("Schedule")};
    try {
        const StepSchedule schedule = m_sources.editor.scheduleFrom(text);
        entry.text = tr("Use this schedule: T = %1").arg(QLocale().toString(schedule.steps()));
        entry.run = [this, schedule] {
            use([&] { m_sources.editor.applySchedule(schedule, tr("Typed notation")); });
        };
    } catch (const Error& error) {
        entry.text = tr("Use this schedule");
        entry.whyNot = reasonOf(error);
    }
    return {entry};
}

} // namespace steploom
