#include "runtime/block/changes.hpp"

#include "core/mistakes/collect.hpp"
#include "runtime/block/declarations.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

/// All that may not change while a block runs, and the centre frequencies, which may.
struct Shape {
    explicit Shape(const Block& block) {
        const BlockDeclared& d = block.declared();
        numbers = {d.ratio.interpolation, d.ratio.decimation, d.ratio.window, d.ratio.grid, d.total.value_or(UINT64_MAX)};
        delay = d.ratio.delay;
        for (const InputPort* p : block.inputs()) {
            numbers.push_back(p->history());
            numbers.push_back(Access::skip(*p));
        }
        for (const OutputPort* p : block.outputs()) {
            StreamDescription plain = p->description();
            centers.push_back(plain.center_frequency);
            plain.center_frequency.reset();
            outputs.push_back(std::move(plain));
        }
    }
    bool fits(const Shape& other) const { return numbers == other.numbers && delay == other.delay && outputs == other.outputs; }
    std::vector<std::uint64_t> numbers;
    Rational delay;
    std::vector<StreamDescription> outputs;
    std::vector<std::optional<double>> centers;
};

/// A parameter as it was.
struct Before {
    explicit Before(ParameterBase& p)
        : parameter(p), value(p.value()), given(p.given()), explicitly(p.explicitly_given()), at(p.position()) {}
    void restore() const {
        if (!value.is_null()) parameter.set(value, at);
        Access::given(parameter) = given;
        Access::explicitly_given(parameter) = explicitly;
    }
    ParameterBase& parameter;
    Value value;
    bool given, explicitly;
    Position at;
};

using Mistake = std::optional<Diagnostic>;

template <class F>
Mistake caught(F check) {
    Diagnostics found;
    if (collect(found, check)) return std::nullopt;
    return found.front();
}

Mistake mistake_of_set(const Block& block, const Ask& ask) {
    const ParameterBase* parameter = block.parameter(ask.name);
    if (parameter != nullptr && parameter->declaration().when == Change::running)
        return caught([&] { parameter->check(ask.value); });
    return declarations_of(block).settable(block.name()).mistake(ask.name);
}

Mistake mistake_of_call(const Block& block, const Ask& ask) {
    if (const CommandBase* command = find_named(block.commands(), ask.name))
        return caught([&] { command->check(ask.value.is<Value::List>() ? ask.value.list() : Value::List{}); });
    return declarations_of(block).callable(block.name()).mistake(ask.name);
}

Mistake mistake_of_get(const Block& block, const Ask& ask) {
    if (block.parameter(ask.name) != nullptr || find_named(block.readings(), ask.name) != nullptr) return {};
    return declarations_of(block).readable(block.name()).mistake(ask.name);
}

}  // namespace

Value Ask::packed() const { return Value::List{int(what), name, value, when.value()}; }

Ask Ask::from(const Value& value) {
    const Value::List& parts = value.list();
    return {What(parts[0].integer()), parts[1].string(), parts[2], When::from(parts[3])};
}

Value Answer::packed() const { return Value::List{refusal, value, index}; }

Answer Answer::from(const Value& value) {
    const Value::List& parts = value.list();
    return {parts[0].string(), parts[1], std::uint64_t(parts[2].integer())};
}

std::optional<Diagnostic> mistake_in(const Block& block, const Ask& ask) {
    switch (ask.what) {
        case Ask::What::get:
            return mistake_of_get(block, ask);
        case Ask::What::set:
            return mistake_of_set(block, ask);
        case Ask::What::call:
            return mistake_of_call(block, ask);
        default:
            return {};
    }
}

std::string refusal_of(const Block& block, const Ask& ask) {
    const auto wrong = mistake_in(block, ask);
    return wrong ? on_one_line(*wrong) : "";
}

std::uint64_t index_of(const Block& block, const When& when, std::uint64_t next) {
    if (when.kind == When::Kind::next_step) return next;
    if (when.kind == When::Kind::sample) return when.sample;
    const bool source = block.inputs().empty();
    if (source && block.outputs().empty())
        throw Failure(ExitCode::usage, block.name() + " has no streams: give a number of messages instead of a time");
    const StreamDescription& d = source ? block.outputs()[0]->description() : block.inputs()[0]->description();
    std::int64_t index = 0;
    if (when.kind == When::Kind::time) {
        index = when.time.ceil_index(d.ticks, d.origin);
    } else {
        if (!d.utc || !d.sample_rate) throw Failure(ExitCode::usage, "the stream of " + block.name() + " has no UTC");
        index = when.time.ceil_index(*d.sample_rate, *d.utc);
    }
    return std::uint64_t(std::max<std::int64_t>(0, index));
}

void Changes::add(const Ask& ask, std::uint64_t index, bool by_tag, Answered answered) {
    Waiting change{ask, std::move(answered), !by_tag, ++came_};
    const When& when = ask.when;
    if (when.kind == When::Kind::time || when.kind == When::Kind::utc)
        by_time_[when.kind].emplace(when.time, std::move(change));
    else
        by_index_.emplace(index, std::move(change));
    find_first();
}

/// The index in the present stretch; UINT64_MAX where it has no such times: perhaps a later one has them.
std::uint64_t Changes::meant(const Time& time, When::Kind kind) const {
    try {
        return index_of(block_, {.kind = kind, .time = time}, begun_);
    } catch (const Failure&) { return UINT64_MAX; }
}

void Changes::find_first() {
    first_ = by_index_.empty() ? UINT64_MAX : by_index_.begin()->first;
    for (const auto& [kind, waiting] : by_time_)
        if (!waiting.empty()) first_ = std::min(first_, std::max(begun_, meant(waiting.begin()->first, kind)));
}

