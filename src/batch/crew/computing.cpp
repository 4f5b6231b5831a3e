#include "batch/crew/computing.hpp"

#include <algorithm>
#include <utility>

namespace flowspan::batch {

Outcome failed(const Task& task, std::string cause, ExitCode code) {
    Answer answer;
    answer.unit = task.unit;
    answer.run = task.run;
    answer.cause = std::move(cause);
    answer.code = code;
    return {task, std::move(answer), true};
}

void OwnDevices::of(Task& task) const {
    task.device_order = order;
    task.devices = visible;
    if (most_bytes > 0)
        task.device_memory_limit = task.device_memory_limit == 0 ? most_bytes : std::min(task.device_memory_limit, most_bytes);
}

std::vector<Outcome> take_back(std::deque<Task>& waiting, std::optional<std::uint64_t> unit, const char* why) {
    std::vector<Outcome> outcomes;
    std::erase_if(waiting, [&](const Task& task) {
        if (unit && task.unit != *unit) return false;
        outcomes.push_back(failed(task, why, ExitCode::stopped));
        return true;
    });
    return outcomes;
}

}  // namespace flowspan::batch
