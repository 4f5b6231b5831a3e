// What the runtime asks of devices beside <flowspan/device.hpp>: which there are, rings, pins, and which have failed
// (docs/decisions/025). Nothing calls a driver before it is asked for.
//
// One file of this interface is linked: cuda.cu, none.cpp or emulated/device.cpp.
#pragma once

#include <flowspan/device.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace flowspan::device {

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

}  // namespace flowspan::device
