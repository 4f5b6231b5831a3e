// Changes while a block runs: parameters that are set, commands, holds, and where they cut its calls.
#include "runtime/task/block_task.hpp"

#include "runtime/count/counts.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {

Changes& BlockTask::own_changes() {
    if (changes_ == nullptr) changes_ = std::make_unique<Changes>(*block_);
    return *changes_;
}

std::uint64_t BlockTask::position() const {
    if (ins.empty()) return outs.empty() || fed_ ? statistics_.messages_in : next_output();
    return phase_ == Phase::breaking ? boundary_ : next_input();
}

void BlockTask::ask(const Ask& ask, Answered answered) {
    const std::uint64_t here = position();
    Answer answer{refusal_of(*block_, ask), {}, here};
    if (!answer.refusal.empty()) return answered(answer);
    if (ask.what == Ask::What::get) {
        if (const ParameterBase* p = block_->parameter(ask.name)) answer.value = p->value();
        for (const ReadingBase* r : block_->readings())
            if (r->name() == ask.name) answer.value = r->value(), answer.index = r->index();
        return answered(answer);
    }
    for (CommandBase* command : block_->commands()) {
        if (ask.what != Ask::What::call || command->name() != ask.name || command->options().changes) continue;
        answer.value = command->call(ask.value.is<Value::List>() ? ask.value.list() : Value::List{});
        return answered(answer);
    }
    if (phase_ != Phase::running && phase_ != Phase::breaking) {
        answer.refusal = fmt::format("{} has ended, at {}", block_->name(), here);
        return answered(answer);
    }
    if (ask.what == Ask::What::release) {
        release();
        return answered(answer);
    }
    std::uint64_t index = 0;
    answer.refusal = place(ask, index);
    if (!answer.refusal.empty()) return answered(answer);
    wait_for(ask, index, std::move(answered));
}

void BlockTask::release() {
    if (changes_ == nullptr) return;
    changes_->release();
    barrier_ = changes_->barrier();
    wake();
}

std::string BlockTask::schedule(const Ask& ask) {
    for (const CommandBase* command : block_->commands()) {
        if (ask.what == Ask::What::call && command->name() == ask.name && !command->options().changes)
            return fmt::format("expected a command that changes something, got {}", ask.name);
    }
    std::uint64_t index = 0;
    std::string refusal = refusal_of(*block_, ask);
    if (refusal.empty()) refusal = place(ask, index);
    if (refusal.empty()) wait_for(ask, index, {});
    return refusal;
}

// The index at which something takes effect, or why it cannot be.
std::string BlockTask::place(const Ask& ask, std::uint64_t& index) const {
    // A change comes before the messages of its index: where one has been handled, it is too late for that index.
    const std::uint64_t here = position(), earliest = here + (message_at_ == here && !ins.empty() ? 1 : 0);
    try {
        index = index_of(*block_, ask.when, earliest);
    } catch (const Failure& failure) { return failure.what(); }
    if (index >= earliest) return {};
    return fmt::format("expected a sample from {} on, got {}", earliest, index);
}

void BlockTask::wait_for(const Ask& ask, std::uint64_t index, Answered answered) {
    if (ask.what == Ask::What::hold)
        own_changes().hold(index, std::move(answered));
    else
        own_changes().add(ask, index, false, std::move(answered));
    barrier_ = own_changes().barrier();
    wake();
    if (phase_ == Phase::running && index <= position()) make_changes();
}

void BlockTask::watch_parameters(std::function<void(const std::string&, std::uint64_t, const Value&)> f) {
    own_changes().watcher = std::move(f);
}

// Makes what is due where the block stands. False: it cannot go on from here at present.
bool BlockTask::make_changes() {
    if (set_by_tags_) find_setting_tags();
    const std::uint64_t here = position();
    // Whether a tag of this very item sets something is known when it is there.
    if (set_by_tags_ && ins[0].reader->readable_end() <= here) {
        barrier_ = UINT64_MAX;
        return true;
    }
    return make_changes_at(here);
}

bool BlockTask::make_changes_at(std::uint64_t here) {
    if (changes_->first() <= here) {
        wait_ = Wait::pending;
        if (!books_.calm()) return false;
        for (const std::size_t k : changes_->apply(here, anchors())) retune_output(k, next_of(k));
    }
    if (changes_->held_at(here)) {
        wait_ = Wait::held;
        return false;
    }
    barrier_ = changes_->barrier();
    return true;
}

std::uint64_t BlockTask::next_of(std::size_t output) const {
    return dependent_ ? outs[output].anchor + outs[output].made : next_output();
}

// An output has another centre frequency from this item on, which its description says.
void BlockTask::retune_output(std::size_t output, std::uint64_t index) {
    retunings_.forget(output);
    if (Wire* wire = outs[output].wire; wire != nullptr)
        wire->buffer.add_retuning({index, outs[output].port->description().center_frequency});
}

// Where the centre frequency of an input changes, within a stretch, only descriptions follow. (Whether its item will be in this
// stretch is known when it is there.)
bool BlockTask::take_retunings() {
    retuning_ = UINT64_MAX;
    bool due = tell_retuned_;
    for (const In& in : ins) {
        const memory::Retuning* next = in.reader->next_retuning();
        if (next == nullptr) continue;
        due = due || is_due(in, *next);
        // (Inputs count by themselves where the rate follows from the data.)
        if (fixed_ || &in == &ins[0]) retuning_ = std::min(retuning_, next->index);
    }
    if (!due) return true;
    // Messages about what lies before come first.
    wait_ = Wait::messages;
    if (!message_ins.empty() && messages_.limit() <= std::min(retuning_, position())) return false;
    wait_ = Wait::pending;
    if (!books_.calm()) return false;
    while (describe_retuning([this](const In& in, const memory::Retuning& r) { return is_due(in, r); })) {}
    tell_retuned_ = false;
    block_->retuned();
    return take_retunings();
}

