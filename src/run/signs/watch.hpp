// The timer of a rank among several: a thread that bounds what MPI does, and what the main thread does when it is told to
// leave.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace flowspan::run {

/// One a process, at most; everything does nothing where there is none. The thread calls no MPI. It ends the process by force
/// where a bound has passed: clears away, says why, leaves the code for the launcher. Time in which the process was stopped
/// does not count.
class Watch {
public:
    struct Options {
        double patience_s = 30;
        int rank = 0;                             // as the launcher's environment says
        bool launcher_says = false;               // why ranks are told to leave
        std::function<void(int code)> leaving{};  // leaves the code for the launcher
        std::function<void()> beat{};             // four times a second
        std::function<void()> leaves{};           // says that this rank goes because it was told to, or is through
    };
    explicit Watch(Options options);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    /// Of this process; null where there is none.
    static Watch* own();

    /// While one lives, the main thread is in MPI: "MPI has not begun" within patience, or within `seconds`, is why it leaves.
    class Bound {
    public:
        explicit Bound(std::string overdue, double seconds = 0);
        /// After the end of the run: leaves with its code, silently.
        explicit Bound(int code, double seconds = 0);
        ~Bound();
        Bound(const Bound&) = delete;
        Bound& operator=(const Bound&) = delete;
    };

    /// This rank is not lost when it is gone now.
    static void leaves();
    /// The main thread looks at signals by itself.
    static void turn();
    /// What is cleared away by file calls alone, from the timer's thread, when the process leaves by force.
    static void clear_by(std::function<void()> clear);

private:
    using Clock = std::chrono::steady_clock;
    struct Limit {
        std::string overdue;
        int code;
        Clock::duration within;
        Clock::time_point since;
    };
    void begin(Limit limit);
    void end();
    void run();
    void look(Clock::time_point now);
    void look_at_parent();
    [[noreturn]] void leave_as_told();
    [[noreturn]] void leave_overdue();
    [[noreturn]] void leave(const std::string& line, int code);

    Options options_;
    int parent_;  // 0: nobody whose end means anything
    std::mutex mutex_;
    std::condition_variable wake_;
    std::optional<Limit> limit_;
    std::function<void()> clear_;
    bool over_ = false;
    std::atomic<unsigned> turns_ = 0;
    unsigned seen_turns_ = 0;
    Clock::time_point last_look_, last_turn_, last_beat_{};
    std::optional<Clock::time_point> told_;
    std::thread thread_;
};

/// Why a rank leaves that was told to.
std::string told_text();

}  // namespace flowspan::run
