#include "io/publish/commit.hpp"

#include <flowspan/value.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

std::string relative_to(const fs::path& folder, const std::string& path) {
    const fs::path relative = fs::absolute(path).lexically_relative(fs::absolute(folder));
    return relative.empty() || *relative.begin() == ".." ? fs::absolute(path).string() : relative.string();
}

Value read_record(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) throw file_failure("read", path, errno);
    try {
        return Value::from_json(text.str());
    } catch (const std::invalid_argument& mistake) {
        throw Failure(ExitCode::file, "cannot read " + path + ": " + mistake.what());
    }
}

bool has_size(const fs::path& path, std::uint64_t bytes) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return !error && size == bytes;
}

std::string lock_path(const fs::path& folder) { return (folder / ".flowspan.lock").string(); }

/// Whether a run that goes on writes to this folder.
bool is_locked(const fs::path& folder) {
    const int descriptor = ::open(lock_path(folder).c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool locked = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(descriptor);
    return locked;
}

/// Waits a moment: another run that only looks whether somebody holds the lock holds it itself meanwhile.
bool take_lock(int descriptor) {
    for (int k = 1;; ++k) {
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK || k == 20) return false;  // errno says why
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

struct LeftOver {
    std::vector<std::string> records, parts;
};

/// What dead runs left in a folder and below. Folders may vanish meanwhile; those of other runs are theirs.
void look_for(const fs::path& folder, LeftOver& found) {
    static const std::regex record_name(R"(\.flowspan\..+\.commit)"), part_name(R"(\..+\.[0-9A-Za-z-]+\.part)"),
        unfinished_record(R"(\.flowspan\..+\.commit\.new)");
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        const std::string name = entry->path().filename().string();
        if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) {
            if (!is_locked(entry->path())) look_for(entry->path(), found);
        } else if (entry->is_regular_file(ignored)) {
            if (std::regex_match(name, record_name)) found.records.push_back(entry->path().string());
            if (std::regex_match(name, part_name) || std::regex_match(name, unfinished_record))
                found.parts.push_back(entry->path().string());
        }
    }
}

}  // namespace

std::string commit_record_path(const std::string& out, const std::string& run_id) {
    return (fs::path(out) / (".flowspan." + run_id + ".commit")).string();
}

void write_commit_record(const std::string& path, const std::string& run_id, const std::vector<Publisher::Entry>& entries) {
    const fs::path folder = fs::absolute(path).parent_path();
    Value::List products;
    for (const auto& entry : entries) {
        if (entry.in_place) continue;
        products.push_back(Value::Map{{"part", relative_to(folder, entry.part)},
                                      {"path", relative_to(folder, entry.path)},
                                      {"bytes", std::int64_t(entry.bytes)}});
    }
    const std::string text = Value(Value::Map{{"run", run_id}, {"products", std::move(products)}}).json() + "\n";
    const std::string temporary = path + ".new";
    File file = File::create(temporary, path);
    file.append(std::as_bytes(std::span(text)));
    file.close();
    const int descriptor = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
    const bool durable = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!durable) throw file_failure("write", path, error);
    rename_durably(temporary, path);
}

void remove_commit_record(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw file_failure("remove", path, errno);
}

std::vector<std::string> roll_forward(const std::string& record_path) {
    const Value record = read_record(record_path);
    const fs::path folder = fs::path(record_path).parent_path();
    std::vector<std::string> names;
    for (const auto& product : record.at("products").list()) {
        // An absolute path replaces the folder it is appended to.
        const fs::path part = folder / product.at("part").string(), path = folder / product.at("path").string();
        const auto bytes = std::uint64_t(product.at("bytes").integer());
        if (has_size(part, bytes)) {
            rename_durably(part.string(), path.string());
        } else if (!has_size(path, bytes)) {
            throw Failure(ExitCode::file, "cannot publish " + path.string() + ": the run " + record.at("run").string() +
                                              " committed it, but neither it nor " + part.string() + " is there with " +
                                              std::to_string(bytes) + " bytes");
        }
        names.push_back(path.string());
    }
    remove_commit_record(record_path);
    return names;
}

Recovered recover(const std::string& out) {
    LeftOver found;
    for (fs::path above = fs::absolute(out).lexically_normal().parent_path(); !above.empty(); above = above.parent_path()) {
        if (is_locked(above)) return {};  // what is here may be that run's
        if (above == above.parent_path()) break;
    }
    look_for(out, found);
    auto& [records, parts] = found;
    std::sort(records.begin(), records.end());
    std::sort(parts.begin(), parts.end());
    Recovered done;
    for (const auto& record : records)
        for (auto& name : roll_forward(record)) done.published.push_back(std::move(name));
    for (auto& part : parts)
        if (::unlink(part.c_str()) == 0) done.removed.push_back(std::move(part));  // those rolled forward are gone already
    return done;
}

OutLock::OutLock(const std::string& out) : path_(lock_path(out)) {
    std::error_code error;
    fs::create_directories(out, error);
    if (error) throw file_failure("create the folder", out, error.value());
    for (;;) {
        descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor_ < 0) throw file_failure("create", path_, errno);
        if (!take_lock(descriptor_)) {
            const int reason = errno;
            ::close(descriptor_);
            if (reason != EWOULDBLOCK) throw file_failure("lock", path_, reason);
            Diagnostic held;
            held.key = "--out";
            held.expected = "a folder that no other run is writing to";
            held.got = out;
            held.hint = "wait for the other run, or give another --out";
            throw Refused(std::move(held));
        }
        // The holder before us removes the file; a lock on a removed file excludes nobody.
        struct stat mine {
        }, there{};
        if (::fstat(descriptor_, &mine) == 0 && ::stat(path_.c_str(), &there) == 0 && mine.st_ino == there.st_ino) return;
        ::close(descriptor_);
    }
}

OutLock::~OutLock() {
    ::unlink(path_.c_str());
    ::close(descriptor_);
}

}  // namespace flowspan::io
