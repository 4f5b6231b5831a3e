// Devices, for blocks that run on one: memory there, a queue of operations, and fences that say how far a queue has come.
//
// A block that says `static constexpr bool on_devices = true;` finds its queue by Block::queue(), from `prepare` on; `data()`
// of its ports is then memory of that device. Operations run in the order of their queue, some time after they were issued;
// those of different queues in any order that fences leave. Nothing here waits, but Queue::finish, and the destructors of
// memory, for what is in flight. Objects may be used by one thread at a time. Nothing here needs CUDA's headers.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
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

    /// The fence is behind all that was issued.
    void record(Fence& fence);
    /// What is issued from now on runs after the fence as it was recorded last.
    void wait_for(const Fence& fence);

    /// Waits until all has completed; false where it has not within so many seconds. For the end of a run.
    bool finish(double most_s);

    /// For kernels of your own: the cudaStream_t that this queue is. What is given to it comes behind all that was issued
    /// before. nullptr on an emulated device.
    void* stream();

    /// What was issued.
    struct Counts {
        std::uint64_t launches = 0, bytes_to_device = 0, bytes_to_host = 0;
    };
    const Counts& counts() const;

    // For flowspan's own kernels and its runtime. From `gather` on, pieces that kernels work at wait for others of the same
    // kind and shape, to be one launch. They are issued before anything else is, and by `flush`. Between two of these, no piece
    // may read or write what another writes.
    struct State;
    State& state() const { return *state_; }
    void gather(Stopwatch& stopwatch);
    void flush();
    Gathered* gathered() const { return gathered_.get(); }  // nullptr: each is issued at once
    void before_other();                                    // something is about to be issued that is not gathered

private:
    std::unique_ptr<State> state_;
    std::unique_ptr<Gathered> gathered_;
};

/// Numbers that kernels read: taps, twiddles. They go up in the order of a queue. It must live until what reads it has
/// completed, also where another takes its place.
template <class T>
class Table {
public:
    Table() = default;
    Table(Queue& queue, std::span<const T> numbers)
        : pinned_(queue.device(), numbers.size_bytes()), memory_(queue.device(), numbers.size_bytes()) {
        if (!numbers.empty()) std::memcpy(pinned_.data(), numbers.data(), numbers.size_bytes());
        queue.to_device(memory_.data(), pinned_.data(), numbers.size_bytes());
    }
    const T* data() const { return reinterpret_cast<const T*>(memory_.data()); }

private:
    PinnedMemory pinned_;
    Memory memory_;
};

}  // namespace flowspan::device
