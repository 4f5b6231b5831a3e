// The rank's side of one worker.
#pragma once

#include "batch/worker/ends.hpp"
#include "batch/worker/events.hpp"
#include "batch/worker/nursery/descriptors.hpp"
#include "batch/worker/output.hpp"
#include "batch/worker/pulse.hpp"
#include "batch/worker/wire.hpp"

#include <flowspan/value.hpp>

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

class Nursery;

struct Limits {
    double timeout_s = 0;      // of a task; 0: none
    double silence_s = 0;      // without a sign of life during a task, half of --patience; 0: any
    std::uint64_t memory = 0;  // bytes beyond those that it begins with, --unit-memory; 0: any
};

/// Events come out of `Nursery::poll`. What a worker was stopped for together with its rank is not counted.
class Handle {
public:
    using Clock = std::chrono::steady_clock;
    ~Handle();
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    /// Tasks are computed in the order in which they are given, each answered by `Result` or `Failed`; or the worker ends.
    /// Throws Failure where a task is larger than a message may be.
    void give(const Value& task);
    /// The worker ends, whatever it is at.
    void kill();

    /// Tasks without an answer.
    std::size_t unanswered() const { return unanswered_; }
    /// It has answered and is to be given no other task: the next ones, which it has not looked at, wait for ever.
    bool spent() const { return spent_; }
    /// The system, or the bound, has refused memory to the last task that it was at.
    bool memory_refused() const { return pulse_ && pulse_.memory_refused(); }
    /// It has ended, and said so.
    bool over() const { return over_; }
    /// 0: not forked yet.
    pid_t process() const { return process_; }
    /// Where the task is, as it says itself.
    std::string place() const { return pulse_ ? pulse_.place() : ""; }

private:
    friend class Nursery;
    Handle(Nursery& nursery, std::int64_t id, const Limits& limits) : nursery_(&nursery), id_(id), limits_(limits) {}
    void forked(pid_t process, std::vector<Descriptor> descriptors, Clock::time_point now);
    void refused(const std::string& why);
    void reported(const Value& end);
    void lost(const std::string& why);
    void send_next(Clock::time_point now);
    void add_to(std::vector<pollfd>& waited) const;
    void forgive(Clock::duration gap, Clock::time_point now);
    /// Reads, writes and judges; never waits.
    void turn(Clock::time_point now, std::vector<Event>& events);

    bool overdue(Clock::time_point now, std::chrono::duration<double> patience) const;

    void move(Clock::time_point now, std::vector<Event>& events);
    void print(const char* name, std::vector<std::string> lines, std::vector<Event>& events);
    void take(const Message& message, Clock::time_point now, std::optional<Progress>& progress, std::vector<Event>& events);
    void end_lines(std::vector<Event>& events);
    void judge(Clock::time_point now);
    void end_with(Ended::How how, std::string text);
    void finish(std::vector<Event>& events);
    Ended ended() const;

    Nursery* nursery_;  // null: gone before
    std::int64_t id_;
    Limits limits_;
    pid_t process_ = 0;
    std::optional<Wire> wire_;
    std::optional<Output> out_, error_;
    Pulse pulse_;
    std::deque<std::string> waiting_;  // tasks behind the one that it is at
    LineBound bound_;
    std::size_t unanswered_ = 0;
    std::uint64_t beats_ = 0, moved_ = 0;
    Clock::time_point begun_, heard_;
    std::optional<Clock::time_point> closed_, ending_;  // its socket; the nursery was asked to kill it
    std::optional<Ended> verdict_;                      // what for
    std::optional<Report> report_;
    std::string lost_;  // why the nursery is gone
    bool over_ = false, spent_ = false;
};

}  // namespace flowspan::batch
