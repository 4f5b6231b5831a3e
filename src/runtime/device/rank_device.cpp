#include "runtime/device/rank_device.hpp"

#include "memory/device/failed.hpp"
#include "runtime/task/block_task.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

/// One turn's blocks are named where an operation of it fails; of more than so many the first.
constexpr std::size_t most_named = 8;

/// Where the driver does not map memory twice, it is twice as large, and what is written in the one half is copied to the
/// other.
class DeviceRing final : public memory::RingMemory {
public:
    DeviceRing(RankDevice& device, std::size_t bytes, bool copied_to, std::string name)
        : device_(device), copied_to_(copied_to), name_(std::move(name)) {
        try {
            ring_ = device::Ring(device.number(), bytes);
            base_ = ring_.base();
            size_ = ring_.size();
        } catch (const device::Error& error) {
            if (device::failed(device.number()) || device::lacked_memory(error)) throw;
            halves_ = device::Memory(device.number(), 2 * bytes);
            base_ = halves_.data();
            size_ = bytes;
        }
        zero(base_, size_);
    }
    bool is_mirrored() const { return halves_.size() > 0; }
    void zero(std::byte* at, std::size_t bytes) const override {
        in_order([&](device::Queue& queue) { queue.zero(at, bytes); });
        mirror(at, bytes);
    }
    void mirror(const std::byte* at, std::size_t bytes) const {
        if (!is_mirrored()) return;
        std::byte* const end = base_ + size_;  // of the first half
        const std::byte* const last = at + bytes;
        in_order([&](device::Queue& queue) {
            if (at < end) queue.copy(base_ + (at - base_) + size_, at, std::size_t(std::min<const std::byte*>(last, end) - at));
            if (last > end) {
                const std::byte* const from = std::max<const std::byte*>(at, end);
                queue.copy(base_ + (from - end), from, std::size_t(last - from));
            }
        });
    }

private:
    /// Behind what else its writer has been given.
    template <class Issue>
    void in_order(Issue issue) const {
        DeviceQueue& writer = copied_to_ ? device_.copy_in() : device_.compute();
        writer.begin_issuing();
        issue(writer.queue());
        writer.issued(name_);
        copied_to_ ? device_.compute_after_copies() : device_.computes();
    }
    RankDevice& device_;
    bool copied_to_;
    std::string name_;
    device::Ring ring_;
    device::Memory halves_;
};

}  // namespace

DeviceQueue::Turn& DeviceQueue::now() {
    if (now_ != nullptr) return *now_;
    const auto unused =
        std::find_if(free_.begin(), free_.end(), [](const std::shared_ptr<Turn>& t) { return t.use_count() == 1; });
    if (unused == free_.end()) {
        now_ = std::make_shared<Turn>(queue_.device());
    } else {
        now_ = std::move(*unused);
        *unused = std::move(free_.back());
        free_.pop_back();
    }
    now_->is_over = false;
    now_->blocks.clear();
    now_->timed = 0;
    queue_.record(now_->begun);
    return *now_;
}

std::size_t DeviceQueue::begin() {
    Turn& turn = now();
    if (turn.timed == turn.launches.size()) turn.launches.emplace_back(queue_.device());
    queue_.record(turn.launches[turn.timed].begun);
    return turn.timed++;
}

void DeviceQueue::end(std::size_t begun, std::span<const device::TimedCall> calls, double items) {
    Turn::Timed& timed = now_->launches[begun];
    queue_.record(timed.ended);
    timed.calls.assign(calls.begin(), calls.end());
    timed.items = items;
}

void DeviceQueue::look_at_times(const Turn& turn) {
    busy_s_ += turn.fence.seconds_since(turn.begun);
    for (std::size_t k = 0; k < turn.timed; ++k) {
        const Turn::Timed& timed = turn.launches[k];
        const double seconds = timed.ended.seconds_since(timed.begun);
        for (const device::TimedCall& call : timed.calls) *call.work_s += call.calls * seconds * call.items / timed.items;
    }
}

void DeviceQueue::issued(const std::string& block) {
    auto& blocks = now().blocks;
    if (blocks.size() < most_named && std::find(blocks.begin(), blocks.end(), &block) == blocks.end()) blocks.push_back(&block);
}

Step DeviceQueue::behind(const std::string& block) {
    issued(block);
    return {now_};
}

void DeviceQueue::record() {
    if (now_ == nullptr) return;
    queue_.flush();
    queue_.record(now_->fence);
    turns_.push_back(std::exchange(now_, nullptr));
}

bool DeviceQueue::poll() {
    bool any = false;
    while (!turns_.empty()) {
        if (!turns_.front()->fence.done()) break;
        turns_.front()->is_over = true;
        look_at_times(*turns_.front());
        free_.push_back(std::move(turns_.front()));
        turns_.pop_front();
        any = true;
    }
    return any;
}

