// Counts that kernels keep on a device, and how a block learns of them.
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/io.hpp>

#include <cstring>
#include <memory>
#include <type_traits>

namespace flowspan::blocks {

/// Counts in memory of a device, zero at first. Empty when default-constructed.
template <class Counts>
class DeviceCounts {
    static_assert(std::is_trivially_copyable_v<Counts>);

public:
    DeviceCounts() = default;
    explicit DeviceCounts(device::Queue& queue)
        : memory_(queue.device(), sizeof(Counts)), pinned_(queue.device(), sizeof(Counts)) {
        queue.zero(memory_.data(), sizeof(Counts));
    }
    /// For kernels.
    Counts* data() const { return reinterpret_cast<Counts*>(memory_.data()); }
    bool empty() const { return memory_.size() == 0; }
    bool asked() const { return asked_; }
    /// Asks for what they are behind all that the queue has been given: `read` knows it when the step is over.
    Step ask(device::Queue& queue) {
        asked_ = true;
        auto arrival = std::make_shared<Arrival>(queue.device());
        queue.to_host(pinned_.data(), memory_.data(), sizeof(Counts));
        queue.record(arrival->fence);
        return {std::move(arrival)};
    }
    Counts read() const {
        Counts counts;
        std::memcpy(&counts, pinned_.data(), sizeof(Counts));
        return counts;
    }

private:
    struct Arrival final : Pending {
        explicit Arrival(int device) : fence(device) {}
        bool ready() override { return fence.done(); }
        device::Fence fence;
    };
    device::Memory memory_;
    device::PinnedMemory pinned_;
    bool asked_ = false;
};

}  // namespace flowspan::blocks
