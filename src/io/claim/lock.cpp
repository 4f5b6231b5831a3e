#include "io/claim/lock.hpp"

#include "io/claim/folder.hpp"
#include "io/record/sealed.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <random>
#include <utility>

namespace flowspan::io {
namespace {

constexpr std::string_view kind = "lock";
constexpr std::int64_t silent_ns = 60'000'000'000;
constexpr int most_tries = 50;
constexpr int reads_of_a_fresh_lock = 20;
constexpr auto between_reads = std::chrono::milliseconds(10);

// What stands in a lock never changes; whether it is held says its mode, which changes at once. Where a file system has no
// modes, the time of a lock that is renewed is before that of one newly made all the same, but for an instant.
constexpr mode_t claimed_mode = 0644, held_mode = 0444;

std::int64_t nanoseconds(const timespec& t) { return std::int64_t(t.tv_sec) * 1'000'000'000 + t.tv_nsec; }

std::string path_of(const std::string& folder, const std::string& run) { return folder + "/" + own_name(run, kind); }

void pause_for_a_moment() {
    static std::random_device random;
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + random() % 40));
}

/// Nothing where it is gone, or is no lock: then `strange` says why.
std::optional<FoundLock> read_lock(const std::string& path, const std::string& run, std::string& strange) {
    Unsealed u = unseal("lock", path);
    // One that is just being made has nothing in it yet.
    for (int k = 0; k < reads_of_a_fresh_lock && u.unfinished; ++k) {
        std::this_thread::sleep_for(between_reads);
        u = unseal("lock", path);
    }
    if (!u.content) {
        if (!u.why.empty()) strange = fmt::format("{} is no lock of a run: {}; it is left alone", path, u.why);
        return std::nullopt;
    }
    try {
        if (u.content->at("run").string() != run) throw std::invalid_argument("another run's");
        FoundLock lock{
            path,          run,      false,  Process::from(u.content->at("process")), Names::from(*u.content), u.owner,
            u.modified_ns, u.device, u.inode};
        struct stat status {};
        lock.held = ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IWUSR) == 0;
        return lock;
    } catch (const std::exception&) {
        strange = fmt::format("{} is no lock of a run: it does not say what it must; it is left alone", path);
        return std::nullopt;
    }
}

[[noreturn]] void refuse(const Claim& claim, const std::string& name, const FoundLock& other) {
    Diagnostic d;
    d.expected = "products that no other run is writing";
    d.got = fmt::format("{}/{}, which run {} ({}, process {}) may write", claim.folder, name, other.run, other.process.host,
                        other.process.pid);
    d.hint = "wait for that run, or give another --out";
    throw Refused(std::move(d));
}

}  // namespace

bool FoundLock::is_dead(std::int64_t now_ns) const {
    if (const auto gone = process.is_gone()) return *gone;
    return now_ns - modified_ns >= silent_ns;
}

FoundLocks locks_in(const std::string& folder) {
    FoundLocks found;
    for (const std::string& name : names_in(folder)) {
        const auto run = run_of(name, kind);
        if (!run) continue;
        std::string strange;
        if (auto lock = read_lock(folder + "/" + name, *run, strange))
            found.locks.push_back(std::move(*lock));
        else if (!strange.empty())
            found.strange.push_back(std::move(strange));
    }
    return found;
}

RunLocks::RunLocks(std::string run_id, const Claims& claims, int rank, Timing timing)
    : run_id_(std::move(run_id)), rank_(rank) {
    try {
        for (int tries = 1;; ++tries) {
            for (const auto& [folder, claim] : claims) make(folder, claim);
            if (look_at_others(claims) == Outcome::won) break;
            if (tries == most_tries)
                throw Failure(ExitCode::file, "cannot lock the folders of the products: other runs begin there all the time");
            take_back();
            pause_for_a_moment();
        }
        hold();
    } catch (...) {
        take_back();
        throw;
    }
    if (locks_.empty()) return;
    renewing_ = std::thread([this, every = std::chrono::milliseconds(timing.renew_every_ms)] {
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, every, [this] { return leave_; })) renew();
    });
}

