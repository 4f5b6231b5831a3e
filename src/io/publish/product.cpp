#include "io/publish/product.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

std::string folder_of(const std::string& path) {
    const auto folder = fs::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

/// The mode bits of what a path leads to; nothing when there is nothing.
std::optional<mode_t> mode_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return status.st_mode;
}

bool is_regular(const std::string& path) {
    const auto mode = mode_of(path);
    return mode && S_ISREG(*mode);
}

/// Files NAME.N.EXT with N >= 2 beside NAME.EXT.
std::vector<std::string> further_stretches(const std::string& path) {
    const fs::path product(path);
    const std::string stem = product.stem().string() + ".", extension = product.extension().string();
    std::vector<std::string> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_of(path), ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.size() <= stem.size() + extension.size() || !name.starts_with(stem) || !name.ends_with(extension)) continue;
        const std::string number = name.substr(stem.size(), name.size() - stem.size() - extension.size());
        const bool digits = std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (digits && number[0] != '0' && number != "1" && is_regular(entry.path().string()))
            found.push_back((product.parent_path() / name).string());
    }
    return found;
}

}  // namespace

/// One product, as its sink holds it.
class Publisher::Part final : public Product {
public:
    Part(std::mutex& mutex, std::shared_ptr<Entry> entry) : mutex_(mutex), entry_(std::move(entry)) {}
    const std::string& path() const override { return entry_->path; }
    const std::string& part() const override { return entry_->part; }

    void complete() override {
        std::uint64_t bytes = 0;
        if (!entry_->in_place) {
            const int descriptor = ::open(entry_->part.c_str(), O_RDONLY | O_CLOEXEC);
            if (descriptor < 0) throw file_failure("complete", entry_->path, errno);
            struct stat status {};
            const bool durable = ::fsync(descriptor) == 0 && ::fstat(descriptor, &status) == 0;
            const int error = errno;
            ::close(descriptor);
            if (!durable) throw file_failure("complete", entry_->path, error);
            bytes = std::uint64_t(status.st_size);
        }
        const std::lock_guard lock(mutex_);
        entry_->bytes = bytes;
        entry_->complete = true;
    }

private:
    std::mutex& mutex_;
    std::shared_ptr<Entry> entry_;
};

Publisher::Publisher(std::string run_id, bool overwrite) : run_id_(std::move(run_id)), overwrite_(overwrite) {}

std::shared_ptr<Product> Publisher::create(const std::string& path) {
    auto entry = std::make_shared<Entry>();
    entry->path = entry->part = path;
    const auto mode = mode_of(path);
    if (mode && S_ISDIR(*mode)) throw file_failure("create", path, EISDIR);
    entry->in_place = mode && !S_ISREG(*mode);
    if (mode && !entry->in_place && !overwrite_)
        throw Failure(ExitCode::file, "cannot create " + path + ": it exists; give --overwrite to replace it");
    if (!entry->in_place) {
        const std::string folder = folder_of(path);
        std::error_code error;
        fs::create_directories(folder, error);
        if (error) throw file_failure("create the folder", folder, error.value());
        const fs::path product(path);
        entry->part = (product.parent_path() / fmt::format(".{}.{}.part", product.filename().string(), run_id_)).string();
    }
    const std::lock_guard lock(mutex_);
    for (const auto& other : entries_)
        if (other->path == path && !entry->in_place)
            throw Failure(ExitCode::file, "cannot create " + path + ": another block of this run makes it");
    entries_.push_back(entry);
    return std::make_shared<Part>(mutex_, std::move(entry));
}

std::vector<Publisher::Entry> Publisher::entries() const {
    const std::lock_guard lock(mutex_);
    std::vector<Entry> copy;
    for (const auto& entry : entries_) copy.push_back(*entry);
    return copy;
}

void Publisher::publish() {
    const auto products = entries();
    std::set<std::string> made;
    for (const auto& product : products) {
        if (!product.complete)
            throw Failure(ExitCode::bug, "cannot publish " + product.path + ": its block has ended without completing it");
        made.insert(product.path);
    }
    for (const auto& product : products) {
        if (product.in_place) continue;
        rename_durably(product.part, product.path);
        if (!overwrite_) continue;
        for (const auto& stale : further_stretches(product.path))
            if (!made.contains(stale)) ::unlink(stale.c_str());
    }
}

std::vector<std::string> Publisher::keep_partial() {
    std::vector<std::string> kept;
    for (const auto& product : entries()) {
        if (product.in_place) continue;
        if (!product.complete) {
            ::unlink(product.part.c_str());
            continue;
        }
        kept.push_back(with_infix(product.path, "partial"));
        rename_durably(product.part, kept.back());
    }
    return kept;
}

void Publisher::discard() noexcept {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_)
        if (!entry->in_place) ::unlink(entry->part.c_str());
}

std::string with_infix(const std::string& path, const std::string& infix) {
    const fs::path product(path);
    return (product.parent_path() / (product.stem().string() + "." + infix + product.extension().string())).string();
}

std::vector<std::string> existing_products(const std::vector<std::string>& paths) {
    std::set<std::string> found;
    for (const auto& path : paths) {
        if (is_regular(path)) found.insert(path);
        for (auto& further : further_stretches(path)) found.insert(std::move(further));
    }
    return {found.begin(), found.end()};
}

void rename_durably(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) throw file_failure("publish", to, errno);
    sync_folder(folder_of(to));
}

void sync_folder(const std::string& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) throw file_failure("open the folder", folder, errno);
    const bool durable = ::fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP;  // not every file system offers it
    const int error = errno;
    ::close(descriptor);
    if (!durable) throw file_failure("make durable", folder, error);
}

}  // namespace flowspan::io
