// What an emulated device is made of: its memory, what is pinned, and lanes of operations. All of it is behind one lock.
#pragma once

#include "memory/device/emulated/emulated.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

namespace flowspan::device::emulated {

/// What a fence was recorded as, once.
struct Mark {
    bool reached = false;
    double at_s = 0;
};

struct Operation {
    enum class Kind : std::uint8_t { copy, kernel, other };
    Kind kind = Kind::other;
    const char* call = "";
    std::function<void()> run;
    std::shared_ptr<const Mark> after;  // runs when this is reached
    std::uint64_t number = 0;           // of all operations
    std::uint64_t of_kind = 0;
};

/// The operations of a queue. It lives until they have run, as those of a queue that is destroyed do.
struct Lane {
    int device = 0;
    unsigned number = 0;  // of the device's
    std::deque<Operation> operations;
    bool stopped = false, closed = false;
};

/// Memory of a device that is mapped here: `twice` in a ring.
struct Region {
    std::byte* mapping = nullptr;  // pages, with one without rights behind them
    std::size_t mapped = 0, bytes = 0, taken = 0;
    int device = 0, file = -1;
};

/// A lock: who holds it is inside.
class Door {
public:
    void lock() {
        ++depth();
        mutex_.lock();
    }
    void unlock() {
        mutex_.unlock();
        --depth();
    }
    /// Of this thread.
    static int& depth() {
        thread_local int now = 0;
        return now;
    }

private:
    std::recursive_mutex mutex_;
};

class Machine {
public:
    Machine();
    static Machine& get();

    Door& lock() { return lock_; }
    Made& made() { return made_; }
    const Behaviour& behaviour();
    void behave(const Behaviour& behaviour);

    // ---- Memory. Addresses are those of its first byte.
    std::byte* allocate(int device, std::size_t bytes);
    std::byte* allocate_ring(int device, std::size_t bytes);
    std::byte* open(int device, const Handle& handle, std::size_t& bytes);
    Handle handle_of(std::byte* at);
    void free(std::byte* at);
    std::size_t page();
    std::size_t left(int device);

    void pin(const void* at, std::size_t bytes);
    void unpin(const void* at);

    /// Throws Error unless the place is whole within one allocation, or pinned.
    void expect_on_device(int device, const char* call, const void* at, std::size_t bytes) const;
    void expect_pinned(int device, const char* call, const void* at, std::size_t bytes) const;

    // ---- Operations
    std::shared_ptr<Lane> make_lane(int device);
    void issue(Lane& lane, Operation operation);
    /// Somebody looks whether the mark, behind operations of the lane, is reached.
    void poll(Lane& lane);
    /// Runs what can run; false where the lane is not empty then.
    bool drain(const Lane& lane);
    /// For whom frees memory: it waits for what is in flight on the device.
    void drain(int device);

private:
    std::byte* map(Region region, bool twice);
    void take(int device, std::size_t bytes);
    bool can_run(const Lane& lane) const;
    void run_first(Lane& lane);
    void run_operation(Lane& lane, Operation& operation);
    bool run_towards(Lane& lane);
    bool run_some(std::size_t most, bool also_lagging = true);
    bool lags(const Lane& lane);
    std::uint64_t longest_lag();
    void forget_closed();

    Door lock_;
    Made made_;
    std::optional<Behaviour> behaviour_;
    std::mt19937_64 random_;
    std::uint64_t copies_ = 0, kernels_ = 0, polls_ = 0, in_vain_ = 0;
    std::map<const std::byte*, Region> regions_;
    std::deque<std::pair<std::byte*, std::size_t>> freed_;
    std::map<const std::byte*, std::size_t> pinned_;
    std::map<int, std::size_t> taken_;
    std::vector<std::shared_ptr<Lane>> lanes_;
    std::map<int, unsigned> lanes_made_;
};

}  // namespace flowspan::device::emulated
