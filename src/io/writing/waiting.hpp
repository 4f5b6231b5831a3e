// How long a thread waits for the other end of a pipe or a device, and what ends it.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <utility>

namespace flowspan::io {

/// What the waits of a rank's I/O thread end by; set by its loop.
class EndOfWaits {
public:
    explicit EndOfWaits(double patience_s) : patience_(patience_s) {}
    /// Sources end: what still comes is written where somebody takes it.
    void stop() { stopped_ = true; }
    /// Nothing is wanted any more.
    void give_up() { given_up_ = true; }

    bool stopped() const { return stopped_; }
    bool given_up() const { return given_up_; }
    std::chrono::duration<double> patience() const { return patience_; }
    /// For all waits of the calling thread, which has none of its own: nullptr.
    static const EndOfWaits*& of_this_thread();

private:
    std::atomic<bool> stopped_ = false, given_up_ = false;
    std::chrono::duration<double> patience_;
};

/// While one lives the waits of the calling thread end by these.
class WaitsEndBy {
public:
    explicit WaitsEndBy(const EndOfWaits& end) : before_(std::exchange(EndOfWaits::of_this_thread(), &end)) {}
    WaitsEndBy(const WaitsEndBy&) = delete;
    WaitsEndBy& operator=(const WaitsEndBy&) = delete;
    ~WaitsEndBy() { EndOfWaits::of_this_thread() = before_; }

private:
    const EndOfWaits* before_;
};

/// One wait. A FIFO without a reader is given up after the patience, or at a stop; a reader that takes nothing only a second
/// after a stop. A thread without EndOfWaits gives up after half a minute.
class Waiting {
public:
    explicit Waiting(const std::string& path) : path_(path) {}
    void has_moved();
    /// A moment, or until there is room. Throws Failure.
    void for_room(int descriptor);
    /// A moment. Throws Failure.
    void for_reader();

private:
    using Clock = std::chrono::steady_clock;
    void give_up_after(std::chrono::duration<double> patience, const char* why);
    const std::string& path_;
    Clock::time_point since_ = Clock::now();
    bool stopped_ = false;
};

}  // namespace flowspan::io
