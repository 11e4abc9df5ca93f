// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/profiles.h"

#include "app/pages/window_settings.h"

#include <nlohmann/json.hpp>

#include <QSettings>

#include <algorithm>

namespace steploom {
namespace {

using Json = nlohmann::json;

constexpr const char* kName = "name";
constexpr const char* kSettings = "settings";
constexpr const char* kSteps = "steps";
constexpr const char* kWithText = "with_text";

/// What a profile never says.
void forgetOthers(GenerationRequest& request, bool withText) {
    request.pool.clear();
    request.tokenizer.clear();
    request.schedule = {};
    request.branch.reset();
    if (!withText) {
        request.prompt.clear();
        request.templateText.clear();
    }
}

std::vector<Profile> builtIn() {
    std::vector<Profile> profiles;
    profiles.push_back(
        {.name = Profiles::tr("Standard"),
         .builtIn = true,
         .remark = Profiles::tr("The defaults: ancestral sampling, temperature 1, 8 samples")});
    GenerationRequest quick;
    quick.samples = 2;
    profiles.push_back({.name = Profiles::tr("Quick look"),
                        .request = quick,
                        .builtIn = true,
                        .remark = Profiles::tr("The defaults with 2 samples: soon done, good for a glance")});
    profiles.push_back({.name = Profiles::tr("T = 1000"),
                        .steps = 1000,
                        .builtIn = true,
                        .remark = Profiles::tr(
                            "The steps of model scheduling's Figure 1 (arXiv 2604.02340); the rest are the "
                            "defaults: the paper's own are not known here")});
    GenerationRequest reference;
    reference.length = 1024;
    reference.topP = 0.9;
    profiles.push_back({.name = Profiles::tr("MDLM in ReMDM's table"),
                        .steps = 1024,
                        .request = reference,
                        .builtIn = true,
                        .remark = Profiles::tr("OpenWebText rows of arXiv 2503.00307: L = 1024, T = 1024, "
                                               "top-p 0.9, float64 draws")});
    return profiles;
}

Json jsonOf(const Profile& profile) {
    Json json = profile.request;
    for (const char* others : {"pool", "tokenizer", "schedule", "branch"})
        json.erase(others);
    if (!profile.withText)
        for (const char* text : {"prompt", "template"})
            json.erase(text);
    json[kWithText] = profile.withText;
    if (profile.steps)
        json[kSteps] = *profile.steps;
    return json;
}

/// Throws Error or nlohmann's exception.
Profile profileOf(const QString& name, const QString& text) {
    Json json = Json::parse(text.toStdString());
    if (!json.is_object())
        throw Error(ErrorKind::Request, {"", "", "it is no set of settings", ""});
    Profile profile{.name = name};
    profile.withText = json.value(kWithText, false);
    if (json.contains(kSteps)) {
        const Json& steps = json[kSteps];
        if (!steps.is_number_integer() || steps < 1 || steps > StepSchedule::kMaximumSteps)
            throw Error(
                ErrorKind::Request,
                {"", "key steps", "it must be a whole number from 1 to 10,000, and is " + steps.dump(), ""});
        profile.steps = steps.get<int>();
    }
    json["pool"] = Json::array();
    json["tokenizer"] = "";
    json["schedule"] = "(H1)"; // requests are read with one, profiles have none
    json.erase("branch");
    for (const char* part : {"prompt", "template"})
        if (!profile.withText || !json.contains(part))
            json[part] = "";
    profile.request = json.get<GenerationRequest>();
    requireRunnable(profile.request);
    forgetOthers(profile.request, profile.withText);
    return profile;
}

Error::Parts unreadable(const QString& name, const std::string& why) {
    return {Profiles::tr("The profile “%1” cannot be read").arg(name).toStdString(), "", why,
            Profiles::tr(
                "it is left out and kept as it is; mend it in the settings, or save another under its name")
                .toStdString()};
}

bool isSame(const QString& a, const QString& b) { return a.compare(b, Qt::CaseInsensitive) == 0; }

Error::Parts refusal(const QString& why, const QString& remedy) {
    return {Profiles::tr("The profile is not saved").toStdString(), "", why.toStdString(),
            remedy.toStdString()};
}

} // namespace

bool Profile::agreesWith(int otherSteps, const GenerationRequest& other) const {
    GenerationRequest mine = request, theirs = other;
    forgetOthers(mine, withText);
    forgetOthers(theirs, withText);
    return mine == theirs && steps.value_or(otherSteps) == otherSteps;
}

Profiles::Profiles(QObject* parent) : QObject(parent), m_profiles(builtIn()) { read(); }

void Profiles::read() {
    QSettings stored;
    const int count = stored.beginReadArray(settings::kProfiles);
    for (int i = 0; i < count; ++i) {
        stored.setArrayIndex(i);
        const QString name = stored.value(kName).toString();
        const QString text = stored.value(kSettings).toString();
        try {
            if (name.trimmed().isEmpty() || find(name))
                throw Error(
                    ErrorKind::Request,
                    {"", "", name.trimmed().isEmpty() ? "it has no name" : "another one has its name", ""});
            m_profiles.push_back(profileOf(name, text));
        } catch (const Error& error) {
            const Error::Parts& parts = error.parts();
            m_problems.push_back(
                unreadable(name, parts.where.empty() ? parts.why : parts.where + ": " + parts.why));
            m_unreadable.push_back({name, text});
        } catch (const std::exception&) {
            m_problems.push_back(unreadable(name, tr("its settings are no JSON").toStdString()));
            m_unreadable.push_back({name, text});
        }
    }
    stored.endArray();
    sort();
}

void Profiles::write() {
    QSettings stored;
    stored.remove(settings::kProfiles);
    stored.beginWriteArray(settings::kProfiles);
    int index = 0;
    const auto add = [&](const QString& name, const QString& text) {
        stored.setArrayIndex(index++);
        stored.setValue(kName, name);
        stored.setValue(kSettings, text);
    };
    for (const Profile& profile : m_profiles)
        if (!profile.builtIn)
            add(profile.name, QString::fromStdString(jsonOf(profile).dump()));
    for (const Unreadable& each : m_unreadable)
        add(each.name, each.text);
    stored.endArray();
}

void Profiles::sort() {
    std::ranges::stable_sort(m_profiles, [](const Profile& a, const Profile& b) {
        if (a.builtIn != b.builtIn)
            return a.builtIn;
        return !a.builtIn && a.name.localeAwareCompare(b.name) < 0;
    });
}

const Profile* Profiles::find(const QString& name) const {
    const auto found =
        std::ranges::find_if(m_profiles, [&](const Profile& each) { return isSame(each.name, name); });
    return found == m_profiles.end() ? nullptr : &*found;
}

std::vector<Profile>::iterator Profiles::own(const QString& name) {
    return std::ranges::find_if(
        m_profiles, [&](const Profile& each) { return !each.builtIn && isSame(each.name, name); });
}

std::optional<Error::Parts> Profiles::save(Profile profile) {
    profile.name = profile.name.simplified();
    profile.builtIn = false;
    if (profile.name.isEmpty())
        return refusal(tr("it has no name"), tr("give it one"));
    if (profile.name.size() > kLongestName)
        return refusal(tr("its name has %1 characters").arg(profile.name.size()),
                       tr("at most %1 are allowed").arg(kLongestName));
    if (const Profile* other = find(profile.name); other && other->builtIn)
        return refusal(tr("“%1” comes with the program").arg(other->name), tr("choose another name"));
    forgetOthers(profile.request, profile.withText);
    std::erase_if(m_unreadable, [&](const Unreadable& each) { return isSame(each.name, profile.name); });
    if (const auto found = own(profile.name); found != m_profiles.end())
        *found = std::move(profile);
    else
        m_profiles.push_back(std::move(profile));
    sort();
    write();
    emit changed();
    return std::nullopt;
}

std::optional<Error::Parts> Profiles::rename(const QString& name, const QString& to) {
    const auto found = own(name);
    const QString wanted = to.simplified();
    if (found == m_profiles.end())
        return refusal(tr("“%1” cannot be renamed").arg(name), tr("save it under another name"));
    if (const Profile* other = find(wanted); other && other != &*found)
        return refusal(tr("there is a profile “%1” already").arg(other->name), tr("choose another name"));
    if (wanted.isEmpty() || wanted.size() > kLongestName)
        return refusal(tr("a name has 1 to %1 characters").arg(kLongestName), tr("choose another name"));
    found->name = wanted;
    sort();
    write();
    emit changed();
    return std::nullopt;
}

std::optional<Error::Parts> Profiles::remove(const QString& name) {
    const auto found = own(name);
    if (found == m_profiles.end())
        return refusal(tr("“%1” comes with the program").arg(name), tr("it cannot be deleted"));
    m_profiles.erase(found);
    write();
    emit changed();
    return std::nullopt;
}

} // namespace steploom
