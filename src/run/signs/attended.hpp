// The ranks while a run begins: none enters a collective step before all are there, and whoever waits or works gives signs of
// life. MPI itself would wait for ever for a rank that is frozen or cut off.
#pragma once

#include "comm/communicator.hpp"
#include "core/process/alive.hpp"
#include "run/star/control_star.hpp"

#include <flowspan/diagnostic.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::run {

/// The launcher ends the job: whoever catches this leaves at once, without MPI. No std::exception, as no rank waits for
/// another's opinion on it.
struct ToldToLeave {
    bool said = false;  // why
};

/// A stop or a signal has ended a step. No std::exception: nothing in between takes it for a failure of its own.
struct Interrupted {
    ExitCode code = ExitCode::stopped;
    std::string text;
};

class Attended final : public comm::Communicator, private Attendant {
public:
    /// `leaving`: as of JobHooks. Attends this thread until it goes; whoever did before still does. `deaf`: what signals mean
    /// is his affair.
    Attended(comm::Communicator& inner, double patience_s, std::function<void(int code)> leaving, bool deaf = false);
    ~Attended() override;
    Attended(const Attended&) = delete;
    Attended& operator=(const Attended&) = delete;
    /// The start is over, well or not: the last meeting. Without it MPI keeps what has been sent and not received.
    void over();

    int rank() const override { return inner_.rank(); }
    int size() const override { return inner_.size(); }
    std::string host() const override { return inner_.host(); }
    std::string library() const override { return inner_.library(); }
    std::string broadcast(const std::string& text) override;
    std::vector<std::string> all_gather(const std::string& text) override;
    std::unique_ptr<Communicator> split(int group) override;
    comm::Request send(int to, comm::Lane lane, const void* data, std::size_t bytes) override {
        return inner_.send(to, lane, data, bytes);
    }
    comm::Request send_synchronous(int to, comm::Lane lane, const void* data, std::size_t bytes) override {
        return inner_.send_synchronous(to, lane, data, bytes);
    }
    comm::Request receive(int from, comm::Lane lane, void* data, std::size_t bytes) override {
        return inner_.receive(from, lane, data, bytes);
    }
    bool test(comm::Request& request, comm::Arrived* arrived) override { return inner_.test(request, arrived); }
    bool cancel(comm::Request& request) override { return inner_.cancel(request); }
    bool anything_unreceived() override { return inner_.anything_unreceived(); }
    void abort(int code) override { inner_.abort(code); }

private:
    using Clock = std::chrono::steady_clock;
    void look() override;
    void at(std::string_view block) override {
        if (before_ != nullptr) before_->at(block);
    }
    void turn();
    void meet();
    std::string overdue() const;
    void take_all();
    void judge(Clock::time_point now);
    [[noreturn]] void lose(int rank);

    comm::Communicator& inner_;
    std::chrono::duration<double> patience_;
    std::function<void(int code)> leaving_;
    Attendant* before_;
    bool deaf_, others_deaf_;
    ControlStar star_;
    std::int64_t meeting_ = 0, gone_ = 0;  // the last that this rank has come to, and that all have
    std::vector<std::int64_t> came_;       // rank 0: the last meeting of each
    std::vector<bool> left_;
    bool closing_ = false;
    std::vector<Clock::time_point> heard_;  // rank 0: from each; others: from rank 0, at 0
    Clock::time_point last_look_, last_sign_{};
};

/// While one lives, a stop or a signal may end what `still_here` is called from, by an exception: within steps after which all
/// ranks agree on how they went.
class Interruptible {
public:
    Interruptible();
    ~Interruptible();
    /// The same at the end of a step, however short. Throws Interrupted.
    static void look();
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;

private:
    bool before_;
};

/// What people read of a stop that came so early.
inline constexpr const char* stopped_early = "stopped on request; it came before the first sample, and nothing is made";

}  // namespace flowspan::run
