// How long a thread waits for the other end of a pipe or a device, and what ends it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace flowspan::io {

/// What a stop kept from going into a pipe or a device.
struct NotWritten {
    std::string why;  // "nobody reads it"
    std::uint64_t bytes = 0;
};

/// What the waits of a thread end by; a loop sets it for its I/O thread.
class EndOfWaits {
public:
    /// `asks`: says by itself that a stop was asked for.
    explicit EndOfWaits(double patience_s, std::function<bool()> asks = {}) : asks_(std::move(asks)), patience_(patience_s) {}
    /// Sources end: what still comes is written where somebody takes it.
    void stop() { stopped_ = true; }
    /// Nothing is wanted any more.
    void give_up() { given_up_ = true; }

    bool stopped() const { return stopped_ || (asks_ && asks_()); }
    bool given_up() const { return given_up_; }
    std::chrono::duration<double> patience() const { return patience_; }
    /// After a stop nobody takes what goes to this path, nor what comes there later.
    void lose(const std::string& path, const std::string& why, std::uint64_t bytes);
    bool loses(const std::string& path) const;
    std::map<std::string, NotWritten> lost() const;
    /// For all waits of the calling thread, which has none of its own: nullptr.
    static EndOfWaits*& of_this_thread();

private:
    std::atomic<bool> stopped_ = false, given_up_ = false;
    std::function<bool()> asks_;
    std::chrono::duration<double> patience_;
    mutable std::mutex mutex_;
    std::map<std::string, NotWritten> lost_;
};

/// While one lives the waits of the calling thread end by these.
class WaitsEndBy {
public:
    explicit WaitsEndBy(EndOfWaits& end) : before_(std::exchange(EndOfWaits::of_this_thread(), &end)) {}
    WaitsEndBy(const WaitsEndBy&) = delete;
    WaitsEndBy& operator=(const WaitsEndBy&) = delete;
    ~WaitsEndBy() { EndOfWaits::of_this_thread() = before_; }

private:
    EndOfWaits* before_;
};

/// One wait. A FIFO without a reader is given up after the patience; a stop ends the wait for one, and a second after it that
/// for a reader who takes nothing. A thread without EndOfWaits gives up after half a minute.
class Waiting {
public:
    explicit Waiting(const std::string& path) : path_(path) {}
    void has_moved();
    // False: a stop has ended it, and what was to be written is lost.
    /// A moment, or until there is room. Throws Failure.
    bool for_room(int descriptor, std::uint64_t bytes);
    /// A moment. Throws Failure.
    bool for_reader(std::uint64_t bytes);
    /// The reader is gone. Throws Failure, but where a stop was asked for: one signal may end both.
    void without_reader(std::uint64_t bytes);
    /// Nothing more is written there.
    bool is_lost(std::uint64_t bytes);

private:
    using Clock = std::chrono::steady_clock;
    void give_up_after(std::chrono::duration<double> patience, const char* why);
    bool lose(const char* why, std::uint64_t bytes);
    const std::string& path_;
    Clock::time_point since_ = Clock::now();
    bool stopped_ = false;
};

}  // namespace flowspan::io
