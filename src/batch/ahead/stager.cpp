#include "batch/ahead/stager.hpp"

#include "batch/unit.hpp"
#include "core/files/file_kind.hpp"
#include "core/mistakes/failure_of.hpp"
#include "io/claim/folder.hpp"
#include "io/publish/digest.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_given = 2, copied_at_once = std::size_t(4) << 20;
/// The next unit of the same recording may be on its way.
constexpr auto unused_for = std::chrono::seconds(1);
constexpr std::string_view prefix = ".flowspan-stage-";

struct Descriptor {
    Descriptor(const std::string& path, int flags, const char* verb) : number(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
        if (number < 0) throw file_failure(verb, path, errno);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { ::close(number); }
    int number;
};

/// Of all ranks and batches, as their copies will be.
std::uint64_t bytes_in(const std::string& folder) {
    std::uint64_t sum = 0;
    for (const std::string& name : io::names_in(folder)) {
        if (!name.starts_with(prefix)) continue;
        for (const std::string& file : io::names_in(folder + "/" + name)) {
            struct stat s {};
            if (::stat(fmt::format("{}/{}/{}", folder, name, file).c_str(), &s) == 0 && S_ISREG(s.st_mode))
                sum += std::uint64_t(s.st_size);
        }
    }
    return sum;
}

void write_all(int to, const std::byte* data, std::size_t bytes, const std::string& path) {
    while (bytes > 0) {
        const ssize_t n = ::write(to, data, bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw file_failure("write", path, errno);
        data += n;
        bytes -= std::size_t(n);
    }
}

/// The hash of what was read. Throws Failure.
std::string copy_bytes(int from, const std::string& original, int to, const std::string& copy, const std::atomic<bool>& ends) {
    std::vector<std::byte> memory(copied_at_once);
    io::Xxh128 hash;
    for (;;) {
        if (ends) throw Failure(ExitCode::stopped, "stopped on request");
        const ssize_t n = ::read(from, memory.data(), memory.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw file_failure("read", original, errno);
        if (n == 0) return hash.finish();
        hash.add(std::span(memory).first(std::size_t(n)));
        write_all(to, memory.data(), std::size_t(n), copy);
    }
}

}  // namespace

std::uint64_t half_of_free(const std::string& folder) {
    struct statvfs s {};
    return ::statvfs(folder.c_str(), &s) == 0 ? std::uint64_t(s.f_bavail) * s.f_frsize / 2 : 0;
}

Stager::Stager(Options options, Log log) : options_(std::move(options)), log_(std::move(log)), none_("batch"), thread_(none_) {}

Stager::~Stager() { ends_ = true; }

// On the thread. What the limit leaves is looked at with this copy's room taken, so that no two ranks take the same.
void Stager::make(Copy& copy) const {
    const auto before = FileFacts::of(copy.original);
    copy.minor = !before || !Content::is_settled(*before);  // it may change within its time stamp
    if (copy.minor) return void(copy.trouble = before ? "it is younger than two seconds" : "it is not there");
    copy.facts = *before;
    const Descriptor from(copy.original, O_RDONLY | O_NONBLOCK, "read");
    struct stat kind {};
    if (::fstat(from.number, &kind) != 0 || !S_ISREG(kind.st_mode)) return void(copy.trouble = "it is no regular file");
    const Descriptor to(copy.file, O_RDWR | O_CREAT | O_EXCL, "create");
    if (::ftruncate(to.number, off_t(before->size)) != 0) throw file_failure("write", copy.file, errno);
    const std::uint64_t all = bytes_in(options_.all);
    copy.too_large = all > options_.limit && !(options_.one_at_least && all == before->size);
    if (copy.too_large) return;
    const std::string hash = copy_bytes(from.number, copy.original, to.number, copy.file, ends_);
    if (io::xxh128_of(copy.file) != hash) throw Failure(ExitCode::file, "the copy is not what was read");
    const timespec times[2] = {kind.st_atim, kind.st_mtim};
    if (::futimens(to.number, times) != 0) throw file_failure("write", copy.file, errno);
    const auto there = FileFacts::of(copy.file);
    if (!there || there->size != before->size || FileFacts::of(copy.original) != before)
        throw Failure(ExitCode::file, "it has changed while it was copied");
    copy.content.add_copy(copy.original, copy.facts, copy.file);
    copy.hash = copy.content.hash_of(copy.original);
}

void Stager::log(const Task& task, run::LogLevel level, const std::string& text) const {
    log_(task.run, run::LogLine{level, 0, "", "", "", text});
}

// The copies of the first that waits: those that are there, and those that are made now.
void Stager::begin() {
    const Task& task = waiting_.front();
    std::string recording = task.overrides.empty() ? "" : task.overrides.back().value;
    if (kind_of(recording) == FileKind::folder) recording.clear();  // its files are opened by a library
    std::vector<std::shared_ptr<Copy>> fresh;
    front_.clear();
    front_is_ = task.unit;
    for (const std::string& path : recording.empty() ? std::vector<std::string>() : files_of_recording(recording)) {
        auto& copy = copies_[path];
        if (copy == nullptr || FileFacts::of(path) != copy->facts) {
            if (copy != nullptr) old_.push_back(copy);
            copy = std::make_shared<Copy>();
            copy->original = path;
            copy->file = fmt::format("{}/{}", options_.folder, next_++);
            fresh.push_back(copy);
        }
        front_.push_back(copy);
    }
    job_ = thread_.submit([this, fresh] {
        for (const auto& copy : fresh) {
            try {
                make(*copy);
            } catch (const std::exception& e) { copy->trouble = failure_of(e).what(); }
            if (!copy->trouble.empty() || copy->too_large) ::unlink(copy->file.c_str());
        }
    });
}

bool Stager::lacks_room() const {
    return std::any_of(front_.begin(), front_.end(), [](const auto& copy) { return copy->too_large; });
}

void Stager::forget_failed() {
    for (const auto& copy : front_)
        if (copy->hash.empty()) copies_.erase(copy->original);
}

// The first that waits goes, with the copies that there are.
Task Stager::first(Clock::time_point now) {
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    for (const auto& copy : front_) {
        copy->unused = now;
        if (copy->too_large)
            log(task, run::LogLevel::info, fmt::format("{} is read where it lies: --stage-limit", copy->original));
        else if (!copy->trouble.empty())
            log(task, copy->minor ? run::LogLevel::info : run::LogLevel::warning,
                fmt::format("{} is read where it lies: {}", copy->original, copy->trouble));
    }
    forget_failed();
    std::erase_if(front_, [](const auto& copy) { return copy->hash.empty(); });
    tell(task, std::exchange(front_, {}));
    return task;
}

std::vector<Task> Stager::turn(Clock::time_point now) {
    std::vector<Task> ready;
    while (!waiting_.empty() && given_.size() < most_given && !(waits_ && !given_.empty())) {
        if (!job_) {
            remove_unused(now, false);
            begin();
        }
        if (job_->token != nullptr && !job_->token->ready()) return ready;
        job_.reset();
        if (front_is_ != waiting_.front().unit) continue;  // that one was taken back
        if (lacks_room() && (!given_.empty() || !std::exchange(cleared_, true))) {
            waits_ = true;  // for a unit that is over
            forget_failed();
            front_.clear();
            remove_unused(now, true);
            continue;
        }
        cleared_ = false;
        ready.push_back(first(now));
    }
    if (!job_) remove_unused(now, false);
    return ready;
}

void Stager::remove_unused(Clock::time_point now, bool all) {
    const auto used = [&](const std::shared_ptr<Copy>& copy) {
        const auto has = [&](const auto& copies) { return std::find(copies.begin(), copies.end(), copy) != copies.end(); };
        return has(front_) || std::any_of(given_.begin(), given_.end(), [&](const Given& g) { return has(g.copies); });
    };
    const auto remove = [&](const std::shared_ptr<Copy>& copy) {
        if (used(copy)) return false;
        ::unlink(copy->file.c_str());
        return true;
    };
    std::erase_if(old_, remove);
    std::erase_if(copies_,
                  [&](const auto& known) { return (all || now - known.second->unused > unused_for) && remove(known.second); });
}

void Stager::over(std::uint64_t unit) {
    const auto given = std::find_if(given_.begin(), given_.end(), [&](const Given& g) { return g.unit == unit; });
    if (given == given_.end()) return;
    for (const auto& copy : given->copies) copy->unused = Clock::now();
    given_.erase(given);
    waits_ = false;
}

std::vector<Task> Stager::take_back(std::optional<std::uint64_t> unit) {
    std::vector<Task> back;
    for (auto task = waiting_.begin(); task != waiting_.end();) {
        const bool goes = !unit || task->unit == *unit;
        if (goes && front_is_ == task->unit) {
            front_is_.reset();
            front_.clear();
        }
        if (goes) back.push_back(std::move(*task));
        task = goes ? waiting_.erase(task) : task + 1;
    }
    return back;
}

void Stager::tell(Task& task, std::vector<std::shared_ptr<Copy>> copies) {
    Value::Map known;
    for (const auto& copy : copies) {
        if (copy->hash.empty()) continue;
        task.copies[copy->original] = {copy->file, copy->hash};
        known[copy->original] = copy->content.value().at(copy->original);
    }
    if (!known.empty()) {
        if (task.known_content.is<Value::Map>())
            for (const auto& [path, content] : task.known_content.map()) known.emplace(path, content);
        task.known_content = std::move(known);
    }
    given_.push_back({task.unit, std::move(copies)});
}

}  // namespace flowspan::batch
