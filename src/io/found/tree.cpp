#include "io/found/tree.hpp"

#include "core/files/text.hpp"
#include "io/sigmf/dataset.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

FileKey key_from(const struct stat& status) { return {status.st_dev, status.st_ino, status.st_nlink}; }

FileKind kind_from(mode_t mode) {
    return S_ISREG(mode)    ? FileKind::regular
           : S_ISDIR(mode)  ? FileKind::folder
           : S_ISFIFO(mode) ? FileKind::fifo
           : S_ISSOCK(mode) ? FileKind::socket
           : S_ISCHR(mode)  ? FileKind::character_device
                            : FileKind::block_device;
}

Folder::Entry entry_of(int folder, const dirent& one) {
    Folder::Entry entry{.name = one.d_name};
    const bool plain = one.d_type == DT_REG || one.d_type == DT_DIR;
    if (one.d_type != DT_DIR) entry.named = named_as(entry.name);
    entry.kind = one.d_type == DT_DIR ? FileKind::folder : FileKind::regular;
    if (plain && entry.named == NamedAs::other) return entry;
    struct stat status {};
    entry.kind = ::fstatat(folder, one.d_name, &status, 0) == 0 ? kind_from(status.st_mode) : FileKind::none;
    entry.key = key_from(status);
    return entry;
}

/// Whether a path with `a` in it comes before one with `b` in its place.
bool before(const Folder::Entry& a, const Folder::Entry& b) {
    const std::size_t common = std::min(a.name.size(), b.name.size());
    if (const int order = std::memcmp(a.name.data(), b.name.data(), common); order != 0) return order < 0;
    const auto next = [common](const Folder::Entry& one) {
        if (one.name.size() > common) return int(static_cast<unsigned char>(one.name[common]));
        return one.kind == FileKind::folder ? int('/') : -1;
    };
    return next(a) < next(b);
}

bool is_passed(std::string_view name) { return name.starts_with('.') || name.ends_with(".part"); }

void say(std::vector<std::string>& notes, const PassedOver::Kind& kind, const std::string& one, const std::string& many) {
    if (kind.count == 1) notes.push_back(fmt::format("{} {}", kind.first, one));
    if (kind.count > 1) notes.push_back(fmt::format("{} {}, the first {}", kind.count, many, kind.first));
}

}  // namespace

std::optional<FileKey> key_of(const std::string& path, FileKind* kind) {
    struct stat status {};
    if (path.find('\0') != std::string::npos || ::stat(path.c_str(), &status) != 0) return std::nullopt;
    if (kind != nullptr) *kind = kind_from(status.st_mode);
    return key_from(status);
}

const Folder::Entry* Folder::find(const std::string& name, FileKind kind) const {
    const Entry wanted{.name = name, .kind = kind};
    const auto at = std::lower_bound(entries.begin(), entries.end(), wanted, before);
    return at != entries.end() && at->name == name && at->kind == kind ? &*at : nullptr;
}

Folder list_folder(const std::string& path) {
    Folder folder;
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(path.c_str()), ::closedir);
    if (dir == nullptr) {
        folder.error = errno;
        return folder;
    }
    struct stat status {};
    if (::fstat(::dirfd(dir.get()), &status) == 0) folder.key = key_from(status);
    errno = 0;
    while (const dirent* one = ::readdir(dir.get())) {
        if (std::strcmp(one->d_name, ".flowspan") == 0) folder.of_products = true;
        if (!is_passed(one->d_name)) folder.entries.push_back(entry_of(::dirfd(dir.get()), *one));
        errno = 0;
    }
    folder.error = errno;
    std::sort(folder.entries.begin(), folder.entries.end(), before);
    return folder;
}

std::optional<Candidate> sigmf_candidate(const std::string& meta_path, const FileKey& key,
                                         const std::optional<FileKey>& beside) {
    Candidate made{meta_path, NamedAs::sigmf_meta, key, beside};
    if (beside) return made;
    Value header;
    try {
        header = parse_sigmf(read_text(meta_path, most_header_bytes), meta_path);
    } catch (const std::exception&) {
        return made;  // whoever reads it says what is wrong
    }
    const Dataset data = dataset_of(header, meta_path);
    if (data.path.empty()) return std::nullopt;
    made.data = key_of(data.path);
    return made;
}

std::vector<std::string> PassedOver::notes() const {
    std::vector<std::string> notes;
    say(notes, others, "is no recording by its name and passed over", "files are no recordings by their names and passed over");
    say(notes, dangling, "is a link to nothing and passed over", "links lead to nothing and are passed over");
    say(notes, without_samples, "has no samples by what its header says, and is passed over",
        "SigMF headers say that they have no samples, or are missing beside their data, and are passed over");
    say(notes, of_products, "holds products of a batch and is passed over",
        "folders hold products of batches and are passed over");
    say(notes, folders, "is a folder in it and passed over", "folders in it are passed over");
    say(notes, rings, "is a link to a folder that it lies in, and passed over",
        "links lead to folders that they lie in, and are passed over");
    return notes;
}

}  // namespace flowspan::io
