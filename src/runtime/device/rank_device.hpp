// A rank's device: its three queues, and how far they have come (docs/decisions/026).
//
// What a queue was given in one turn of the loop is known to have completed by one fence, recorded at the end of the turn. The
// oldest that is not done is polled once a turn. Fences and tokens are used again: in a steady state nothing is allocated.
#pragma once

#include "core/fifo.hpp"
#include "memory/device/device.hpp"
#include "memory/device/gathered.hpp"
#include "memory/ring.hpp"

#include <flowspan/io.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace flowspan::runtime {

struct BlockEnds;

/// A queue whose turns have fences.
class DeviceQueue final : device::Stopwatch {
public:
    explicit DeviceQueue(int device) : queue_(device) {}
    /// From now on pieces of several calls become one launch.
    void gather() { queue_.gather(*this); }
    DeviceQueue(const DeviceQueue&) = delete;
    DeviceQueue& operator=(const DeviceQueue&) = delete;
    device::Queue& queue() { return queue_; }
    const device::Queue& queue() const { return queue_; }
    /// What is issued from here on belongs to this turn.
    void begin_issuing() { now(); }
    /// What is issued between the two is the work of one call, which counts for `calls`: its time on the device goes there, of
    /// a launch with other calls its part.
    void begin_timed(double& work_s, double calls) { queue_.gathered()->begin_timed(work_s, calls); }
    void end_timed() { queue_.gathered()->end_timed(); }
    /// All that was issued in this turn has completed. `block`: who has issued it, for what is said of a failure; it outlives
    /// the run.
    Step behind(const std::string& block);
    /// Something was issued for which nobody waits.
    void issued(const std::string& block);
    /// The end of a turn: records a fence, where something was issued.
    void record();
    /// Looks at the oldest fences. True when one is done. Throws device::Error where the device has failed.
    bool poll();
    /// Who had issued what is not complete, the oldest first.
    std::vector<std::string> at_work() const;
    /// Seconds of the device between the first and the last operation of every turn.
    double busy_s() const { return busy_s_; }
    /// Something has not completed.
    bool is_busy() const { return !turns_.empty() || now_ != nullptr; }

private:
    struct Turn final : Pending {
        explicit Turn(int device) : begun(device, true), fence(device, true) {}
        bool ready() override { return is_over; }
        device::Fence begun, fence;
        bool is_over = false;
        std::vector<const std::string*> blocks;
        /// Between two fences; those beyond `timed` are unused.
        struct Timed {
            explicit Timed(int device) : begun(device, true), ended(device, true) {}
            device::Fence begun, ended;
            std::vector<device::TimedCall> calls;
            double items = 1;
        };
        std::deque<Timed> launches;
        std::size_t timed = 0;
    };
    std::size_t begin() override;
    void end(std::size_t begun, std::span<const device::TimedCall> calls, double items) override;
    Turn& now();
    void look_at_times(const Turn& turn);

    device::Queue queue_;
    std::shared_ptr<Turn> now_;  // nullptr: nothing was issued in this turn
    Fifo<std::shared_ptr<Turn>> turns_;
    std::vector<std::shared_ptr<Turn>> free_;
    double busy_s_ = 0;
};

class RankDevice {
public:
    /// A device that says nothing for half of `patience_s` has failed.
    RankDevice(int device, double patience_s);
    int number() const { return number_; }
    const std::string& name() const { return name_; }
    DeviceQueue& compute() { return compute_; }
    DeviceQueue& copy_in() { return in_; }
    DeviceQueue& copy_out() { return out_; }
    const DeviceQueue& compute() const { return compute_; }
    const DeviceQueue& copy_in() const { return in_; }
    const DeviceQueue& copy_out() const { return out_; }

    /// Calls that come run behind what the copy-in queue has been given until now.
    void compute_after_copies() { copied_in_ = true; }
    /// The compute queue is given something.
    void computes() { has_computed_ = true; }
    /// What is issued to the copy-out queue from now on runs behind what the compute queue has been given.
    void copies_after_compute();
    /// A call of a block that reads and writes these wires is about to be issued. Kernels of calls before it that work at the
    /// same memory are issued first; those of others may become one launch with its own.
    void before_call(const BlockEnds& ends);

    /// The beginning of a turn: what has completed. True when something has. Throws BlockFailure.
    bool poll();
    /// The end of a turn.
    void record();
    bool is_busy() const { return compute_.is_busy() || in_.is_busy() || out_.is_busy(); }
    /// Copies may touch this memory of the host, its first mapping, from now on. It stays. False where the system does not pin
    /// such memory: then copies go through PinnedMemory.
    bool pin(std::shared_ptr<const memory::RingMemory> ring);
    /// How often it did not.
    int unpinned() const { return unpinned_; }

    /// Somebody has been told to write there, in a ring of this device, by the compute queue or by the one that copies in.
    void written(const memory::RingMemory& ring, const std::byte* at, std::size_t bytes);
    /// Rings whose memory could not be mapped twice: what is written to them is copied to where it would be seen again.
    int mirrored() const { return mirrored_; }

    /// A ring of the device, zero at first. `copied_to`: its writer is the copy-in queue, else the compute queue. `name`: of
    /// what lies there.
    std::shared_ptr<const memory::RingMemory> make_ring(std::size_t bytes, bool copied_to, const std::string& name);

private:
    bool poll_queues();
    void after_copies();
    [[noreturn]] void blame(const device::Error& error) const;

    int number_;
    std::string name_;
    std::chrono::duration<double> patience_;
    std::chrono::steady_clock::time_point moved_;
    DeviceQueue compute_, in_, out_;
    device::Fence copied_, computed_;
    bool copied_in_ = false, has_computed_ = false;  // since the one queue has waited for the other
    std::uint64_t level_ = 1;                        // how often what was gathered has been issued
    struct Pinned {
        std::shared_ptr<const memory::RingMemory> ring;
        device::Pin pin;
    };
    std::vector<Pinned> pins_;
    int unpinned_ = 0, mirrored_ = 0;
};

}  // namespace flowspan::runtime
