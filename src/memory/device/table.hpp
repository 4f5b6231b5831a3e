// Numbers that kernels read: taps, twiddles. They go up in the order of a queue.
#pragma once

#include "memory/device/device.hpp"

#include <cstring>
#include <span>

namespace flowspan::device {

/// It must live until what reads it has completed, also where another takes its place.
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
