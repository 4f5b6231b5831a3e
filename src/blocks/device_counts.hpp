// What kernels have left on a device, and how a block learns of it.
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/io.hpp>

#include <cstring>
#include <memory>
#include <type_traits>

namespace flowspan::blocks {

/// Memory of the host that a queue copies to. Empty when default-constructed.
class Fetched {
public:
    Fetched() = default;
    Fetched(device::Queue& queue, std::size_t bytes)
        : pinned_(queue.device(), bytes), arrival_(std::make_shared<Arrival>(queue.device())) {}
    std::size_t size() const { return pinned_.size(); }
    /// Asks for what is there behind all that the queue has been given: it is at `data` when the step is over.
    Step ask(device::Queue& queue, const void* from, std::size_t bytes) {
        queue.to_host(pinned_.data(), from, bytes);
        queue.record(arrival_->fence);
        return {arrival_};
    }
    const std::byte* data() const { return pinned_.data(); }

private:
    struct Arrival final : Pending {
        explicit Arrival(int device) : fence(device) {}
        bool ready() override { return fence.done(); }
        device::Fence fence;
    };
    device::PinnedMemory pinned_;
    std::shared_ptr<Arrival> arrival_;
};

/// Counts in memory of a device, zero at first. Empty when default-constructed.
template <class Counts>
class DeviceCounts {
    static_assert(std::is_trivially_copyable_v<Counts>);

public:
    DeviceCounts() = default;
    explicit DeviceCounts(device::Queue& queue) : memory_(queue.device(), sizeof(Counts)), fetched_(queue, sizeof(Counts)) {
        queue.zero(memory_.data(), sizeof(Counts));
    }
    /// For kernels.
    Counts* data() const { return reinterpret_cast<Counts*>(memory_.data()); }
    bool empty() const { return memory_.size() == 0; }
    bool asked() const { return asked_; }
    /// Asks for what they are behind all that the queue has been given: `read` knows it when the step is over.
    Step ask(device::Queue& queue) {
        asked_ = true;
        return fetched_.ask(queue, memory_.data(), sizeof(Counts));
    }
    Counts read() const {
        Counts counts;
        std::memcpy(&counts, fetched_.data(), sizeof(Counts));
        return counts;
    }

private:
    device::Memory memory_;
    Fetched fetched_;
    bool asked_ = false;
};

}  // namespace flowspan::blocks
