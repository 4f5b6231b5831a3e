#include "batch/journal/files.hpp"

#include "io/claim/folder.hpp"

#include <flowspan/diagnostic.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <utility>

namespace flowspan::batch {
namespace {

constexpr std::string_view prefix = "journal-";
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

std::string own_folder(const std::string& out) { return (out.empty() ? std::string(".") : out) + "/.flowspan"; }

Failure cannot_open(const std::string& path, int error) {
    if (io::is_there(path) && (error == ELOOP || error == ENOTDIR))
        return {ExitCode::file, "cannot open the folder " + path + ": it is a link, or no folder"};
    return file_failure("open the folder", path, error);
}

/// 0 where it is missing and may be. Throws Failure.
int opened(const std::string& out, const std::string& below, bool may_be_missing) {
    std::string path = own_folder(out);
    int descriptor = ::open(path.c_str(), folder_flags);
    if (descriptor >= 0 && !below.empty()) {
        path += "/" + below;
        const int inner = ::openat(descriptor, below.c_str(), folder_flags);
        const int error = errno;
        ::close(descriptor);
        errno = error;
        descriptor = inner;
    }
    if (descriptor >= 0) return descriptor;
    if (errno == ENOENT && may_be_missing) return -1;
    throw cannot_open(path, errno);
}

std::string shown_path(const std::string& out, const std::string& below) {
    return own_folder(out) + (below.empty() ? "" : "/" + below);
}

}  // namespace

std::string JournalName::text() const { return fmt::format("{}{}-{:04}", prefix, part, start); }

std::optional<JournalName> JournalName::from(std::string_view name) {
    if (!name.starts_with(prefix)) return std::nullopt;
    JournalName found;
    const char* const end = name.data() + name.size();
    const auto [dash, error] = std::from_chars(name.data() + prefix.size(), end, found.part);
    if (error != std::errc() || dash == end || *dash != '-') return std::nullopt;
    const auto [last, wrong] = std::from_chars(dash + 1, end, found.start);
    if (wrong != std::errc() || last != end || found.text() != name) return std::nullopt;
    if (found.part < 0 || found.start < 1 || found.start > last_start) return std::nullopt;
    return found;
}

OwnFolder OwnFolder::open(const std::string& out, const std::string& below, bool make) {
    const std::string path = shown_path(out, below);
    if (make) {
        if (!out.empty()) io::make_folder(out);
        for (const std::string& folder : {own_folder(out), path})
            if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) throw file_failure("create the folder", folder, errno);
    }
    return {path, opened(out, below, false)};
}

std::optional<OwnFolder> OwnFolder::find(const std::string& out, const std::string& below) {
    const int descriptor = opened(out, below, true);
    if (descriptor < 0) return std::nullopt;
    return OwnFolder(shown_path(out, below), descriptor);
}

OwnFolder::OwnFolder(OwnFolder&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

OwnFolder::~OwnFolder() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::vector<std::string> OwnFolder::names() const {
    // (opened anew: a network file system then looks)
    const int again = ::openat(descriptor_, ".", folder_flags);
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(again < 0 ? nullptr : ::fdopendir(again), ::closedir);
    if (!listing) {
        const int error = errno;
        if (again >= 0) ::close(again);
        throw file_failure("open the folder", path_, error);
    }
    std::vector<std::string> names;
    for (errno = 0; const dirent* entry = ::readdir(listing.get()); errno = 0) names.emplace_back(entry->d_name);
    if (errno != 0) throw file_failure("read the folder", path_, errno);
    return names;
}

std::vector<JournalName> all_journals(const OwnFolder& folder) {
    std::vector<JournalName> found;
    for (const std::string& name : folder.names())
        if (const auto journal = JournalName::from(name)) found.push_back(*journal);
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<JournalName> journals_of(const OwnFolder& folder, int part) {
    std::vector<JournalName> found = all_journals(folder);
    std::erase_if(found, [&](const JournalName& journal) { return journal.part != part; });
    return found;
}

}  // namespace flowspan::batch
