// Units computed by ranks themselves, one or several together: a team. docs/batches.md.
#pragma once

#include "batch/crew/computing.hpp"
#include "comm/communicator.hpp"
#include "run/star/control_star.hpp"
#include "run/start/team.hpp"

#include <flowspan/registry.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// A rank's side of it. Tasks are given to the first rank of the team; the others compute what it tells them.
class ByTeam final : public Computing {
public:
    struct Options {
        std::vector<int> ranks;                 // of the batch, by rank of the team
        std::vector<std::string> plugins;       // of this rank, name and hash
        OwnDevices devices;                     // of this rank
        double timeout_s = 0;                   // of a unit; 0: none
        std::function<void(int code)> leaving;  // before others are ended by force
    };
    ByTeam(comm::Communicator& communicator, const Registry& registry, Options options, Log log);
    void give(Task task) override {
        options_.devices.of(task);
        waiting_.push_back(std::move(task));
    }
    std::vector<Outcome> turn(std::chrono::milliseconds wait) override;
    bool idle() const override { return waiting_.empty() && at_ == nullptr; }
    bool busy() const override { return at_ != nullptr; }
    std::optional<At> at() const override;
    std::vector<Outcome> cancel(std::uint64_t unit) override;
    void refresh(const std::vector<run::PluginFile>& plugins, const std::vector<std::string>& loaded) override;
    std::vector<Outcome> drop() override;
    /// Nothing more will come.
    void close();

private:
    std::optional<Task> next();
    Answer computed(const Task& task);

    const Registry& registry_;
    Options options_;
    Log log_;
    run::Team team_;
    run::ControlStar star_;
    std::deque<Task> waiting_;
    const Task* at_ = nullptr;  // that is being computed
    double fraction_ = -1;      // of it
    bool dropped_ = false;
};

}  // namespace flowspan::batch
