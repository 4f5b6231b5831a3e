// Devices: memory on them, queues of operations, and fences that say how far a queue has come (docs/decisions/025).
//
// Operations run in the order of their queue, some time after they were issued; those of different queues in any order that
// fences leave. Nothing here waits, but Queue::finish, and the destructors of memory, for what is in flight. Nothing calls a
// driver before it is asked for. Objects may be used by one thread at a time.
//
// One file of this interface is linked: cuda.cu, none.cpp or emulated/device.cpp.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace flowspan::device {

/// A call that a device refused, or an operation that failed on it: `device 1: cudaMalloc failed: out of memory`. Exit code 4.
class Error : public Failure {
public:
    Error(int device, std::string call, std::string words);
    int device() const { return device_; }
    const std::string& call() const { return call_; }
    const std::string& words() const { return words_; }

private:
    int device_;
    std::string call_, words_;
};

/// How many this process sees; 0 with the reason. CUDA_VISIBLE_DEVICES is what the driver makes of it.
struct Seen {
    int count = 0;
    std::string why_none;  // "this flowspan was built without CUDA", or the driver's words
};
Seen seen();

struct Properties {
    std::string name;         // "NVIDIA H100"
    std::size_t memory = 0;   // bytes, of which the driver takes some
    std::size_t page = 0;     // of rings: their sizes are multiples of it
    int multiprocessors = 0;  // that run blocks of threads side by side
};
/// Of device 0 <= device < seen().count.
Properties properties(int device);
/// Bytes that can be allocated now. It makes the device's context in this process.
std::size_t free_memory(int device);

/// Whether an operation has failed on it, or it was given up. Then every call throws the same Error, and no driver is asked
/// any more, not even to free memory.
bool failed(int device);
/// From now on it has failed. For one that says nothing: `call` is what was waited for, `words` for how long.
void give_up(int device, const std::string& call, const std::string& words);

/// What opens a Memory in another process of this host, by plain bytes.
struct Handle {
    std::array<std::byte, 128> bytes{};
};

/// Plain memory of a device, aligned to 16 bytes at least, with any contents at first. Empty when default-constructed.
class Memory {
public:
    Memory() = default;
    Memory(int device, std::size_t bytes);
    Memory(Memory&& other) noexcept { *this = std::move(other); }
    Memory& operator=(Memory&& other) noexcept;
    ~Memory() { release(); }
    /// What another process exported; it must outlive this.
    static Memory open(int device, const Handle& handle);
    Handle handle() const;
    std::byte* data() const { return data_; }
    std::size_t size() const { return size_; }
    int device() const { return device_; }

private:
    void release() noexcept;
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
    int device_ = 0;
    bool opened_ = false;
};

/// Memory of a device that repeats at base + size, as memory::Ring: one allocation mapped twice. At least `bytes`, rounded up
/// to pages. What a kernel writes through one mapping it does not itself read through the other.
class Ring {
public:
    Ring() = default;
    Ring(int device, std::size_t bytes);
    Ring(Ring&& other) noexcept { *this = std::move(other); }
    Ring& operator=(Ring&& other) noexcept;
    ~Ring() { release(); }
    std::byte* base() const { return base_; }
    std::size_t size() const { return size_; }
    int device() const { return device_; }

private:
    void release() noexcept;
    std::byte* base_ = nullptr;
    std::size_t size_ = 0;
    int device_ = 0;
    std::uint64_t allocation_ = 0;
};

/// Memory of the host that copies of all devices may touch, by way of `device`.
class PinnedMemory {
public:
    PinnedMemory() = default;
    PinnedMemory(int device, std::size_t bytes);
    PinnedMemory(PinnedMemory&& other) noexcept { *this = std::move(other); }
    PinnedMemory& operator=(PinnedMemory&& other) noexcept;
    ~PinnedMemory() { release(); }
    std::byte* data() const { return data_; }
    std::size_t size() const { return size_; }

private:
    void release() noexcept;
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
    int device_ = 0;
};

/// Makes whole pages that are there already such memory, while it lives. Throws Error where the system cannot: then a copy goes
/// through a PinnedMemory.
class Pin {
public:
    Pin() = default;
    Pin(int device, void* at, std::size_t bytes);
    Pin(Pin&& other) noexcept { *this = std::move(other); }
    Pin& operator=(Pin&& other) noexcept;
    ~Pin() { release(); }

private:
    void release() noexcept;
    void* at_ = nullptr;
    int device_ = 0;
};

/// A place in a queue. Recorded again, it is the later place.
class Fence {
public:
    /// `timed`: it remembers when it was reached, at a price.
    explicit Fence(int device, bool timed = false);
    Fence(Fence&&) noexcept;
    Fence& operator=(Fence&&) noexcept;
    ~Fence();
    /// Whether all before it has completed; one that was never recorded is done. Throws Error where the device has failed.
    bool done() const;
    /// Seconds of the device between two timed fences that are done.
    double seconds_since(const Fence& earlier) const;

    struct State;

private:
    friend class Queue;
    std::unique_ptr<State> state_;
};

class Gathered;
class Stopwatch;

/// Operations in order. Each call issues one and returns; it throws Error where the device refuses it or has failed.
class Queue {
public:
    explicit Queue(int device);
    Queue(Queue&&) noexcept;
    Queue& operator=(Queue&&) noexcept;
    ~Queue();
    int device() const;

    /// Copies. `from` or `to` of the host lies within one PinnedMemory or Pin; of a device, within one Memory or Ring (both
    /// mappings are one).
    void to_device(void* to, const void* from, std::size_t bytes);
    void to_host(void* to, const void* from, std::size_t bytes);
    /// Within a device or between two; the places do not overlap.
    void copy(void* to, const void* from, std::size_t bytes);
    /// Writes zeros to memory of a device.
    void zero(void* at, std::size_t bytes);

    /// From now on pieces that kernels work at wait for others of the same kind and shape, to be one launch (pieces.hpp). They
    /// are issued before anything else is, and by `flush`. Between two of these, no piece may read or write what another
    /// writes.
    void gather(Stopwatch& stopwatch);
    void flush();
    /// nullptr: each is issued at once.
    Gathered* gathered() const { return gathered_.get(); }

    /// The fence is behind all that was issued.
    void record(Fence& fence);
    /// What is issued from now on runs after the fence as it was recorded last.
    void wait_for(const Fence& fence);

    /// Waits until all has completed; false where it has not within so many seconds. For the end of a run.
    bool finish(double most_s);

    /// What was issued.
    struct Counts {
        std::uint64_t launches = 0, bytes_to_device = 0, bytes_to_host = 0;
    };
    const Counts& counts() const;

    struct State;
    State& state() const { return *state_; }  // for launch.hpp
    void before_other();                      // something is about to be issued that is not gathered

private:
    std::unique_ptr<State> state_;
    std::unique_ptr<Gathered> gathered_;
};

}  // namespace flowspan::device
