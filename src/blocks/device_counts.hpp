// What kernels have left on a device, and how a block learns of it.
#pragma once

#include "memory/device/device.hpp"
#include "memory/device/pieces.hpp"

#include <flowspan/io.hpp>

#include <climits>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>

namespace flowspan::blocks {

/// Memory of the host that a queue copies to. Empty when default-constructed.
class Fetched {
public:
    Fetched() = default;
    Fetched(device::Queue& queue, std::size_t bytes)
        : pinned_(queue.device(), bytes), arrival_(std::make_shared<Arrival>(queue)) {}
    std::size_t size() const { return pinned_.size(); }
    /// Asks for what is there behind all that the queue has been given: it is at `data` when the step is over. Where the queue
    /// gathers, others may be asked for with it.
    Step ask(device::Queue& queue, const void* from, std::size_t bytes) {
        constexpr int behind_all = INT_MAX;
        arrival_->issued = false;
        const Fetch fetch{pinned_.data(), from, bytes, arrival_.get(), 1};
        device::gather<issue>(queue, std::span<const Fetch>(&fetch, 1), device::Alike(), behind_all);
        return {arrival_};
    }
    const std::byte* data() const { return pinned_.data(); }

private:
    struct Arrival final : Pending {
        explicit Arrival(device::Queue& on) : queue(on), fence(on.device()) {}
        bool ready() override {
            if (!issued) queue.flush();  // (nothing else may come that would)
            return fence.done();
        }
        device::Queue& queue;
        device::Fence fence;
        bool issued = true;
    };
    struct Fetch {
        void* to;
        const void* from;
        std::size_t bytes;
        Arrival* arrival;
        std::uint64_t n;
    };
    static void issue(device::Queue& queue, std::span<const Fetch> fetches, const device::Alike&) {
        for (const Fetch& fetch : fetches) {
            queue.to_host(fetch.to, fetch.from, fetch.bytes);
            queue.record(fetch.arrival->fence);
            fetch.arrival->issued = true;
        }
    }
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
