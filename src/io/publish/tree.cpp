#include "io/publish/tree.hpp"

#include "io/claim/folder.hpp"
#include "io/publish/digest.hpp"

#include <flowspan/io.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <span>
#include <system_error>
#include <vector>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t one_by_one = 256;  // more are made durable at once

/// Without links: what they lead to is not the product's.
std::vector<fs::path> own_files_below(const std::string& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (entry->symlink_status().type() == fs::file_type::regular) files.push_back(entry->path());
    std::sort(files.begin(), files.end());
    return files;
}

std::optional<std::string> aside_of(const std::string& part) {
    auto name = PartName::from(name_of(part));
    if (!name) return std::nullopt;
    name->name += ".old";
    return (fs::path(folder_of(part)) / name->text()).string();
}

}  // namespace

std::optional<std::uint64_t> product_bytes(const std::string& path) {
    struct stat there {};
    if (::lstat(path.c_str(), &there) != 0) return std::nullopt;
    if (S_ISREG(there.st_mode)) return std::uint64_t(there.st_size);
    if (!S_ISDIR(there.st_mode)) return std::nullopt;
    std::uint64_t bytes = 0;
    for (const fs::path& file : own_files_below(path)) {
        struct stat one {};
        if (::lstat(file.c_str(), &one) == 0) bytes += std::uint64_t(one.st_size);
    }
    return bytes;
}

bool is_folder(const std::string& path) {
    struct stat there {};
    return ::lstat(path.c_str(), &there) == 0 && S_ISDIR(there.st_mode);
}

bool is_folder_of_a_sink(const std::string& path) {
    struct stat there {};
    return is_folder(path) && ::lstat((path + "/drf_properties.h5").c_str(), &there) == 0 && S_ISREG(there.st_mode);
}

std::string product_hash(const std::string& path) {
    if (!is_folder(path)) return xxh128_of(path);
    Xxh128 all;
    for (const fs::path& file : own_files_below(path)) {
        const std::string line = file.lexically_relative(path).string() + '\0' + xxh128_of(file.string()) + '\n';
        all.add(std::as_bytes(std::span(line)));
    }
    return all.finish();
}

int remove_product(const std::string& path) noexcept {
    if (!is_folder(path)) return ::unlink(path.c_str()) == 0 ? 0 : errno;
    std::error_code error;
    fs::remove_all(path, error);
    return error.value();
}

void make_tree_durable(const std::string& folder) {
    const std::vector<fs::path> files = own_files_below(folder);
    if (files.size() > one_by_one) {
        const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const bool good = descriptor >= 0 && ::syncfs(descriptor) == 0;
        const int error = errno;
        if (descriptor >= 0) ::close(descriptor);
        if (!good) throw file_failure("make durable", folder, error);
        return;
    }
    std::vector<std::string> folders{folder};
    for (const fs::path& file : files) {
        const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        const bool good = descriptor >= 0 && ::fsync(descriptor) == 0;
        const int error = errno;
        if (descriptor >= 0) ::close(descriptor);
        if (!good) throw file_failure("make durable", file.string(), error);
        folders.push_back(file.parent_path().string());
    }
    std::sort(folders.begin(), folders.end());
    folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
    for (const std::string& one : folders) sync_folder(one);
}

int rename_product(const std::string& from, const std::string& to) {
    const auto aside = is_folder_of_a_sink(to) ? aside_of(from) : std::nullopt;
    if (!aside) return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
    struct stat there {};
    if (::lstat(from.c_str(), &there) != 0) return errno;  // before anything is moved
    if (const int error = remove_product(*aside); error != 0 && error != ENOENT) return error;
    if (::rename(to.c_str(), aside->c_str()) != 0) return errno;
    if (::rename(from.c_str(), to.c_str()) != 0) {
        const int error = errno;
        ::rename(aside->c_str(), to.c_str());
        return error;
    }
    remove_product(*aside);
    return 0;
}

}  // namespace flowspan::io