std::vector<std::string> DeviceQueue::at_work() const {
    std::vector<std::string> blocks;
    const Turn* oldest = turns_.empty() ? now_.get() : turns_.front().get();
    if (oldest != nullptr)
        for (const std::string* block : oldest->blocks) blocks.push_back(*block);
    return blocks;
}

RankDevice::RankDevice(int device, double patience_s)
    : number_(device),
      name_(device::properties(device).name),
      patience_(patience_s / 2),
      moved_(std::chrono::steady_clock::now()),
      compute_(device),
      in_(device),
      out_(device),
      copied_(device),
      computed_(device) {
    compute_.gather();
}

void RankDevice::after_copies() {
    if (!std::exchange(copied_in_, false)) return;
    in_.queue().record(copied_);
    compute_.queue().wait_for(copied_);
}

void RankDevice::copies_after_compute() {
    if (!std::exchange(has_computed_, false)) return;
    after_copies();
    compute_.queue().record(computed_);
    out_.queue().wait_for(computed_);
}

// Between two levels pieces that wait are of unconnected data: nobody reads or writes what another of them writes.
void RankDevice::before_call(const BlockEnds& ends) {
    after_copies();
    computes();
    const auto is_connected = [this](const In& in) { return in.wire->written_at_level == level_; };
    const auto is_in_use = [this](const Out& out) { return out.wire != nullptr && out.wire->read_at_level == level_; };
    if (std::any_of(ends.ins.begin(), ends.ins.end(), is_connected) ||
        std::any_of(ends.outs.begin(), ends.outs.end(), is_in_use)) {
        try {
            compute_.queue().flush();
        } catch (const device::Error& error) { blame(error); }
        ++level_;
    }
    for (const In& in : ends.ins) in.wire->read_at_level = level_;
    for (const Out& out : ends.outs)
        if (out.wire != nullptr) out.wire->written_at_level = level_;
}

bool RankDevice::poll() {
    if (!is_busy()) return false;
    try {
        return poll_queues();
    } catch (const device::Error& error) { blame(error); }
}

bool RankDevice::poll_queues() {
    const auto now = std::chrono::steady_clock::now();
    bool any = in_.poll();
    any |= compute_.poll();
    any |= out_.poll();
    if (any) moved_ = now;
    if (!any && now - moved_ > patience_)
        device::give_up(number_, "waiting for its queues",
                        fmt::format("nothing has completed for {:.1f} s", std::chrono::duration<double>(now - moved_).count()));
    return any;
}

// An operation says nothing of who has issued it: of the oldest turn that is not over, of the queue that it was one of.
void RankDevice::blame(const device::Error& error) const {
    const bool copying = error.call().find("cop") != std::string::npos || error.call().find("Memcpy") != std::string::npos;
    std::vector<std::string> blocks;
    for (const DeviceQueue* queue : {copying ? &in_ : &compute_, copying ? &out_ : &in_, copying ? &compute_ : &out_})
        if (blocks.empty()) blocks = queue->at_work();
    std::string text = error.what();
    for (std::size_t k = 1; k < blocks.size(); ++k) text += (k == 1 ? " (at work there, too: " : ", ") + blocks[k];
    if (blocks.size() > 1) text += ")";
    throw BlockFailure(error.code(), blocks.empty() ? "" : blocks.front(), text);
}

void RankDevice::record() {
    ++level_;
    if (!is_busy()) moved_ = std::chrono::steady_clock::now();
    try {
        in_.record();
        compute_.record();
        out_.record();
    } catch (const device::Error& error) { blame(error); }
}

bool RankDevice::pin(std::shared_ptr<const memory::RingMemory> ring) {
    if (std::any_of(pins_.begin(), pins_.end(), [&](const Pinned& pinned) { return pinned.ring == ring; })) return true;
    try {
        device::Pin pin(number_, ring->base(), ring->size());
        pins_.push_back({std::move(ring), std::move(pin)});
        return true;
    } catch (const device::Error&) {
        if (device::failed(number_)) throw;
        ++unpinned_;
        return false;
    }
}

void RankDevice::written(const memory::RingMemory& ring, const std::byte* at, std::size_t bytes) {
    if (mirrored_ > 0) static_cast<const DeviceRing&>(ring).mirror(at, bytes);
}

std::shared_ptr<const memory::RingMemory> RankDevice::make_ring(std::size_t bytes, bool copied_to, const std::string& name) {
    try {
        auto ring = std::make_shared<const DeviceRing>(*this, bytes, copied_to, name);
        mirrored_ += ring->is_mirrored() ? 1 : 0;
        return ring;
    } catch (const device::Error& error) {
        throw BlockFailure(error.code(), name, fmt::format("a ring of {} bytes: {}", bytes, error.what()));
    }
}

}  // namespace flowspan::runtime
