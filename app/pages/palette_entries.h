// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/palette_model.h"

#include <QCoreApplication>

namespace steploom {

class Commands;
class ProfileBar;
class Profiles;
class RunLibrary;
class ScheduleEditor;
class Session;

/// What the command palette of the window offers: its commands, and everything that has a name: preset
/// schedules, those of the library, profiles, stored runs. All that is referred to must outlive it.
class PaletteEntries {
    Q_DECLARE_TR_FUNCTIONS(steploom::PaletteEntries)
public:
    struct Sources {
        Commands& commands;
        ScheduleEditor& editor;
        Profiles& profiles;
        ProfileBar& profileBar;
        RunLibrary& library;
        Session& session;
        std::function<void()> showDesign; ///< before something on that page changes
    };
    explicit PaletteEntries(Sources sources) : m_sources(std::move(sources)) {}

    std::vector<PaletteEntry> all() const;
    /// "Use this schedule" where the text is notation, or why it is none; nothing for all other texts.
    std::vector<PaletteEntry> typed(const QString& text) const;

private:
    void use(const std::function<void()>& change) const;
    void addCommands(std::vector<PaletteEntry>& entries) const;
    void addSchedules(std::vector<PaletteEntry>& entries) const;
    void addProfiles(std::vector<PaletteEntry>& entries) const;
    void addRuns(std::vector<PaletteEntry>& entries) const;

    Sources m_sources;
};

} // namespace steploom
