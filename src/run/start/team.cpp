#include "run/start/team.hpp"

#include "run/agree/agreement.hpp"
#include "run/job/job.hpp"

#include <unistd.h>

namespace flowspan::run {

void Team::meet(comm::Communicator& communicator) {
    if (!hosts_.empty()) return;
    hosts_ = communicator.all_gather(communicator.host());
    for (const std::string& pid : communicator.all_gather(std::to_string(getpid()))) pids_.push_back(std::stoi(pid));
}

void Team::agree_on(comm::Communicator& communicator, const JobRequest& request) {
    const std::string asked = request.isa + " " + request.fft;
    if (asked == agreed_on_) return;
    agreed_on_.clear();
    agreement_ = agree(communicator, request, plugins_);
    agreed_on_ = asked;
}

}  // namespace flowspan::run
