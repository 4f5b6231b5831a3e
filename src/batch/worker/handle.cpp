#include "batch/worker/handle.hpp"

#include "batch/worker/nursery/nursery.hpp"
#include "core/mistakes/sane.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::size_t wire_bytes = std::size_t(1) << 20;    // taken of one worker in a turn
constexpr std::size_t output_bytes = std::size_t(1) << 18;  // of each; more than a pipe holds
constexpr auto stood_still_after = Seconds(1);
constexpr auto ends_after_close = Seconds(1);
constexpr std::size_t longest_words = 500;

}  // namespace

Handle::~Handle() {
    if (nursery_ == nullptr) return;
    if (!over_ && unanswered_ > 0) kill();
    nursery_->forget(id_);
}

void Handle::give(const Value& task) {
    if (over_) throw std::logic_error("a task is given to a worker that has ended");
    std::string text = task.json();
    if (text.size() > largest_message)
        throw Failure(ExitCode::usage, fmt::format("a task has {} bytes, at most {} go", text.size(), largest_message));
    ++unanswered_;
    waiting_.push_back(std::move(text));
    if (nursery_ != nullptr) send_next(nursery_->now_());
}

// The next goes when the last is answered: so what is printed meanwhile has one task that it is of.
void Handle::send_next(Clock::time_point now) {
    if (!wire_ || verdict_ || waiting_.empty() || unanswered_ > waiting_.size()) return;
    begun_ = heard_ = now;
    wire_->put(Kind::task, waiting_.front());
    waiting_.pop_front();
    wire_->flush();
}

void Handle::kill() { end_with(Ended::How::killed, "the worker was ended on request"); }

void Handle::forked(pid_t process, std::vector<Descriptor> descriptors, Clock::time_point now) {
    process_ = process;
    if (descriptors.size() != 4)
        return end_with(Ended::How::no_fork, "cannot take a worker's socket: this process has too many open files");
    try {
        for (std::size_t k = 0; k < 3; ++k) make_nonblocking(descriptors[k]);
        pulse_ = Pulse::of(descriptors[3]);
    } catch (const Failure& e) { return end_with(Ended::How::no_fork, e.what()); }
    wire_.emplace(std::move(descriptors[0]));
    out_.emplace(std::move(descriptors[1]));
    error_.emplace(std::move(descriptors[2]));
    send_next(now);
}

void Handle::refused(const std::string& why) {
    verdict_ = Ended{Ended::How::no_fork, 0, fmt::format("cannot fork a worker: {}", why)};
    report_ = Report{};
}

void Handle::reported(const Value& end) { report_ = Report::from(end); }

void Handle::lost(const std::string& why) { lost_ = why; }

void Handle::add_to(std::vector<pollfd>& waited) const {
    if (!wire_) return;
    if (!wire_->closed()) waited.push_back({wire_->descriptor(), short(wire_->all_sent() ? POLLIN : POLLIN | POLLOUT), 0});
    for (const Output* output : {&*out_, &*error_})
        if (output->descriptor() >= 0) waited.push_back({output->descriptor(), POLLIN, 0});
}

// While this rank stood still (kill -STOP of the job, a starved machine), so perhaps did its worker.
void Handle::forgive(Clock::duration gap, Clock::time_point now) {
    const Seconds enough =
        limits_.silence_s > 0 ? std::min(stood_still_after, Seconds(limits_.silence_s / 2)) : stood_still_after;
    if (gap < enough) return;
    for (Clock::time_point* since : {&begun_, &heard_, closed_ ? &*closed_ : nullptr, ending_ ? &*ending_ : nullptr})
        if (since != nullptr) *since = std::min(*since + gap, now);
}

void Handle::turn(Clock::time_point now, std::vector<Event>& events) {
    if (over_) return;
    const bool last = report_ || !lost_.empty();
    if (wire_) move(now, events);
    if (last)
        finish(events);
    else if (wire_)
        judge(now);
}

// What a task has printed is there when its answer is, and no other task has begun.
void Handle::move(Clock::time_point now, std::vector<Event>& events) {
    if (!wire_->closed()) {
        wire_->flush();  // where that fails, so does the next read
        wire_->read(wire_bytes);
    }
    print("stdout", out_->read(output_bytes), events);
    print("stderr", error_->read(output_bytes), events);
    std::optional<Progress> progress;
    while (const auto message = wire_->next()) {
        if (verdict_) continue;
        try {
            take(*message, now, progress, events);
        } catch (const std::exception& e) {
            end_with(Ended::How::garbage,
                     fmt::format("the worker sent what cannot be read: {}", sane(e.what(), longest_words)));
        }
    }
    if (progress) events.push_back({this, std::move(*progress)});
}

