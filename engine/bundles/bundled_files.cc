// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/bundled_files.h"

#include "engine/bundles/run_identity.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/tensor_files.h"
#include "engine/checkpoint/weights_path.h"
#include "engine/core/error.h"
#include "engine/core/file_beside.h"
#include "engine/core/read_file.h"
#include "engine/core/sha256.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <unistd.h>

namespace steploom {

namespace {

namespace fs = std::filesystem;
using Files = std::vector<std::shared_ptr<const MappedFile>>;

constexpr const char* kUnpacking = "cannot unpack the bundle";

bool isThere(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// Configuration and tokenizer, of a size that this program reads. An index of shards that are not those in
/// use would make the copied folder another checkpoint.
bool isCompanion(const fs::path& path, const fs::path& tensors) {
    const std::string name = path.filename().string();
    std::error_code problem;
    return name.front() != '.' && (path.extension() == ".json" || path.extension() == ".txt") &&
           (!name.ends_with(".index.json") || path == tensors) && fs::is_regular_file(path, problem) &&
           fs::file_size(path, problem) <= kMostFileBytes && !problem;
}

void addCompanions(const fs::path& folder, const fs::path& tensors, Files& files) {
    std::error_code problem;
    for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
         entry.increment(problem))
        if (isCompanion(entry->path(), tensors))
            files.push_back(MappedFile::open(entry->path()));
}

void sortByName(Files& files) {
    std::ranges::sort(files, {}, [](const auto& file) { return file->path().filename().string(); });
}

/// "last.ckpt" and "@raw"; the file need not be there.
std::pair<fs::path, std::string> splitEnding(const std::string& path) {
    for (const std::string_view ending : {"@raw", "@ema"})
        if (path.ends_with(ending))
            return {path.substr(0, path.size() - ending.size()), std::string(ending)};
    return {path, {}};
}

/// A folder that is gone again unless it was moved into place.
class FolderBeside {
public:
    explicit FolderBeside(fs::path final)
        : m_final(std::move(final)), m_path(m_final.string() + fmt::format(".{}.part", ::getpid())) {
        std::error_code problem;
        fs::remove_all(m_path, problem); // of a process that had this number and was killed
        fs::create_directories(m_path, problem);
        if (problem)
            fail(problem, "Choose a store in a folder that you may write to");
    }
    ~FolderBeside() {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    FolderBeside(const FolderBeside&) = delete;
    FolderBeside& operator=(const FolderBeside&) = delete;

    const fs::path& path() const noexcept { return m_path; }
    /// False when another took the place meanwhile.
    bool moveIntoPlace() const {
        std::error_code problem;
        fs::rename(m_path, m_final, problem); // never over a folder that holds something
        if (problem && isThere(m_final))
            return false;
        if (problem)
            fail(problem, "Check what stands at that path");
        return true;
    }

private:
    [[noreturn]] void fail(const std::error_code& problem, std::string remedy) const {
        throw Error(ErrorKind::File, {kUnpacking, m_final.string(), problem.message(), std::move(remedy)});
    }

    fs::path m_final;
    fs::path m_path;
};

} // namespace

fs::path checkpointPlace(const fs::path& store, const std::string& sha256) {
    return fs::absolute(store).parent_path() / "checkpoints" / sha256;
}

fs::path tokenizerPlace(const fs::path& store, const std::string& sha256) {
    return fs::absolute(store).parent_path() / "tokenizers" / sha256;
}

Files checkpointFiles(const std::string& path) {
    const WeightsPath written = splitWeightsPath(path);
    const TensorSource source = findTensors(written.path);
    TensorFiles tensors = openTensorFiles(source, written.asked);
    Files files = std::move(tensors.files);
    addCompanions(source.folder, source.file, files);
    sortByName(files);
    return files;
}

Files tokenizerFiles(const std::string& path) {
    Files files;
    std::error_code problem;
    if (fs::is_directory(path, problem))
        addCompanions(path, {}, files);
    else
        files.push_back(MappedFile::open(path));
    if (files.empty())
        throw Error(ErrorKind::File, {"cannot export the tokenizer", path, "its folder holds no files of one",
                                      "Restore it, or export without checkpoints"});
    sortByName(files);
    return files;
}

std::string sha256Of(std::span<const std::shared_ptr<const MappedFile>> files) {
    Sha256 hash;
    for (const auto& file : files) {
        hash.add(fmt::format("{}\n{}\n", file->path().filename().string(), file->bytes().size()));
        hash.add(file->bytes());
    }
    return hash.hex();
}

std::string pathWithin(const fs::path& place, const std::string& path, std::span<const std::string> files) {
    const auto [plain, ending] = splitEnding(path);
    const std::string name = plain.filename().string();
    const bool isFile = std::ranges::find(files, name) != files.end();
    return (isFile ? place / name : place).string() + ending;
}

bool unpack(const BundleReader& bundle, const std::string& folder, const fs::path& place,
            const std::function<void(const fs::path&)>& check) {
    if (isThere(place))
        return false;
    const FolderBeside unpacked(place);
    for (const std::string& name : bundle.filesIn(folder))
        bundle.withContent(folder + name, [&](std::span<const std::byte> bytes) {
            FileBeside file(unpacked.path() / name, kUnpacking);
            file.write(bytes);
            file.moveIntoPlace();
        });
    check(unpacked.path());
    return unpacked.moveIntoPlace();
}

std::string findCheckpoint(const PoolMemberSpec& member, const fs::path& store) {
    if (member.sha256.empty())
        return member.path;
    std::vector<std::string> paths{member.path};
    if (isSha256(member.sha256)) { // else it is no name of a folder either
        paths.push_back(checkpointPlace(store, member.sha256).string());
        if (const std::string ending = splitEnding(member.path).second; !ending.empty())
            paths.back() += ending;
    }
    std::string looked;
    for (const std::string& path : paths) {
        std::string found = "not there";
        if (isThere(splitWeightsPath(path).path)) {
            try {
                found = Checkpoint::open(path).sha256();
                if (found == member.sha256)
                    return path;
            } catch (const Error& cause) {
                found = cause.parts().why;
            }
        }
        looked += fmt::format("{}{} ({})", looked.empty() ? "" : ", ", path, found);
    }
    throw Error(ErrorKind::File,
                {"cannot find the checkpoint", fmt::format("{} = {}", member.letter, member.name),
                 fmt::format("the run was made with SHA-256 {}; looked at {}", member.sha256, looked),
                 "Put that checkpoint at one of these paths, or import a bundle that brings it"});
}

} // namespace steploom
