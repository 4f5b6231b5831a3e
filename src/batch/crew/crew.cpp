#include "batch/crew/crew.hpp"

#include "batch/ahead/ahead.hpp"
#include "batch/journal/lines/kinds.hpp"
#include "core/mistakes/failure_of.hpp"
#include "io/record/clear.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {

void Crew::log(const std::string& run, const run::LogLine& line) {
    if (sender_ == nullptr) return log_.add(run, line);
    star_.send(0, run::Word::unit_line, Value::List{run, line.value()});
}

void Crew::send_products(const std::string& own, std::string host) {
    sender_ = std::make_unique<Sender>(io_, own, out_);
    host_ = std::move(host);
}

// A host that does not see OUT may not see the recordings either. (Another reason not to see one is the unit's own affair.)
void Crew::give(Task task) {
    if (sender_ == nullptr) return compute(std::move(task));
    const std::string recording = task.overrides.empty() ? "" : task.overrides.back().value;
    struct stat ignored {};
    if (!recording.empty() && ::stat(recording.c_str(), &ignored) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        Outcome outcome = failed(task, fmt::format("{} is not on {}", recording, host_), ExitCode::file);
        outcome.answer.lacks = true;
        said_.emplace_back(outcome.answer.value());
        return;
    }
    task.out = sender_->here(task.out);
    compute(std::move(task));
}

void Crew::stage(Stager::Options options, Stager::Log log) {
    stager_ = std::make_unique<Stager>(std::move(options), std::move(log));
}

void Crew::compute(Task task) {
    if (stager_ != nullptr) return stager_->give(std::move(task));
    computing_.give(std::move(task));
}

// Tasks that still wait for their copies.
void Crew::take_back(std::optional<std::uint64_t> unit, const char* why) {
    if (stager_ == nullptr) return;
    for (const Task& task : stager_->take_back(unit)) take(failed(task, why, ExitCode::stopped));
}

bool Crew::take(const run::ControlMessage& message) {
    if (sender_ != nullptr && sender_->take(message)) return true;
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
            take_back(std::uint64_t(message.content.integer()), "cancelled");
            for (Outcome& outcome : computing_.cancel(std::uint64_t(message.content.integer()))) take(std::move(outcome));
            return true;
        case run::Word::stop_now:
            // What is complete goes its way.
            take_back(std::nullopt, "stopped on request");
            for (Outcome& outcome : computing_.drop()) take(std::move(outcome));
            return true;
        case run::Word::unit_line:
            log_.add(message.content.list().at(0).string(), run::LogLine::from(message.content.list().at(1)));
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
        if (!computing_.idle() && stager_ == nullptr) later.push_back(read);  // (else it begins at once, or is copied)
        give(std::move(read));
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
    if (stager_ != nullptr)
        for (Task& task : stager_->turn(Stager::Clock::now())) computing_.give(std::move(task));
    if (const std::string why = log_.turn(UnitLog::Clock::now()); !why.empty())
        star_.send(0, run::Word::log, run::LogLine{run::LogLevel::warning, 0, "", "", "", why}.value());
    if (sender_ != nullptr) sender_->turn([this](run::Word word, const Value& content) { star_.send(0, word, content); });
    if (!said_.empty()) star_.send(0, run::Word::answers, std::exchange(said_, {}));
}

bool Crew::idle() const {
    return computing_.idle() && made_.empty() && said_.empty() && files_.empty() && log_.idle() &&
           (sender_ == nullptr || sender_->idle()) && (stager_ == nullptr || stager_->idle());
}

Value Crew::at() {
    const auto at = computing_.at();
    if (!at) return {};
    if (std::exchange(at_run_, at->task->run) != at->task->run) since_ = line::now_s();
    return Value::Map{{"unit", std::int64_t(at->task->unit)}, {"fraction", at->fraction}, {"since", since_}};
}

void Crew::take(Outcome outcome) {
    log_.end_of_attempt();
    if (stager_ != nullptr) stager_->over(outcome.task.unit);
    if (outcome.unclean)
        clear_away(outcome.task, std::move(outcome.answer));
    else if (sender_ != nullptr && outcome.answer.what == Answer::What::made)
        sender_->offer(std::move(outcome.answer));
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