void Handle::print(const char* name, std::vector<std::string> lines, std::vector<Event>& events) {
    for (const std::string& text : lines) {
        if (!bound_.takes(text.size())) continue;
        run::LogLine line;
        line.text = fmt::format("{}: {}", name, text);
        events.push_back({this, Line{std::move(line)}});
    }
}

void Handle::take(const Message& message, Clock::time_point now, std::optional<Progress>& progress,
                  std::vector<Event>& events) {
    if (unanswered_ == waiting_.size()) throw std::invalid_argument("a message about no task");
    if (message.kind == Kind::line && !bound_.takes(message.body.size())) return;
    Value value = Value::from_json(message.body);
    switch (message.kind) {
        case Kind::progress:
            progress = Progress{std::move(value)};
            return;
        case Kind::line:
            events.push_back({this, Line{run::LogLine::from(value)}});
            return;
        case Kind::result:
        case Kind::failed:
            break;
        case Kind::task:
            throw std::invalid_argument("a task");
    }
    if (progress) events.push_back({this, *std::exchange(progress, std::nullopt)});
    end_lines(events);
    if (message.kind == Kind::result)
        events.push_back({this, Result{std::move(value)}});
    else
        events.push_back({this, Failed{value.at("cause").string(), ExitCode(value.at("code").integer())}});
    --unanswered_;
    spent_ = pulse_.spent();
    if (!spent_) send_next(now);
}

void Handle::end_lines(std::vector<Event>& events) {
    print("stdout", out_->rest(), events);
    print("stderr", error_->rest(), events);
    error_->forget_last();
    const std::uint64_t left_out = bound_.reset();
    if (left_out == 0) return;
    run::LogLine line;
    line.level = run::LogLevel::warning;
    line.text = fmt::format("{} more lines of a task were left out", left_out);
    events.push_back({this, Line{std::move(line)}});
}

void Handle::judge(Clock::time_point now) {
    if (verdict_) return;
    if (!wire_->wrong().empty()) return end_with(Ended::How::garbage, "the worker sent " + wire_->wrong());
    if (wire_->closed() && !closed_) closed_ = now;
    if (closed_ && now - *closed_ > ends_after_close) return end_with(Ended::How::garbage, "the worker has closed its socket");
    const std::uint64_t beats = pulse_.beats(), moved = wire_->moved();
    if (std::exchange(beats_, beats) != beats || std::exchange(moved_, moved) != moved) heard_ = now;
    if (unanswered_ == waiting_.size()) return;
    if (limits_.timeout_s > 0 && now - begun_ > Seconds(limits_.timeout_s))
        return end_with(Ended::How::timeout,
                        fmt::format("it took longer than --timeout {:g} s{}", limits_.timeout_s, in_place(place())));
    if (limits_.silence_s > 0 && now - heard_ > Seconds(limits_.silence_s))
        end_with(Ended::How::silent,
                 fmt::format("no sign of life for {:g} s, half of --patience{}", limits_.silence_s, in_place(place())));
}

// The nursery knows whether the process is still there, so it kills.
void Handle::end_with(Ended::How how, std::string text) {
    if (verdict_ || over_) return;
    verdict_ = Ended{how, 0, std::move(text)};
    if (nursery_ == nullptr || !lost_.empty() || report_) return;
    ending_ = nursery_->now_();
    nursery_->ask(Value::Map{{"do", "kill"}, {"id", id_}}, false);
}

bool Handle::overdue(Clock::time_point now, Seconds patience) const { return !over_ && ending_ && now - *ending_ > patience; }

void Handle::finish(std::vector<Event>& events) {
    if (wire_ && !wire_->wrong().empty()) end_with(Ended::How::garbage, "the worker sent " + wire_->wrong());
    Ended end = ended();
    if (wire_) end_lines(events);
    over_ = true;
    end.unanswered = unanswered_;
    events.push_back({this, std::move(end)});
    wire_.reset();
    out_.reset();
    error_.reset();
}

Ended Handle::ended() const {
    if (!report_)
        return verdict_.value_or(Ended{Ended::How::nursery, 0, fmt::format("the worker went with its nursery: {}", lost_)});
    Circumstances known;
    if (wire_) known = {wire_->within_message(), place(), error_->last(), pulse_.memory_refused() ? limits_.memory : 0};
    Ended end = explain(*report_, known);
    if (!verdict_) return end;
    end.how = verdict_->how;
    end.number = verdict_->number;
    end.text = verdict_->text;
    return end;
}

}  // namespace flowspan::batch
