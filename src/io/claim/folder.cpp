#include "io/claim/folder.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view own_prefix = ".flowspan.", part_suffix = ".part";

bool is_run_id(std::string_view text) {
    const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-'; };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), fits);
}

/// Takes what stands behind the last dot off.
std::string_view last_word(std::string_view& text) {
    const std::size_t dot = text.rfind('.');
    if (dot == std::string_view::npos) return {};
    const std::string_view word = text.substr(dot + 1);
    text.remove_suffix(word.size() + 1);
    return word;
}

std::optional<int> small_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
    if (text.size() > 1 && text[0] == '0') return std::nullopt;
    return number;
}

}  // namespace

std::string folder_of(const std::string& path) {
    const auto folder = fs::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

std::string name_of(const std::string& path) { return fs::path(path).filename().string(); }

std::string canonical_folder(const std::string& folder) {
    std::error_code error;
    std::string found = fs::weakly_canonical(fs::absolute(folder), error).string();
    if (error) found = fs::absolute(folder).lexically_normal().string();
    while (found.size() > 1 && found.back() == '/') found.pop_back();
    return found;
}

void make_folder(const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw file_failure("create the folder", folder, error.value());
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        names.push_back(entry->path().filename().string());
    return names;
}

bool is_there(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

void sync_folder(const std::string& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) throw file_failure("open the folder", folder, errno);
    const bool durable = ::fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP;  // not every file system offers it
    const int error = errno;
    ::close(descriptor);
    if (!durable) throw file_failure("make durable", folder, error);
}

std::string PartName::text() const { return fmt::format(".{}.{}.{}.{}{}", name, run, rank, block, part_suffix); }

std::optional<PartName> PartName::from(std::string_view text) {
    if (!text.starts_with('.') || !text.ends_with(part_suffix) || text.size() <= part_suffix.size()) return std::nullopt;
    text.remove_prefix(1);
    text.remove_suffix(part_suffix.size());
    const auto block = small_number(last_word(text)), rank = small_number(last_word(text));
    const std::string run(last_word(text));
    if (!block || !rank || !is_run_id(run) || text.empty()) return std::nullopt;
    return PartName{std::string(text), run, *rank, *block};
}

std::string own_name(const std::string& run, std::string_view kind) { return fmt::format("{}{}.{}", own_prefix, run, kind); }

std::optional<std::string> run_of(std::string_view name, std::string_view kind) {
    if (!name.starts_with(own_prefix) || !name.ends_with(kind) || name.size() < own_prefix.size() + kind.size() + 2)
        return std::nullopt;
    name.remove_prefix(own_prefix.size());
    name.remove_suffix(kind.size());
    if (name.back() != '.') return std::nullopt;
    name.remove_suffix(1);
    return is_run_id(name) ? std::optional(std::string(name)) : std::nullopt;
}

// Folders and files of batches (`.flowspan`), locks, records and what is written aside, and parts: more than there are at
// present.
bool looks_like_our_own(std::string_view name) {
    return name.starts_with(".flowspan") || (name.starts_with('.') && name.ends_with(part_suffix));
}

std::string with_infix(const std::string& path, const std::string& infix) {
    const fs::path product(path);
    return (product.parent_path() / (product.stem().string() + "." + infix + product.extension().string())).string();
}

}  // namespace flowspan::io
