#include "batch/crew/crew.hpp"

#include "batch/journal/lines/kinds.hpp"
#include "core/mistakes/failure_of.hpp"
#include "io/record/clear.hpp"

#include <utility>
#include <variant>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t most_given = 2;  // the one in the making and the next: a worker need not wait for its rank

Answer failed(const Task& task, std::string cause, ExitCode code) {
    Answer answer;
    answer.unit = task.unit;
    answer.run = task.run;
    answer.cause = std::move(cause);
    answer.code = code;
    return answer;
}

}  // namespace

Crew::Crew(run::ControlStar& star, Nursery& nursery, io::Thread& io, Options options)
    : star_(star), nursery_(nursery), io_(io), options_(std::move(options)), log_(io, options_.out, options_.log) {}

bool Crew::take(const run::ControlMessage& message) {
    switch (message.word) {
        case run::Word::tasks:
            for (const Value& task : message.content.list()) waiting_.push_back(Task::read(task));
            return true;
        case run::Word::rename: {
            std::vector<ToRename> units;
            for (const Value& unit : message.content.list()) units.push_back(ToRename::from(unit));
            auto renamed = std::make_shared<std::vector<Renamed>>();
            Step job =
                io_.submit([units = std::move(units), renamed, out = options_.out] { *renamed = rename_all(units, out); });
            files_.push_back({std::move(job), nullptr, std::move(renamed)});
            return true;
        }
        case run::Word::stop_now:
            drop_all();
            return true;
        case run::Word::all_over:
            over_ = true;
            return true;
        default:
            return false;
    }
}

void Crew::turn(std::chrono::milliseconds wait) {
    give();
    for (const Event& event : nursery_.poll(wait)) hear(event);
    give();
    look_at_files();
    make_durable();
    if (const std::string why = log_.turn(UnitLog::Clock::now()); !why.empty())
        star_.send(0, run::Word::log, run::LogLine{run::LogLevel::warning, 0, "", "", "", why}.value());
    if (!said_.empty()) star_.send(0, run::Word::answers, std::exchange(said_, {}));
}

bool Crew::idle() const {
    return waiting_.empty() && given_.empty() && made_.empty() && said_.empty() && files_.empty() && log_.idle();
}

Value Crew::at() {
    if (given_.empty()) return {};
    const Task& task = given_.front();
    if (std::exchange(at_run_, task.run) != task.run) {
        fraction_ = -1;
        since_ = line::now_s();
    }
    return Value::Map{{"unit", std::int64_t(task.unit)}, {"fraction", fraction_}, {"since", since_}};
}

void Crew::give() {
    if (waiting_.empty() || !nursery_.lost().empty()) return;
    if (worker_ == nullptr || worker_->over()) worker_ = nursery_.fork(options_.limits);
    while (given_.size() < most_given && !waiting_.empty()) {
        worker_->give(waiting_.front().value());
        given_.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
}

void Crew::hear(const Event& event) {
    if (const auto* lost = std::get_if<Lost>(&event.what)) throw Failure(ExitCode::communication, lost->text);
    if (const auto* loaded = std::get_if<Loaded>(&event.what)) {
        if (!loaded->error.empty()) throw Failure(loaded->code, loaded->error);
        return;
    }
    if (event.worker != worker_.get() || given_.empty()) return;
    if (const auto* progress = std::get_if<Progress>(&event.what)) {
        (void)at();
        fraction_ = progress->value.at("fraction").real();
    } else if (const auto* line = std::get_if<Line>(&event.what)) {
        log_.add(given_.front().run, line->line);
        if (line->line.level >= options_.log_level) star_.send(0, run::Word::log, line->line.value());
    } else if (const auto* result = std::get_if<Result>(&event.what)) {
        given_.pop_front();
        answered(Answer::from(result->value));
    } else if (const auto* failure = std::get_if<Failed>(&event.what)) {
        const Task task = std::move(given_.front());
        given_.pop_front();
        clear_away(task, failed(task, failure->cause, failure->code));
    } else if (const auto* end = std::get_if<Ended>(&event.what)) {
        ended(*end);
    }
}

// Only the unit that was in the making has failed; the worker had not looked at the others.
void Crew::ended(const Ended& end) {
    const Task at = std::move(given_.front());
    given_.pop_front();
    while (!given_.empty()) {
        waiting_.push_front(std::move(given_.back()));
        given_.pop_back();
    }
    clear_away(at, failed(at, end.text, ExitCode::block));
}

// The answer goes once no part is left.
void Crew::clear_away(const Task& task, const Answer& answer) {
    log_.end_of_attempt();
    auto said = std::make_shared<std::vector<Answer>>(1, answer);
    Step job = io_.submit([out = task.out, run = task.run] { io::remove_parts({out}, run); });
    files_.push_back({std::move(job), std::move(said), nullptr});
}

void Crew::answered(Answer answer) {
    log_.end_of_attempt();
    if (answer.what == Answer::What::made && !answer.parts.empty())
        made_.push_back(std::move(answer));
    else
        said_.emplace_back(answer.value());
}

// What comes while the files of others are made durable is made durable together.
void Crew::make_durable() {
    if (durable_job_ || made_.empty()) return;
    auto answers = std::make_shared<std::vector<Answer>>(std::exchange(made_, {}));
    Step job = io_.submit([answers] {
        std::vector<MadePart> parts;
        for (const Answer& a : *answers)
            for (const MadePart& p : a.parts)
                if (p.part != p.path) parts.push_back(p);
        if (!parts.empty()) batch::make_durable(parts);
    });
    files_.push_back({std::move(job), std::move(answers), nullptr});
    durable_job_ = true;
}

// Jobs end in the order in which they were given.
void Crew::look_at_files() {
    while (!files_.empty()) {
        Files& first = files_.front();
        std::string why;
        try {
            if (first.job.token != nullptr && !first.job.token->ready()) return;
        } catch (const std::exception& e) { why = failure_of(e).what(); }
        if (first.answers != nullptr) {
            durable_job_ = durable_job_ && first.answers->front().what != Answer::What::made;
            for (Answer& answer : *first.answers) {
                if (!why.empty() && answer.what == Answer::What::made) {
                    answer.what = Answer::What::failed;
                    answer.cause = why;
                    answer.code = ExitCode::file;
                }
                said_.emplace_back(answer.value());
            }
        }
        if (first.renamed != nullptr) {
            Value::List renamed;
            for (const Renamed& r : *first.renamed) renamed.emplace_back(r.value());
            star_.send(0, run::Word::renamed, renamed);
        }
        files_.pop_front();
    }
}

// What is computed is dropped with its parts; what is complete goes its way.
void Crew::drop_all() {
    for (const auto* tasks : {&given_, &waiting_}) {
        for (const Task& task : *tasks) { clear_away(task, failed(task, "stopped on request", ExitCode::stopped)); }
    }
    waiting_.clear();
    given_.clear();
    if (worker_ != nullptr) worker_->kill();
    worker_.reset();
}

}  // namespace flowspan::batch
