// Ranks that run units together, one after another.
#pragma once

#include "comm/communicator.hpp"

#include <flowspan/value.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::run {

struct JobRequest;

/// What ranks know of each other and have agreed on: once, however many units they run.
class Team {
public:
    /// `plugins` of this rank, name and hash: ranks must have the same.
    explicit Team(comm::Communicator& communicator, std::vector<std::string> plugins = {})
        : communicator_(communicator), plugins_(std::move(plugins)) {}

    comm::Communicator& communicator() const { return communicator_; }
    const std::vector<std::string>& plugins() const { return plugins_; }

    /// Of this rank among all that use devices of its host at the same time; -1: those of the team are all, in order.
    int device_order() const { return device_order_; }
    void device_order(int order) { device_order_ = order; }

    /// More plug-ins have been loaded: ranks agree anew.
    void has_loaded(std::vector<std::string> plugins) {
        plugins_ = std::move(plugins);
        agreed_on_.clear();
    }

    /// Who is there, and the agreement on what the request asks for (`agree`), as far as that is not known from a unit before.
    /// Collective, by `communicator`, which is that of the team or one around it. Throws as `agree` does.
    void meet(comm::Communicator& communicator);
    void agree_on(comm::Communicator& communicator, const JobRequest& request);

    const std::vector<std::string>& hosts() const { return hosts_; }  // by rank
    const std::vector<int>& pids() const { return pids_; }            // by rank
    const Value& agreement() const { return agreement_; }             // numeric level, build, library, smallest first cache
    /// Of the links of the next unit: records of another one are not taken for its own.
    std::uint32_t next_epoch() { return ++epoch_; }

private:
    comm::Communicator& communicator_;
    std::vector<std::string> plugins_, hosts_;
    std::vector<int> pids_;
    Value agreement_;
    std::string agreed_on_;
    int device_order_ = -1;
    std::uint32_t epoch_ = 0;
};

}  // namespace flowspan::run
