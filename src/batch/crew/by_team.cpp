#include "batch/crew/by_team.hpp"

#include "run/signs/watch.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {

ByTeam::ByTeam(comm::Communicator& communicator, const Registry& registry, Options options, Log log)
    : registry_(registry),
      options_(std::move(options)),
      log_(std::move(log)),
      team_(communicator, options_.plugins),
      star_(communicator, comm::Lane::batch) {
    team_.device_order(options_.devices.order);
}

/// On the first rank what it was given, which it tells the others; on these what they are told.
std::optional<Task> ByTeam::next() {
    run::ControlMessage told;
    while (star_.poll(told))
        if (told.from != team_.communicator().rank()) return Task::read(told.content);
    if (waiting_.empty()) return std::nullopt;
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    for (int r = 1; r < team_.communicator().size(); ++r) star_.send(r, run::Word::tasks, task.value());
    return task;
}

std::vector<Outcome> ByTeam::turn(std::chrono::milliseconds wait) {
    const auto task = next();
    if (!task) {
        std::this_thread::sleep_for(wait);
        return {};
    }
    Answer answer = computed(*task);
    if (team_.communicator().rank() != 0) return {};
    std::vector<Outcome> outcomes;
    outcomes.push_back({*task, std::move(answer), false});
    return outcomes;
}

Answer ByTeam::computed(const Task& task) {
    at_ = &task;
    fraction_ = -1;
    dropped_ = false;
    ComputeHooks hooks;
    const auto begun = std::chrono::steady_clock::now();
    bool late = false;
    hooks.dropped = [&] {
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
        late = late || (!dropped_ && options_.timeout_s > 0 && taken.count() > options_.timeout_s);
        return dropped_ || late;
    };
    hooks.leaving = options_.leaving;
    hooks.progress = [this](const run::Progress& p) { fraction_ = p.fraction; };
    hooks.log = [this, &task](run::LogLine line) {
        line.rank = options_.ranks.at(std::size_t(line.rank));
        log_(task.run, line);
    };
    Answer answer = compute(team_, registry_, task, hooks);
    run::Watch::clear_by({});
    at_ = nullptr;
    if (late && answer.what == Answer::What::failed) {
        answer.cause = fmt::format("it took longer than --timeout {:g} s", options_.timeout_s);
        answer.code = ExitCode::block;
    }
    if (answer.what == Answer::What::failed && options_.ranks.size() > 1 && answer.code != ExitCode::stopped)
        answer.cause += fmt::format(" (in the team of ranks {})", fmt::join(options_.ranks, ", "));
    return answer;
}

// Where ranks compute together the first one speaks of it.
std::optional<Computing::At> ByTeam::at() const {
    if (at_ == nullptr || team_.communicator().rank() != 0) return std::nullopt;
    return At{at_, fraction_};
}

std::vector<Outcome> ByTeam::cancel(std::uint64_t unit) {
    std::vector<Outcome> outcomes = take_back(waiting_, unit, "cancelled");
    dropped_ = dropped_ || (at_ != nullptr && at_->unit == unit);
    return outcomes;
}

void ByTeam::refresh(const std::vector<run::PluginFile>&, const std::vector<std::string>& loaded) { team_.has_loaded(loaded); }

std::vector<Outcome> ByTeam::drop() {
    dropped_ = true;
    return take_back(waiting_, std::nullopt, "stopped on request");
}

void ByTeam::close() {
    while (!star_.all_sent()) {}
    star_.close();
}

}  // namespace flowspan::batch
