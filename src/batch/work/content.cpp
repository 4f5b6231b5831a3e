#include "batch/work/content.hpp"

#include "core/process/alive.hpp"
#include "io/publish/digest.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <span>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t read_bytes = std::size_t(1) << 20;
constexpr std::int64_t old_enough_ns = 2'000'000'000;

std::int64_t nanoseconds(const timespec& t) { return std::int64_t(t.tv_sec) * 1'000'000'000 + t.tv_nsec; }

std::int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return nanoseconds(now);
}

FileFacts facts_from(const struct stat& s) {
    return {s.st_dev, s.st_ino, std::uint64_t(s.st_size), nanoseconds(s.st_mtim), nanoseconds(s.st_ctim)};
}

[[noreturn]] void changed(const std::string& path) {
    throw Failure(ExitCode::file, fmt::format("{} has changed while it was read", path));
}

struct Opened {
    explicit Opened(const std::string& path) : descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
        if (descriptor < 0) throw file_failure("read", path, errno);
    }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    ~Opened() { ::close(descriptor); }
    int descriptor;
};

std::string hash_of_file(int descriptor, const std::string& path, std::uint64_t size) {
    std::vector<std::byte> memory(std::size_t(std::min<std::uint64_t>(size, read_bytes)));
    io::Xxh128 hash;
    for (std::uint64_t at = 0; at < size;) {
        still_here();
        const ssize_t n =
            ::pread(descriptor, memory.data(), std::size_t(std::min<std::uint64_t>(memory.size(), size - at)), off_t(at));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw file_failure("read", path, errno);
        if (n == 0) changed(path);
        hash.add(std::span(memory).first(std::size_t(n)));
        at += std::uint64_t(n);
    }
    return hash.finish();
}

/// What the system says of it before it is read.
FileContent begun(int descriptor, const std::string& path) {
    struct stat before {};
    if (::fstat(descriptor, &before) != 0) throw file_failure("read", path, errno);
    if (!S_ISREG(before.st_mode)) throw Failure(ExitCode::file, fmt::format("cannot read {}: it is no regular file", path));
    const FileFacts facts = facts_from(before);
    return {facts, "", now_ns() - facts.mtime_ns >= old_enough_ns};
}

FileContent read_one(const std::string& path) {
    const Opened file(path);
    FileContent content = begun(file.descriptor, path);
    content.hash = hash_of_file(file.descriptor, path, content.facts.size);
    struct stat after {};
    if (::fstat(file.descriptor, &after) != 0) throw file_failure("read", path, errno);
    if (facts_from(after) != content.facts) changed(path);
    return content;
}

}  // namespace

std::optional<FileFacts> FileFacts::of(const std::string& path) {
    struct stat s {};
    if (::stat(path.c_str(), &s) != 0) return std::nullopt;
    return facts_from(s);
}

Content Content::read(const std::vector<std::string>& files, const Content& known) {
    Content content;
    for (const std::string& path : files) {
        const auto before = known.files_.find(path);
        const auto facts = FileFacts::of(path);
        const bool same = before != known.files_.end() && before->second.settled && facts == before->second.facts;
        content.files_[path] = same ? before->second : read_one(path);
    }
    return content;
}

void Content::add_copy(const std::string& original, const FileFacts& facts, const std::string& copy) {
    files_[original] = {facts, read_one(copy).hash, is_settled(facts)};
}

bool Content::is_settled(const FileFacts& facts) { return now_ns() - facts.mtime_ns >= old_enough_ns; }

Content Content::begin(const std::vector<std::string>& files) {
    Content content;
    for (const std::string& path : files) content.files_[path] = begun(Opened(path).descriptor, path);
    return content;
}

void Content::complete(const std::map<std::string, std::string>& hashes) {
    for (auto& [path, content] : files_) {
        if (!content.hash.empty()) continue;
        if (const auto read = hashes.find(path); read != hashes.end()) {
            content.hash = read->second;
            continue;
        }
        const FileContent now = read_one(path);
        if (now.facts != content.facts) changed(path);
        content.hash = now.hash;
    }
    check();
}

bool Content::still_holds() const {
    for (const auto& [path, content] : files_)
        if (!content.settled || FileFacts::of(path) != content.facts) return false;
    return true;
}

void Content::check() const {
    for (const auto& [path, content] : files_)
        if (FileFacts::of(path) != content.facts) changed(path);
}

std::string Content::hash_of(const std::string& path) const {
    const auto known = files_.find(path);
    return known == files_.end() ? "" : known->second.hash;
}

std::uint64_t Content::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [path, file] : files_) sum += file.facts.size;
    return sum;
}

Value Content::value() const {
    Value::Map files;
    for (const auto& [path, c] : files_) {
        files[path] = Value::List{std::int64_t(c.facts.device),
                                  std::int64_t(c.facts.inode),
                                  std::int64_t(c.facts.size),
                                  c.facts.mtime_ns,
                                  c.facts.ctime_ns,
                                  c.hash,
                                  c.settled};
    }
    return files;
}

Content Content::from(const Value& v) {
    Content content;
    if (!v.is<Value::Map>()) return content;
    try {
        for (const auto& [path, file] : v.map()) {
            const Value::List& f = file.list();
            const FileFacts facts{std::uint64_t(f.at(0).integer()), std::uint64_t(f.at(1).integer()),
                                  std::uint64_t(f.at(2).integer()), f.at(3).integer(), f.at(4).integer()};
            content.files_[path] = {facts, f.at(5).string(), f.at(6).boolean()};
        }
    } catch (const std::exception&) { return {}; }
    return content;
}

}  // namespace flowspan::batch
