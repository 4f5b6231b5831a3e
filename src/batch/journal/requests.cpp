#include "batch/journal/requests.hpp"

#include "batch/journal/files.hpp"
#include "io/claim/folder.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <random>
#include <string_view>

namespace flowspan::batch {
namespace {

constexpr std::string_view below = "requests";
constexpr std::size_t most_at_once = 4096, largest = std::size_t{1} << 20;

/// request-NANOSECONDS-RANDOM: 19 and 16 digits, so that names are ordered as times.
std::string new_name() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    std::random_device random;
    return fmt::format("request-{:019}-{:08x}{:08x}", std::chrono::nanoseconds(now).count(), random(), random());
}

bool is_request(std::string_view name) {
    constexpr std::string_view form = "request-ddddddddddddddddddd-xxxxxxxxxxxxxxxx";
    if (name.size() != form.size()) return false;
    for (std::size_t k = 0; k < form.size(); ++k) {
        const bool digit = name[k] >= '0' && name[k] <= '9', hex = digit || (name[k] >= 'a' && name[k] <= 'f');
        const bool place = k >= 8 && k != 27;
        if (place ? !(k < 27 ? digit : hex) : name[k] != form[k]) return false;
    }
    return true;
}

void write_durably(int folder, const std::string& name, const std::string& shown, const std::string& text) {
    const int descriptor = ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor < 0) throw file_failure("create", shown, errno);
    int error = 0;
    for (std::size_t put = 0; put < text.size() && error == 0;) {
        const ssize_t n = ::write(descriptor, text.data() + put, text.size() - put);
        if (n > 0) put += std::size_t(n);
        if (n <= 0 && errno != EINTR) error = n < 0 ? errno : EIO;
    }
    if (error == 0 && ::fsync(descriptor) != 0) error = errno;
    if (::close(descriptor) != 0 && error == 0 && errno != EINTR) error = errno;
    if (error == 0) return;
    ::unlinkat(folder, name.c_str(), 0);
    throw file_failure("write", shown, error);
}

bool is_too_large(const OwnFolder& folder, const std::string& name) {
    struct stat status {};
    return ::fstatat(folder.descriptor(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
           std::uint64_t(status.st_size) > largest;
}

/// The first line of the file; nothing more may stand in it.
void read(const OwnFolder& folder, const std::string& name, std::vector<Request>& requests, Troubles& troubles) {
    const std::string path = folder.path_of(name);
    if (is_too_large(folder, name)) return troubles.add({path, 0, true, "it is too large"});
    std::size_t lines = 0;
    const auto take = [&](std::string_view json) -> std::string {
        if (++lines > 1) return "a request has one line";
        try {
            requests.push_back({name, told(Value::from_json(json))});
            return {};
        } catch (const std::exception&) { return "it is not JSON"; }
    };
    const std::size_t before = troubles.count;
    read_lines(folder.descriptor(), name, path, take, troubles);
    if (lines == 0 && troubles.count == before) troubles.add({path, 0, true, "it is empty"});
}

}  // namespace

std::string put_request(const std::string& out, const Value& content) {
    if (!OwnFolder::find(out)) throw Failure(ExitCode::usage, "expected a folder with a batch, got " + out);
    const OwnFolder folder = OwnFolder::open(out, std::string(below), true);
    const std::string name = new_name(), aside = "." + name + ".new", text = sealed_line(content);
    if (text.size() > largest)
        throw Failure(ExitCode::usage, fmt::format("cannot write {}: a request of {} bytes, at most {} are read",
                                                   folder.path_of(name), text.size(), largest));
    write_durably(folder.descriptor(), aside, folder.path_of(name), text);
    if (::renameat(folder.descriptor(), aside.c_str(), folder.descriptor(), name.c_str()) != 0) {
        const int error = errno;
        ::unlinkat(folder.descriptor(), aside.c_str(), 0);
        throw file_failure("write", folder.path_of(name), error);
    }
    io::sync_folder(folder.path());
    return name;
}

std::vector<Request> read_requests(const std::string& out, Troubles& troubles) {
    std::vector<Request> requests;
    const auto folder = OwnFolder::find(out).has_value() ? OwnFolder::find(out, std::string(below)) : std::nullopt;
    if (!folder) return requests;
    std::vector<std::string> names = folder->names();
    std::erase_if(names, [](const std::string& name) { return !is_request(name); });
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
        if (requests.size() >= most_at_once) break;
        read(*folder, name, requests, troubles);
    }
    return requests;
}

void remove_requests(const std::string& out, const std::vector<std::string>& names) {
    const auto folder = OwnFolder::find(out, std::string(below));
    if (!folder || names.empty()) return;
    for (const std::string& name : names)
        if (is_request(name) && ::unlinkat(folder->descriptor(), name.c_str(), 0) != 0 && errno != ENOENT)
            throw file_failure("remove", folder->path_of(name), errno);
    io::sync_folder(folder->path());
}

}  // namespace flowspan::batch
