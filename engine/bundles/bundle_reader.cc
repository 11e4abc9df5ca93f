// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/bundle_reader.h"

#include "engine/bundles/run_identity.h"
#include "engine/bundles/schedule_names.h"
#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/shown_name.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/sha256.h"
#include "engine/runs/trace_blob.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace steploom {

namespace {

constexpr const char* kWhat = "cannot read the bundle";
constexpr const char* kAgain = "Get the bundle again from who made it";
/// Far beyond any run, and below what would trouble a small machine. Weights are not packed.
constexpr std::uint64_t kMostUnpacked = 256u << 20;

std::shared_ptr<const MappedFile> mapped(const std::filesystem::path& file) {
    try {
        return MappedFile::open(file);
    } catch (const Error& cause) {
        Error::Parts parts = cause.parts();
        parts.what = kWhat;
        throw Error(cause.kind(), std::move(parts));
    }
}

} // namespace

BundleReader BundleReader::open(const std::filesystem::path& file) {
    BundleReader reader;
    reader.m_file = mapped(file);
    if (!ZipArchive::isOne(reader.m_file->bytes()))
        throw Error(ErrorKind::File, {kWhat, reader.where(), "it is no zip archive, as every bundle is",
                                      "Choose a file that runs export has written"});
    reader.m_archive = ZipArchive::read(reader.m_file->bytes(), reader.where());
    if (!reader.m_archive.find(kManifestEntry))
        throw Error(ErrorKind::File,
                    {kWhat, reader.where(), fmt::format("it is a zip archive without a {}", kManifestEntry),
                     "Choose a file that runs export has written"});
    reader.m_manifest = parseManifest(reader.text(kManifestEntry), reader.where());
    reader.requireAgreement();
    return reader;
}

std::string BundleReader::where() const { return m_file->path().string(); }

void BundleReader::refuse(const std::string& name, std::string why) const {
    throw Error(ErrorKind::File,
                {kWhat, fmt::format("{}, entry \"{}\"", where(), shownName(name)), std::move(why), kAgain});
}

void BundleReader::requireAgreement() const {
    for (const auto& [name, entry] : m_archive.entries())
        if (name != kManifestEntry && !m_manifest.entries.contains(name))
            refuse(name, "the manifest does not know it");
    for (const auto& [name, listed] : m_manifest.entries) {
        const ZipEntry* entry = m_archive.find(name);
        if (!entry)
            refuse(name, "the manifest lists it, but it is not there");
        if (entry->size != listed.bytes)
            refuse(name, fmt::format("the manifest gives it {} bytes, it has {}", listed.bytes, entry->size));
    }
}

void BundleReader::withContent(const std::string& name,
                               const std::function<void(std::span<const std::byte>)>& use) const {
    read(name, false, use);
}

void BundleReader::read(const std::string& name, bool checked,
                        const std::function<void(std::span<const std::byte>)>& use) const {
    m_file->requireUnchanged(); // bytes that are gone would end the process
    const ZipEntry* entry = m_archive.find(name);
    if (!entry)
        refuse(name, "it is not there");
    std::vector<std::byte> unpacked;
    std::span<const std::byte> content = entry->packed;
    if (entry->deflated) {
        if (entry->size > kMostUnpacked)
            refuse(name, fmt::format("it unpacks to {} bytes; no entry that is packed has more than {}",
                                     entry->size, kMostUnpacked));
        unpacked = m_archive.inflate(name, *entry);
        content = unpacked;
    }
    if (const auto listed = m_manifest.entries.find(name); !checked && listed != m_manifest.entries.end()) {
        Sha256 hash;
        hash.add(content);
        if (const std::string found = hash.hex(); found != listed->second.sha256)
            refuse(name, fmt::format("its SHA-256 is {}, the manifest says {}: it was damaged or changed",
                                     found, listed->second.sha256));
    }
    use(content);
}

