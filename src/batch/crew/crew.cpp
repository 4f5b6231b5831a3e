#include "batch/crew/crew.hpp"

#include "batch/crew/ahead.hpp"
#include "batch/journal/lines/kinds.hpp"
#include "core/mistakes/failure_of.hpp"
#include "io/record/clear.hpp"

#include <utility>

namespace flowspan::batch {

bool Crew::take(const run::ControlMessage& message) {
    switch (message.word) {
        case run::Word::tasks:
            take_tasks(message.content.list());
            return true;
        case run::Word::rename: {
            std::vector<ToRename> units;
            for (const Value& unit : message.content.list()) units.push_back(ToRename::from(unit));
            auto renamed = std::make_shared<std::vector<Renamed>>();
            Step job = io_.submit([units = std::move(units), renamed, out = out_] { *renamed = rename_all(units, out); });
            files_.push_back({std::move(job), nullptr, std::move(renamed)});
            return true;
        }
        case run::Word::cancel:
            for (Outcome& outcome : computing_.cancel(std::uint64_t(message.content.integer()))) take(std::move(outcome));
            return true;
        case run::Word::stop_now:
            // What is complete goes its way.
            for (Outcome& outcome : computing_.drop()) take(std::move(outcome));
            return true;
        case run::Word::all_over:
            over_ = true;
            return true;
        default:
            return false;
    }
}

void Crew::take_tasks(const Value::List& given) {
    std::vector<Task> later;
    for (const Value& task : given) {
        Task read = Task::read(task);
        if (!computing_.idle()) later.push_back(read);  // (else it begins at once)
        computing_.give(std::move(read));
    }
    if (!later.empty()) (void)io_.submit([later = std::move(later)] { fetch_ahead(later); });  // nobody waits for it
}

void Crew::turn(std::chrono::milliseconds wait) {
    for (Outcome& outcome : computing_.turn(wait)) take(std::move(outcome));
    files();
}

void Crew::files() {
    look_at_files();
    make_durable();
    if (const std::string why = log_.turn(UnitLog::Clock::now()); !why.empty())
        star_.send(0, run::Word::log, run::LogLine{run::LogLevel::warning, 0, "", "", "", why}.value());
    if (!said_.empty()) star_.send(0, run::Word::answers, std::exchange(said_, {}));
}

bool Crew::idle() const { return computing_.idle() && made_.empty() && said_.empty() && files_.empty() && log_.idle(); }

Value Crew::at() {
    const auto at = computing_.at();
    if (!at) return {};
    if (std::exchange(at_run_, at->task->run) != at->task->run) since_ = line::now_s();
    return Value::Map{{"unit", std::int64_t(at->task->unit)}, {"fraction", at->fraction}, {"since", since_}};
}

void Crew::take(Outcome outcome) {
    log_.end_of_attempt();
    if (outcome.unclean)
        clear_away(outcome.task, std::move(outcome.answer));
    else if (outcome.answer.what == Answer::What::made && !outcome.answer.parts.empty())
        made_.push_back(std::move(outcome.answer));
    else
        said_.emplace_back(outcome.answer.value());
}

// The answer goes once no part is left.
void Crew::clear_away(const Task& task, Answer answer) {
    auto said = std::make_shared<std::vector<Answer>>(1, std::move(answer));
    Step job = io_.submit([out = task.out, run = task.run] { io::remove_parts({out}, run); });
    files_.push_back({std::move(job), std::move(said), nullptr});
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

}  // namespace flowspan::batch
