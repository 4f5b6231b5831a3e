#include "run/signs/watch.hpp"

#include "core/process/stat.hpp"
#include "core/say.hpp"
#include "run/signs/signals.hpp"

#include <flowspan/diagnostic.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr auto look_every = std::chrono::milliseconds(20);
constexpr auto beat_every = std::chrono::milliseconds(250);
constexpr auto stood_still_after = std::chrono::milliseconds(500);
constexpr auto reacts_within = std::chrono::milliseconds(400);  // KILL follows TERM after a second
constexpr auto stagger = std::chrono::milliseconds(100);        // of the ranks: one of them says it

std::atomic<Watch*> the_watch = nullptr;

std::string launched_rank(int pid) {
    std::ifstream file(fmt::format("/proc/{}/environ", pid));
    for (std::string variable; std::getline(file, variable, '\0');)
        for (const std::string name : {"OMPI_COMM_WORLD_RANK=", "PMIX_RANK=", "SLURM_PROCID="})
            if (variable.starts_with(name)) return variable.substr(name.size());
    return {};
}

/// The ranks that the same parent has started on this host.
struct Siblings {
    std::string stopped;  // ": rank 2 (process 4711) is stopped"
    int alive = 0;
};
Siblings siblings() {
    Siblings found;
    for (const int pid : all_processes()) {
        const auto stat = stat_of(pid);
        if (!stat || stat->parent != getppid() || stat->has_ended()) continue;
        const std::string rank = launched_rank(pid);
        if (rank.empty()) continue;
        ++found.alive;
        if (stat->state == 'T' || stat->state == 't')
            found.stopped += fmt::format("{} rank {} (process {}) is stopped", found.stopped.empty() ? ":" : ",", rank, pid);
    }
    return found;
}

/// How many ranks the launcher has started here; 0 where it does not say.
int ranks_here() {
    const char* size = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    return size == nullptr ? 0 : std::atoi(size);
}

/// Whether a process has started this one for a job, and ends it when it ends.
bool is_launcher(int pid) {
    std::ifstream file(fmt::format("/proc/{}/comm", pid));
    std::string name;
    std::getline(file, name);
    static const std::set<std::string> launchers{"mpirun", "mpiexec", "orterun", "orted", "prterun", "prted", "slurmstepd"};
    return launchers.contains(name);
}

}  // namespace

std::string told_text() { return Signals::launcher_gone() ? "the launcher is gone" : "told to end by the launcher (SIGTERM)"; }

Watch* Watch::own() { return the_watch; }

Watch::Watch(Options options)
    : options_(std::move(options)),
      parent_(is_launcher(getppid()) ? getppid() : 0),
      last_look_(Clock::now()),
      last_turn_(last_look_),
      thread_([this] { run(); }) {
    the_watch = this;
}

Watch::~Watch() {
    the_watch = nullptr;
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

Watch::Bound::Bound(std::string overdue, double seconds) {
    if (Watch* w = own()) {
        const std::chrono::duration<double> within(seconds > 0 ? seconds : w->options_.patience_s);
        w->begin({std::move(overdue), int(ExitCode::communication), std::chrono::duration_cast<Clock::duration>(within),
                  Clock::now()});
    }
}
Watch::Bound::Bound(int code, double seconds) {
    if (Watch* w = own()) {
        const std::chrono::duration<double> within(seconds > 0 ? seconds : w->options_.patience_s);
        w->begin({"", code, std::chrono::duration_cast<Clock::duration>(within), Clock::now()});
    }
}
Watch::Bound::~Bound() {
    if (Watch* w = own()) w->end();
}

void Watch::begin(Limit limit) {
    const std::lock_guard lock(mutex_);
    if (!limit.overdue.empty()) limit.within += stagger * std::min(options_.rank, 20);
    limit_ = std::move(limit);
}
void Watch::end() {
    const std::lock_guard lock(mutex_);
    limit_.reset();
}

void Watch::turn() {
    if (Watch* w = own()) ++w->turns_;
}
void Watch::leaves() {
    if (Watch* w = own(); w != nullptr && w->options_.leaves) w->options_.leaves();
}
void Watch::clear_by(std::function<void()> clear) {
    Watch* w = own();
    if (w == nullptr) return;
    const std::lock_guard lock(w->mutex_);
    w->clear_ = std::move(clear);
}

void Watch::run() {
    std::unique_lock lock(mutex_);
    while (!over_) {
        wake_.wait_for(lock, look_every);
        if (!over_) look(Clock::now());
    }
}

void Watch::look(Clock::time_point now) {
    const auto gap = now - std::exchange(last_look_, now);
    if (gap > stood_still_after) {  // stopped or starved
        if (limit_) limit_->since += gap;
        if (told_) *told_ += gap;
    }
    if (options_.beat && now - last_beat_ > beat_every) {
        last_beat_ = now;
        options_.beat();
        look_at_parent();
    }
    if (const unsigned turns = turns_; turns != std::exchange(seen_turns_, turns)) last_turn_ = now;
    if (Signals::told_to_leave() && !told_) {
        told_ = now;
        leaves();
    }
    if (told_ && now - std::max(*told_, last_turn_) > reacts_within) leave_as_told();
    if (limit_ && now - limit_->since > limit_->within) leave_overdue();
}

// One says it: where a rank of this host is gone, it has, or the launcher does.
void Watch::leave_overdue() {
    const Siblings others = siblings();
    const bool said = limit_->overdue.empty() || others.alive < ranks_here();
    leave(said ? "" : fmt::format("rank {}: {}{}", options_.rank, limit_->overdue, others.stopped), limit_->code);
}

// Where the launcher is killed nobody else ends its ranks.
void Watch::look_at_parent() {
    if (parent_ == 0 || getppid() == parent_) return;
    parent_ = 0;
    Signals::launcher_is_gone();
}

// After the run only MPI is left to be ended.
void Watch::leave_as_told() {
    if (limit_ && limit_->overdue.empty()) leave("", limit_->code);
    leave(options_.rank == 0 && !options_.launcher_says ? told_text() + "; nothing is published" : "",
          int(ExitCode::communication));
}

void Watch::leave(const std::string& line, int code) {
    const bool after_the_run = limit_ && limit_->overdue.empty();
    if (!line.empty()) say_line("flowspan: " + line);
    if (clear_) clear_();
    // (what another one says, or a run that is over, is not this rank's to judge)
    if (options_.leaving && (!line.empty() || after_the_run)) options_.leaving(code);
    std::_Exit(code);
}

}  // namespace flowspan::run