/// Those up to `position`, in their order.
std::vector<Changes::Due> Changes::take_due(std::uint64_t position) {
    std::vector<Due> due;
    while (!by_index_.empty() && by_index_.begin()->first <= position) {
        auto change = by_index_.extract(by_index_.begin());
        due.push_back({change.key(), change.key(), std::move(change.mapped())});
    }
    for (auto& [kind, waiting] : by_time_) {
        while (!waiting.empty()) {
            const std::uint64_t at = meant(waiting.begin()->first, kind), index = std::max(begun_, at);
            if (index > position) break;
            due.push_back({index, at, std::move(waiting.extract(waiting.begin()).mapped())});
        }
    }
    std::sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
        return std::tuple(a.index, a.change.by_schedule, a.meant, a.change.order) <
               std::tuple(b.index, b.change.by_schedule, b.meant, b.change.order);
    });
    find_first();
    return due;
}

void Changes::hold(std::uint64_t index, Answered answered) { holds_.push_back({index, std::move(answered)}); }

void Changes::release() {
    for (Hold& hold : std::exchange(holds_, {}))
        if (hold.answered) hold.answered({"it was released before it came there", {}, 0});
}

std::uint64_t Changes::barrier() const {
    std::uint64_t first_index = first();
    for (const Hold& hold : holds_) first_index = std::min(first_index, hold.index);
    return first_index;
}

bool Changes::held_at(std::uint64_t position) {
    bool held = false;
    for (Hold& hold : holds_) {
        if (hold.index > position) continue;
        held = true;
        if (hold.answered) std::exchange(hold.answered, nullptr)({"", {}, position});
    }
    return held;
}

// `describe` is run before and after: what it then says of the outputs is compared, and only the centre frequency is taken
// over. (A source that is in a later stretch of its recording describes the first one.)
template <class F>
std::vector<std::size_t> Changes::retunes(F changes, const Anchors& anchors) {
    const Wishes kept(block_);
    std::vector<StreamDescription> present;
    for (const OutputPort* p : block_.outputs()) present.push_back(p->description());
    describe_retuned(block_, anchors);
    const Shape before(block_);
    changes();
    describe_retuned(block_, anchors);
    const Shape after(block_);
    std::vector<std::size_t> retuned;
    for (std::size_t k = 0; k < present.size(); ++k) {
        if (before.centers[k] != after.centers[k]) {
            present[k].center_frequency = after.centers[k];
            retuned.push_back(k);
        }
        Access::description(*block_.outputs()[k]) = std::move(present[k]);
    }
    return retuned;
}

std::vector<std::size_t> Changes::apply(std::uint64_t position, const Anchors& anchors) {
    return retunes(
        [&] {
            while (first() <= position)
                for (Due& due : take_due(position)) make(due.change, position, anchors);
        },
        anchors);
}

void Changes::make(Waiting& change, std::uint64_t position, const Anchors& anchors) {
    const Ask& ask = change.ask;
    Answer answer{"", ask.value, position};
    if (ask.what == Ask::What::set) {
        ParameterBase& parameter = *block_.parameter(ask.name);
        answer.refusal = set(parameter, ask.value, position, anchors);
        answer.value = parameter.value();
    } else {
        answer.value =
            find_named(block_.commands(), ask.name)->call(ask.value.is<Value::List>() ? ask.value.list() : Value::List{});
    }
    if (answer.refusal.empty() && change.by_schedule) applied_.push_back({ask.what, ask.name, ask.value, position});
    if (change.answered)
        change.answered(answer);
    else if (!answer.refusal.empty())
        throw Failure(ExitCode::block, fmt::format("{} sets `{}` at {}: {}", change.by_schedule ? "the schedule" : "a tag",
                                                   ask.name, position, answer.refusal));
}

// Describes and prepares with the new value; where the block does not agree, with the old one again.
std::string Changes::set(ParameterBase& parameter, const Value& value, std::uint64_t position, const Anchors& anchors) {
    const Before old(parameter);
    const Shape before(block_);
    std::string refusal;
    try {
        parameter.set(value);
        describe_outputs(block_, anchors);
        if (!before.fits(Shape(block_)))
            refusal = fmt::format("expected a value of `{}` that leaves rates, lengths and histories as they are, got {}",
                                  parameter.name(), value.json());
        else
            block_.prepare();
    } catch (const Refused& refused) { refusal = on_one_line(refused.diagnostics().front()); }
    if (!refusal.empty()) {
        old.restore();
        describe_retuned(block_, anchors);
        block_.prepare();
        return refusal;
    }
    if (watcher) watcher(parameter.name(), position, parameter.value());
    return {};
}

std::vector<std::size_t> Changes::set_by_message(const std::string& name, const Value& value, std::uint64_t position,
                                                 const Anchors& anchors) {
    std::string refusal;
    std::vector<std::size_t> retuned =
        retunes([&] { refusal = set(*block_.parameter(name), value, position, anchors); }, anchors);
    if (!refusal.empty()) throw Failure(ExitCode::block, fmt::format("a message sets `{}`: {}", name, refusal));
    return retuned;
}

void Changes::began_stretch(std::uint64_t position) {
    begun_ = position;
    find_first();
}

void Changes::ended(std::uint64_t position) {
    const Answer late{fmt::format("{} ended at {}, before it", block_.name(), position), {}, position};
    std::vector<Due> waiting = take_due(UINT64_MAX);
    std::vector<Hold> holds = std::exchange(holds_, {});
    for (Due& due : waiting) {
        Waiting& change = due.change;
        if (change.answered)
            change.answered(late);
        else if (change.by_schedule)
            never_.push_back({change.ask.what, change.ask.name, change.ask.value, due.index});
    }
    for (Hold& hold : holds)
        if (hold.answered) hold.answered(late);
}

}  // namespace flowspan::runtime