std::string BundleReader::text(const std::string& name, bool checked) const {
    if (const ZipEntry* entry = m_archive.find(name); entry && entry->size > kMostUnpacked)
        refuse(name, fmt::format("it has {} bytes; more than {} are read by no program", entry->size,
                                 kMostUnpacked));
    std::string text;
    read(name, checked, [&](std::span<const std::byte> bytes) {
        text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    return text;
}

std::vector<std::string> BundleReader::filesIn(const std::string& folder) const {
    std::vector<std::string> names;
    for (auto entry = m_manifest.entries.lower_bound(folder);
         entry != m_manifest.entries.end() && entry->first.starts_with(folder); ++entry)
        names.push_back(entry->first.substr(folder.size()));
    return names;
}

BundledRun BundleReader::run(const std::string& identity) const { return readRun(identity, false); }
BundledRun BundleReader::checkedRun(const std::string& identity) const { return readRun(identity, true); }

BundledRun BundleReader::readRun(const std::string& identity, bool checked) const {
    const std::string entry = runEntry(identity);
    const std::string place = fmt::format("{}, entry \"{}\"", where(), entry);
    const nlohmann::json json = parseJson(text(entry, checked), ErrorKind::File, {kWhat, place, {}, kAgain});
    BundledRun bundled = bundledRunFromJson(json, place);
    if (bundled.identity != identity)
        refuse(entry, "it says that it is another run than the one it is filed under");
    std::vector<RunSample>& samples = bundled.run.samples;
    if (filesIn(runFolder(identity)).size() != samples.size() + 1)
        refuse(entry, "its samples and the traces beside it are not equally many");
    for (RunSample& sample : samples) {
        const std::string name = traceEntry(identity, sample.trace.index);
        const std::string trace = fmt::format("{}, entry \"{}\"", where(), name);
        read(name, checked, [&](std::span<const std::byte> bytes) {
            try {
                traceFromBlob(bytes, trace, sample.trace);
            } catch (const Error& cause) { // whose remedy is a store's
                refuse(name, cause.parts().why);
            }
        });
        requireFits(sample.trace, bundled.run.summary.request, trace);
    }
    if (checked)
        return bundled;
    if (const std::string found = runIdentity(bundled.run); found != identity)
        refuse(entry, fmt::format("its content is that of run {}: it was changed after it was made", found));
    return bundled;
}

std::vector<NamedSchedule> BundleReader::schedules() const {
    std::vector<NamedSchedule> schedules;
    if (!m_manifest.entries.contains(kSchedulesEntry))
        return schedules;
    const std::string place = fmt::format("{}, entry \"{}\"", where(), kSchedulesEntry);
    const nlohmann::json json = parseJson(text(kSchedulesEntry), ErrorKind::File, {kWhat, place, {}, kAgain});
    std::set<std::string> names;
    try {
        for (const nlohmann::json& each : json) {
            NamedSchedule& schedule = schedules.emplace_back();
            schedule.name = each.at("name");
            schedule.created = each.at("created");
            schedule.schedule = parseSchedule(each.at("schedule").get<std::string>());
            const bool isName = !schedule.name.empty() && schedule.name.size() <= kLongestScheduleName &&
                                nameKey(schedule.name).size() == schedule.name.size();
            if (!isName || schedule.schedule.empty())
                refuse(kSchedulesEntry, "a schedule in it has no steps, or a name that none can have");
            if (!names.insert(nameKey(schedule.name)).second)
                refuse(kSchedulesEntry, "two schedules in it have one name");
        }
    } catch (const nlohmann::json::exception& cause) {
        refuse(kSchedulesEntry, cause.what());
    } catch (const Error& cause) {
        if (cause.kind() == ErrorKind::File)
            throw;
        refuse(kSchedulesEntry, fmt::format("{}: {}", cause.parts().where, cause.parts().why));
    }
    return schedules;
}

} // namespace steploom
