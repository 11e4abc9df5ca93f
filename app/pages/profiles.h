// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"
#include "engine/sampling/generation_request.h"

#include <QObject>
#include <QString>

#include <optional>
#include <vector>

namespace steploom {

/// A named set of the settings of a generation. Models, schedule and branch are none of its business; prompt
/// and template only where `withText`.
struct Profile {
    QString name;
    std::optional<int> steps; ///< T; nothing: the schedule keeps its own
    GenerationRequest request;
    bool withText = false;
    bool builtIn = false; ///< comes with the program: can neither change nor go
    QString remark;       ///< of a built-in one: what it is and where its values are from

    /// Whether it would change nothing in these settings.
    bool agreesWith(int otherSteps, const GenerationRequest& other) const;
};

/// The profiles that come with the program and those that a person has saved, kept in the settings. What
/// cannot be read there is told by problems() and left as it is.
class Profiles : public QObject {
    Q_OBJECT
public:
    static constexpr int kLongestName = 60; ///< characters

    explicit Profiles(QObject* parent = nullptr);

    /// Built-in ones first, then the others by name.
    const std::vector<Profile>& all() const noexcept { return m_profiles; }
    /// In any case; null when there is none.
    const Profile* find(const QString& name) const;
    /// One for each profile that could not be read.
    const std::vector<Error::Parts>& problems() const noexcept { return m_problems; }

    // Changes are kept at once. They answer what stands against it, nothing when all went well; changed()
    // has been emitted then.
    /// Replaces one of the same name.
    std::optional<Error::Parts> save(Profile profile);
    std::optional<Error::Parts> rename(const QString& name, const QString& to);
    std::optional<Error::Parts> remove(const QString& name);

signals:
    void changed();

private:
    void read();
    void write();
    std::vector<Profile>::iterator own(const QString& name);
    void sort();

    /// As it stands in the settings, readable or not.
    struct Unreadable {
        QString name, text;
    };
    std::vector<Profile> m_profiles;
    std::vector<Unreadable> m_unreadable;
    std::vector<Error::Parts> m_problems;
};

} // namespace steploom
