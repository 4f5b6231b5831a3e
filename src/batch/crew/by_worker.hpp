// Units computed by a worker below the rank: what kills one of them does not touch the rank.
#pragma once

#include "batch/crew/computing.hpp"
#include "batch/worker/nursery/nursery.hpp"

#include <deque>
#include <memory>
#include <set>

namespace flowspan::batch {

class ByWorker final : public Computing {
public:
    /// `devices`: those of its workers.
    ByWorker(Nursery& nursery, const Limits& limits, Log log, OwnDevices devices = {})
        : nursery_(nursery), limits_(limits), log_(std::move(log)), devices_(std::move(devices)) {}
    void give(Task task) override {
        devices_.of(task);
        waiting_.push_back(std::move(task));
    }
    std::vector<Outcome> turn(std::chrono::milliseconds wait) override;
    bool idle() const override { return waiting_.empty() && given_.empty(); }
    std::optional<At> at() const override;
    std::vector<Outcome> cancel(std::uint64_t unit) override;
    void refresh(const std::vector<run::PluginFile>& plugins, const std::vector<std::string>& loaded) override;
    std::vector<Outcome> drop() override;

private:
    void feed();
    void give_back();
    bool is_of_others() const;
    void replace();
    void look_at_cancelled(std::vector<Outcome>& outcomes);
    void hear(const Event& event, std::vector<Outcome>& outcomes);
    void begins();
    Outcome died(const Ended& end);

    Nursery& nursery_;
    Limits limits_;
    Log log_;
    OwnDevices devices_;
    std::unique_ptr<Handle> worker_;
    std::deque<Task> waiting_, given_;   // given to the worker: the first is in the making
    double fraction_ = -1;               // of that one
    std::set<std::uint64_t> cancelled_;  // that were given
    std::size_t answered_ = 0;           // by this worker
    double answered_cpu_s_ = 0;          // of these
    double began_ = 0;                   // the one in the making, since 1970
    Handle::Clock::time_point begun_;    // the same
    bool old_ = false;                   // the worker is to go when it has done what it was given
};

}  // namespace flowspan::batch