bool BlockTask::is_due(const In& in, const memory::Retuning& retuning) const {
    return retuning.index <= (fixed_ ? next_input() : in.reader->index()) && retuning.index < in.reader->readable_end();
}

// Where just what a step needs goes beyond a retuning, items may have been made that stand behind it.
void BlockTask::describe_passed(const std::vector<std::size_t>& taken) {
    while (describe_retuning([&](const In& in, const memory::Retuning& r) {
        return r.index < in.port->index() + taken[std::size_t(&in - ins.data())];
    }))
        tell_retuned_ = true;
}

// The first of those that are due: descriptions follow. False: there is none.
template <class Due>
bool BlockTask::describe_retuning(Due is_due) {
    const auto place_of = [](const In& in, const memory::Retuning& r) {
        return (memory::Deviation(r.index) - memory::Deviation(in.anchor)) * deviation_unit;
    };
    std::optional<memory::Deviation> first;
    for (const In& in : ins) {
        const memory::Retuning* next = in.reader->next_retuning();
        if (next != nullptr && is_due(in, *next)) first = std::min(first.value_or(place_of(in, *next)), place_of(in, *next));
    }
    if (!first) return false;
    for (In& in : ins) {
        const memory::Retuning* next = in.reader->next_retuning();
        if (next == nullptr || !is_due(in, *next) || place_of(in, *next) != *first) continue;
        StreamDescription d = in.port->description();
        d.center_frequency = next->center_frequency;
        in.reader->took_retunings(next->index);
        in.wire->buffer.forget_passed();
        Access::describe(*in.port, std::move(d));
    }
    retune(*first);
    return true;
}

void BlockTask::retune(memory::Deviation place) {
    std::vector<std::optional<double>> before;
    for (const Out& out : outs) before.push_back(out.port->description().center_frequency);
    if (const std::string expected = describe_retuned(*block_, anchors()); !expected.empty())
        Access::warn(
            *block_,
            fmt::format("expected {} where they were retuned: what leaves has no known centre frequency there", expected));
    for (std::size_t k = 0; k < outs.size(); ++k) {
        if (outs[k].port->description().center_frequency == before[k]) continue;
        if (fixed_)
            retune_output(k, std::max(next_output(), output_of(std::uint64_t(place / deviation_unit + ins[0].anchor))));
        else
            retunings_.wait(k, place, outs[k].port->description().center_frequency);
    }
}

// As a tag at this input item would move.
std::uint64_t BlockTask::output_of(std::uint64_t index) const {
    return at_.output_anchor + output_at(fixed_->options().ratio, std::max(index, at_.input_anchor) - at_.input_anchor);
}

void BlockTask::find_setting_tags() {
    const memory::Reader& reader = *ins[0].reader;
    const std::uint64_t from = std::max(setting_tags_seen_, position()), end = reader.readable_end();
    if (end <= from || !ins[0].wire->buffer.has_tags()) return;
    std::vector<Tag> tags;
    ins[0].wire->buffer.tags_between(from, end, tags);
    setting_tags_seen_ = end;
    for (const Tag& tag : tags) {
        for (const ParameterBase* p : block_->parameters()) {
            if (p->declaration().tag != tag.key) continue;
            const Ask ask{Ask::What::set, p->name(), tag.value, at_sample(tag.index)};
            const std::string refusal = refusal_of(*block_, ask);
            if (!refusal.empty())
                throw Failure(ExitCode::block, fmt::format("a tag sets `{}` at {}: {}", p->name(), tag.index, refusal));
            own_changes().add(ask, tag.index, true, {});
        }
    }
}

// A message on a port that sets parameters: the value of the only one, or a map of names and values.
bool BlockTask::set_by_message(const MessageIn& from, const Message& message) {
    std::vector<ParameterBase*> parameters;
    for (ParameterBase* p : block_->parameters())
        if (p->declaration().message == from.port->name()) parameters.push_back(p);
    if (parameters.empty()) return false;
    const auto set = [&](const std::string& name, const Value& value) {
        const bool known = std::any_of(parameters.begin(), parameters.end(), [&](const auto* p) { return p->name() == name; });
        const std::string refusal = known ? refusal_of(*block_, {Ask::What::set, name, value, {}})
                                          : fmt::format("`{}` sets no parameter of that name", from.port->name());
        if (!refusal.empty()) throw Failure(ExitCode::block, fmt::format("a message sets `{}`: {}", name, refusal));
        for (const std::size_t k : own_changes().set_by_message(name, value, position(), anchors()))
            retune_output(k, next_of(k));
    };
    if (message.value.is<Value::Map>()) {
        for (const auto& [name, value] : message.value.map()) set(name, value);
    } else if (parameters.size() == 1) {
        set(parameters.front()->name(), message.value);
    } else {
        throw Failure(ExitCode::block, fmt::format("a message on `{}`: expected a map of parameters, got {}", from.port->name(),
                                                   message.value.json()));
    }
    return true;
}

}  // namespace flowspan::runtime
