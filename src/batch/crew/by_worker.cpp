#include "batch/crew/by_worker.hpp"

#include "batch/journal/lines/kinds.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace flowspan::batch {
namespace {

constexpr std::size_t most_given = 2;  // the one in the making and the next: a worker need not wait for its rank

Task taken(std::deque<Task>& tasks) {
    Task task = std::move(tasks.front());
    tasks.pop_front();
    return task;
}

}  // namespace

std::vector<Outcome> ByWorker::turn(std::chrono::milliseconds wait) {
    std::vector<Outcome> outcomes;
    feed();
    for (const Event& event : nursery_.poll(wait)) hear(event, outcomes);
    look_at_cancelled(outcomes);
    feed();
    return outcomes;
}

void ByWorker::feed() {
    if (old_ && given_.empty()) {
        worker_.reset();
        old_ = false;
    }
    if (waiting_.empty() || old_ || !nursery_.lost().empty()) return;
    if (worker_ == nullptr || worker_->over()) {
        worker_ = nursery_.fork(limits_);
        answered_ = 0;
        answered_cpu_s_ = 0;
    }
    while (given_.size() < most_given && !waiting_.empty()) {
        if (given_.empty()) begins();
        worker_->give(waiting_.front().value());
        given_.push_back(taken(waiting_));
    }
}

// The first of those that the worker is given; a worker that dies does not say when.
void ByWorker::begins() {
    began_ = line::now_s();
    begun_ = Handle::Clock::now();
}

// Its CPU time: what the worker used and has not told of other units, its own start included.
Outcome ByWorker::died(const Ended& end) {
    Outcome outcome = failed(taken(given_), end.text, ExitCode::block);
    outcome.answer.began = began_;
    outcome.answer.seconds = std::chrono::duration<double>(Handle::Clock::now() - begun_).count();
    outcome.answer.cpu_s = std::max(0.0, end.cpu_s - answered_cpu_s_);
    outcome.answer.peak_bytes = end.peak_bytes;
    return outcome;
}

void ByWorker::hear(const Event& event, std::vector<Outcome>& outcomes) {
    if (const auto* lost = std::get_if<Lost>(&event.what)) throw Failure(ExitCode::communication, lost->text);
    if (const auto* loaded = std::get_if<Loaded>(&event.what)) {
        if (!loaded->error.empty()) throw Failure(loaded->code, loaded->error);
        return;
    }
    if (event.worker != worker_.get() || given_.empty()) return;
    if (const auto* progress = std::get_if<Progress>(&event.what)) {
        fraction_ = progress->value.at("fraction").real();
        return;
    }
    if (const auto* line = std::get_if<Line>(&event.what)) return log_(given_.front().run, line->line);
    fraction_ = -1;
    const auto* result = std::get_if<Result>(&event.what);
    const auto* failure = std::get_if<Failed>(&event.what);
    if (result != nullptr || failure != nullptr) {
        Outcome outcome = result != nullptr ? Outcome{given_.front(), Answer::from(result->value), false}
                                            : failed(given_.front(), failure->cause, failure->code);
        if (outcome.answer.what == Answer::What::failed && is_of_others()) return replace();
        given_.pop_front();
        answered_cpu_s_ += outcome.answer.cpu_s;
        outcomes.push_back(std::move(outcome));
        ++answered_;
        begins();
        if (worker_->spent()) replace();
    } else if (const auto* end = std::get_if<Ended>(&event.what)) {
        // Only the unit that was in the making has failed; the worker had not looked at the others.
        outcomes.push_back(died(*end));
        give_back();
    }
}

// Units before it may have left too little memory: then it is computed in a worker of its own before anything is said of it.
bool ByWorker::is_of_others() const { return answered_ > 0 && worker_->memory_refused(); }

void ByWorker::replace() {
    worker_.reset();
    give_back();
}

void ByWorker::give_back() {
    while (!given_.empty()) {
        waiting_.push_front(std::move(given_.back()));
        given_.pop_back();
    }
}

std::vector<Outcome> ByWorker::cancel(std::uint64_t unit) {
    std::vector<Outcome> outcomes = take_back(waiting_, unit, "cancelled");
    for (const Task& task : given_)
        if (task.unit == unit) cancelled_.insert(unit);
    look_at_cancelled(outcomes);
    return outcomes;
}

// The worker has looked at the first alone.
void ByWorker::look_at_cancelled(std::vector<Outcome>& outcomes) {
    while (!given_.empty() && cancelled_.erase(given_.front().unit) > 0) {
        worker_->kill();
        worker_.reset();
        outcomes.push_back(failed(taken(given_), "cancelled", ExitCode::stopped));
        give_back();
    }
}

void ByWorker::refresh(const std::vector<run::PluginFile>& plugins, const std::vector<std::string>&) {
    if (!plugins.empty()) nursery_.load(run::PluginFile::list_of(plugins));
    old_ = worker_ != nullptr;
}

std::optional<Computing::At> ByWorker::at() const {
    if (given_.empty()) return std::nullopt;
    return At{&given_.front(), fraction_};
}

std::vector<Outcome> ByWorker::drop() {
    give_back();
    std::vector<Outcome> outcomes = take_back(waiting_, std::nullopt, "stopped on request");
    cancelled_.clear();
    if (worker_ != nullptr) worker_->kill();
    worker_.reset();
    return outcomes;
}

}  // namespace flowspan::batch