RunLocks::~RunLocks() {
    {
        const std::lock_guard lock(mutex_);
        leave_ = true;
    }
    wake_.notify_all();
    if (renewing_.joinable()) renewing_.join();
    take_back();
}

/// False where there is nothing to lock: another rank sees to it.
bool RunLocks::make(const std::string& folder, const Claim& claim) {
    const bool may_fail = claim.elsewhere;
    if (rank_ > 0 && claim.elsewhere) return false;
    try {
        make_folder(claim.folder);
    } catch (const Failure&) {
        if (may_fail) return false;
        throw;
    }
    const std::string path = path_of(folder, run_id_), shown = claim.folder + "/" + own_name(run_id_, kind);
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, claimed_mode);
    if (descriptor < 0) {
        if (rank_ > 0 && errno == EEXIST) return false;  // rank 0's, or that of another rank on this node
        if (may_fail) return false;
        throw file_failure("create", shown, errno);
    }
    const Value names = claim.names.value();
    const std::string text = sealed("lock", Value::Map{{"run", run_id_},
                                                       {"process", Process::own().value()},
                                                       {"names", names.at("names")},
                                                       {"patterns", names.at("patterns")}});
    const bool written = ::write(descriptor, text.data(), text.size()) == ssize_t(text.size());
    const int error = written ? 0 : errno == 0 ? ENOSPC : errno;
    struct stat status {};
    ::fstat(descriptor, &status);
    locks_[folder] = {path, claim.folder, nanoseconds(status.st_mtim), status.st_dev, status.st_ino};
    if (::close(descriptor) != 0 || !written) throw file_failure("write", shown, written ? errno : error);
    return true;
}

RunLocks::Outcome RunLocks::look_at_others(const Claims& claims) {
    bool tied = false;
    strange_.clear();
    for (const auto& [folder, own] : locks_) {
        FoundLocks found = locks_in(folder);
        strange_.insert(strange_.end(), found.strange.begin(), found.strange.end());
        for (const FoundLock& other : found.locks) {
            if (other.run == run_id_ || other.is_dead(own.modified_ns)) continue;
            const auto name = other.names.common(claims.at(folder).names);
            if (!name) continue;
            if (other.held || other.modified_ns < own.modified_ns) refuse(claims.at(folder), *name, other);
            tied = tied || other.modified_ns == own.modified_ns;
        }
    }
    return tied ? Outcome::tied : Outcome::won;
}

void RunLocks::hold() {
    for (const auto& [folder, own] : locks_) (void)::chmod(own.path.c_str(), held_mode);
}

void RunLocks::take_back() noexcept {
    for (const auto& [folder, own] : locks_) {
        struct stat there {};
        if (::lstat(own.path.c_str(), &there) == 0 && there.st_ino == own.inode && there.st_dev == own.device)
            ::unlink(own.path.c_str());
    }
    locks_.clear();
}

void RunLocks::renew() {
    const timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    for (const auto& [folder, own] : locks_) ::utimensat(AT_FDCWD, own.path.c_str(), now, AT_SYMLINK_NOFOLLOW);
}

void RunLocks::verify() const {
    for (const auto& [folder, own] : locks_) {
        struct stat there {};
        if (::lstat(own.path.c_str(), &there) == 0 && there.st_ino == own.inode && there.st_dev == own.device) continue;
        throw Failure(
            ExitCode::file,
            fmt::format("the lock of this run in {} is gone: another run may have taken it for dead, and nothing is published",
                        own.folder));
    }
}

std::vector<std::string> RunLocks::folders() const {
    std::vector<std::string> all;
    for (const auto& [folder, own] : locks_) all.push_back(folder);
    return all;
}

}  // namespace flowspan::io
