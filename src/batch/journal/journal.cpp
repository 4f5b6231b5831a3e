#include "batch/journal/journal.hpp"

#include "batch/journal/lines/line.hpp"
#include "io/claim/folder.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace flowspan::batch {

Journal::Journal(const std::string& out, int part) : folder_(OwnFolder::open(out, "", true)), out_(out.empty() ? "." : out) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
    const auto earlier = journals_of(folder_, part);
    for (name_ = {part, earlier.empty() ? 1 : earlier.back().start + 1};; ++name_.start) {
        if (name_.start > last_start)
            throw Failure(ExitCode::file, "cannot create a journal in " + folder_.path() + ": no number is left");
        descriptor_ = ::openat(folder_.descriptor(), name_.text().c_str(), flags, 0666);
        if (descriptor_ >= 0 || errno != EEXIST) break;
    }
    path_ = folder_.path_of(name_.text());
    if (descriptor_ < 0) throw file_failure("create", path_, errno);
}

Journal::~Journal() { ::close(descriptor_); }

void Journal::append(const Value& line) {
    const std::string text = sealed_line(line);
    if (text.size() > longest_line)
        throw Failure(ExitCode::file, fmt::format("cannot write {}: a line of {} bytes, at most {} can be read", path_,
                                                  text.size(), longest_line));
    pending_ += text;
}

UnitId Journal::append(const Unit& unit) {
    const UnitId id{start(), units_};
    append(line::Described{id, unit}.value());
    ++units_;
    return id;
}

void Journal::write() {
    std::size_t put = 0;
    while (put < pending_.size()) {
        const ssize_t n = ::write(descriptor_, pending_.data() + put, pending_.size() - put);
        if (n < 0 && errno == EINTR) continue;
        if (n > 0) {
            put += std::size_t(n);
            continue;
        }
        const int error = n < 0 ? errno : EIO;
        const std::size_t whole = put == 0 ? 0 : pending_.rfind('\n', put - 1) + 1;
        unsynced_.append(pending_, 0, whole);
        pending_.erase(0, whole);
        if (put > 0) torn_ = put > whole;
        if (put > whole) pending_.insert(0, "\n");
        throw file_failure("write", path_, error);
    }
    unsynced_ += pending_;
    pending_.clear();
    torn_ = false;
}

void Journal::sync() {
    write();
    while (::fdatasync(descriptor_) != 0) {
        if (errno == EINTR) continue;
        const int error = errno;
        // The system may have thrown away what it could not keep, and says so once: all of it is written again.
        pending_ = "\n" + std::move(unsynced_);
        torn_ = true;
        unsynced_.clear();
        throw file_failure("make durable", path_, error);
    }
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0 || status.st_nlink == 0)
        throw Failure(ExitCode::file, "cannot make durable " + path_ + ": it has been removed");
    if (!synced_) {
        io::sync_folder(folder_.path());
        io::sync_folder(out_);
    }
    synced_ = true;
    unsynced_.clear();
}

bool Journal::overtaken() const {
    const auto all = journals_of(folder_, name_.part);
    return !all.empty() && all.back().start > name_.start;
}

}  // namespace flowspan::batch
