#include "run/star/requests.hpp"

#include "graph/resolve/endpoint.hpp"
#include "graph/resolve/names.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr std::size_t most_events_under_way = 1024;

using runtime::Ask;
using runtime::BlockTask;

std::string_view name_of(runtime::Wait wait) {
    switch (wait) {
        case runtime::Wait::nothing:
            return "running";
        case runtime::Wait::input:
            return "input";
        case runtime::Wait::output:
            return "output";
        case runtime::Wait::messages:
            return "messages";
        case runtime::Wait::message_room:
            return "message_room";
        case runtime::Wait::pending:
            return "pending";
        case runtime::Wait::held:
            return "held";
        case runtime::Wait::done:
            return "done";
    }
    return "";
}

bool fits(const graph::Path& pattern, const graph::Path& name) {
    return pattern.steps.size() == name.steps.size() &&
           std::equal(pattern.steps.begin(), pattern.steps.end(), name.steps.begin(), [](const auto& p, const auto& n) {
               if (p.name != n.name || p.copies.has_value() != n.copies.has_value()) return false;
               return !p.copies || p.copies->all || p.copies->has(n.copies->ranges.front().first);
           });
}

}  // namespace

Requests::Requests(ControlStar& star, Started& started, int rank) : star_(star), started_(started), rank_(rank) {}

std::vector<int> blocks_named(const Started& started, const std::string& pattern) {
    const auto& names = started.block_names;
    if (const auto it = std::find(names.begin(), names.end(), pattern); it != names.end()) return {int(it - names.begin())};
    std::vector<int> found;
    std::string why;
    if (const auto wanted = graph::parse_path(pattern, 0, why)) {
        for (std::size_t b = 0; b < names.size(); ++b) {
            const auto name = graph::parse_path(names[b], 0, why);
            if (name && fits(*wanted, *name)) found.push_back(int(b));
        }
    }
    if (!found.empty()) return found;
    std::vector<std::string> known = names;
    for (const std::string& name : names) known.push_back(graph::without_indices(name));
    if (nearest_name(pattern, known) == pattern)
        throw Refused(Diagnostic{{}, "", "a block of the graph", pattern, fmt::format("did you mean `{}[*]`?", pattern), {}});
    Diagnostic wrong{{}, "", "a block of the graph", pattern, hint_for(pattern, known, ""), {}};
    if (wrong.hint.empty()) wrong.hint = hint_for(pattern, graph::merged_names(names), "the graph has: ");
    throw Refused(std::move(wrong));
}

// The last dot outside brackets parts the block from what is meant of it.
Requests::Target Requests::find(const std::string& name) const {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos || name.find(']', dot) != std::string::npos)
        throw Refused(Diagnostic{{}, "", "`block.name`, such as gain.constant or receive[*].demod.deviation", name, "", {}});
    return {blocks_named(started_, name.substr(0, dot)), name.substr(dot + 1)};
}

// Texts with units are read as in a graph file.
Value value_as_written(const Started& started, int block, const std::string& parameter, const Value& value) {
    const ParameterDeclaration* p = started.declarations[std::size_t(block)]->parameter(parameter);
    if (p == nullptr || !value.is<std::string>()) return value;
    graph::Node node;
    node.kind = graph::Node::Kind::scalar;
    node.text = value.string();
    Diagnostics found;
    const std::string key = fmt::format("{}.{}", started.block_names[std::size_t(block)], parameter);
    const auto read = graph::read_setting(node, *p, key, found);
    if (!found.empty()) throw Refused(std::move(found));
    return *read;
}

void Requests::route(int to, Word word, Value content) {
    if (closed_) return;
    ++sent_;
    if (to == rank_ || rank_ == 0)
        star_.send(to, word, content);
    else
        star_.send(0, Word::route, Routed{to, word, std::move(content)}.value());
}

void Requests::ask(Ask::What what, const std::string& name, const Value& value, const When& when, Done done) {
    const bool of_block = what == Ask::What::hold || what == Ask::What::release;
    const Target target = of_block ? Target{blocks_named(started_, name), ""} : find(name);
    using runtime::BlockDeclarations;
    if (!of_block)
        check_name(name, target,
                   what == Ask::What::get   ? &BlockDeclarations::readable
                   : what == Ask::What::set ? &BlockDeclarations::settable
                                            : &BlockDeclarations::callable);
    std::vector<Value> values;
    for (const int b : target.blocks)
        values.push_back(what == Ask::What::set ? value_as_written(started_, b, target.name, value) : value);
    const std::uint64_t id = ++last_id_;
    Open& open = open_[id];
    open.done = std::move(done);
    open.missing = target.blocks.size();
    for (std::size_t k = 0; k < target.blocks.size(); ++k) {
        const int b = target.blocks[k];
        open.results.push_back({started_.block_names[std::size_t(b)], {}});
        if (closed_) continue;
        route(started_.plan.rank_of[std::size_t(b)], Word::ask,
              Question{rank_, id, k, b, {what, target.name, values[k], when}}.value());
    }
    if (closed_) close("the run is ending");
}

// A name that the block does not have is a mistake of who asks; what the block says of a value is an answer.
void Requests::check_name(const std::string& name, const Target& target, Known known_of) const {
    const runtime::BlockDeclarations* last = nullptr;
    for (const int b : target.blocks) {
        const runtime::BlockDeclarations* one = started_.declarations[std::size_t(b)].get();
        if (std::exchange(last, one) == one) continue;  // copies share theirs
        const KnownNames known = (one->*known_of)(started_.block_names[std::size_t(b)]);
        if (known.has(target.name)) continue;
        Diagnostic wrong = known.mistake(target.name, name.substr(0, name.size() - target.name.size()));
        wrong.key = "name";
        throw Refused(std::move(wrong));
    }
}

void Requests::execute(const Question& question) {
    BlockTask* task = started_.tasks->task_of(question.block);
    task->named([&] {
        task->ask(question.ask,
                  [this, from = question.asker, id = question.id, place = question.place](const runtime::Answer& answer) {
                      route(from, Word::answer, Reply{id, place, answer}.value());
                  });
    });
}

std::uint64_t Requests::watch(const std::string& name, Seen seen) {
    const Target target = find(name);
    check_name(name, target, &runtime::BlockDeclarations::watchable);
    const std::uint64_t id = ++last_id_;
    watches_[id] = {target.blocks, target.name, std::move(seen)};
    for (const int b : target.blocks)
        route(started_.plan.rank_of[std::size_t(b)], Word::watch, Watching{rank_, id, b, target.name, true}.value());
    return id;
}

void Requests::unwatch(std::uint64_t id) {
    const auto it = watches_.find(id);
    if (it == watches_.end()) return;
    for (const int b : it->second.blocks)
        route(started_.plan.rank_of[std::size_t(b)], Word::watch, Watching{rank_, id, b, it->second.name, false}.value());
    watches_.erase(it);
}

void Requests::subscribe(const Watching& watching) {
    const int b = watching.block;
    const std::string& name = watching.name;
    auto& subscribers = subscribers_[b];
    if (!watching.begins) {
        std::erase_if(subscribers, [&](const Subscriber& s) { return s.rank == watching.asker && s.watch == watching.id; });
        return;
    }
    subscribers.push_back({watching.asker, watching.id, name, 0, {}});
    BlockTask& task = *started_.tasks->task_of(b);
    task.watch_parameters([this, b, &task](const std::string& parameter, std::uint64_t index, const Value& value) {
        publish(b, parameter, index, time_of(task.block(), index), value);
    });
    for (ReadingBase* reading : task.block().readings()) {
        if (reading->name() != name) continue;
        runtime::Access::watcher(*reading) = [this, b, name, &task](std::uint64_t index, const Value& value) {
            publish(b, name, index, time_of(task.block(), index), value);
        };
    }
    for (MessageOutput* port : task.block().message_outputs()) {
        if (port->name() != name) continue;
        task.watch_port(*port, [this, b, name, count = std::uint64_t(0)](const Time& stamp, const Value& value) mutable {
            publish(b, name, count++, stamp.value(), value);
        });
    }
}

/// Seconds in the recording; nothing for a block without streams.
Value Requests::time_of(const Block& one, std::uint64_t index) const {
    if (one.inputs().empty() && one.outputs().empty()) return {};
    const StreamDescription& d = one.inputs().empty() ? one.outputs()[0]->description() : one.inputs()[0]->description();
    return (d.origin + Time::of(std::int64_t(index), d.ticks)).value();
}

void Requests::publish(int b, const std::string& name, std::uint64_t index, const Value& time, const Value& value) {
    for (Subscriber& s : subscribers_[b]) {
        if (s.name != name || closed_) continue;
        if (s.held) s.dropped = s.held->dropped + 1;
        s.held = Sighting{s.watch, b, name, index, time, value, std::exchange(s.dropped, 0)};
        if (star_.under_way() < most_events_under_way) say_held(s);
    }
}

void Requests::say_held(Subscriber& s) {
    if (!s.held) return;
    route(s.rank, Word::event, s.held->value());
    s.held.reset();
}

void Requests::say_last() {
    for (auto& [block, subscribers] : subscribers_)
        for (Subscriber& s : subscribers) say_held(s);
}

void Requests::status(std::function<void(const Value::List&)> done) {
    if (closed_) return done({});
    status_done_ = std::move(done);
    states_.assign(started_.hosts.size(), {});
    states_missing_ = states_.size();
    for (std::size_t r = 0; r < states_.size(); ++r) star_.send(int(r), Word::state_asked);
}

Value Requests::block_states() const {
    Value::List states;
    std::map<int, Value::List> waits_for;
    for (const auto& e : started_.tasks->wait_edges()) waits_for[e.from].emplace_back(e.why);
    for (const BlockTask* t : std::as_const(*started_.tasks).blocks()) {
        const auto& s = t->statistics();
        states.emplace_back(Value::Map{{"number", t->number()},
                                       {"block", t->block().name()},
                                       {"rank", rank_},
                                       {"items_in", t->is_source() ? Value() : Value(s.items_in)},
                                       {"items_out", t->block().outputs().empty() ? Value() : Value(s.items_out)},
                                       {"fraction", t->progress()},
                                       {"waiting", name_of(t->waiting())},
                                       {"waits_for", std::move(waits_for[t->number()])},
                                       {"changes", t->changes() == nullptr ? 0U : t->changes()->applied().size()}});
    }
    return states;
}

bool Requests::handle(const ControlMessage& m) {
    const auto counted = [this] {
        ++received_;
        return !closed_;
    };
    switch (m.word) {
        case Word::route:
            if (const Routed r = Routed::from(m.content); !closed_) star_.send(r.to, r.word, r.content);
            break;
        case Word::ask:
            if (counted()) execute(Question::from(m.content));
            break;
        case Word::watch:
            if (counted()) subscribe(Watching::from(m.content));
            break;
        case Word::answer:
            ++received_;
            deliver(Reply::from(m.content));
            break;
        case Word::event:
            ++received_;
            deliver(Sighting::from(m.content));
            break;
        case Word::state_asked:
            if (!closed_) star_.send(0, Word::state, block_states());
            break;
        case Word::state:
            take_state(m.from, m.content);
            break;
        default:
            return false;
    }
    return true;
}

void Requests::take_state(int rank, const Value& state) {
    if (states_missing_ == 0) return;
    states_[std::size_t(rank)] = state;
    if (--states_missing_ > 0) return;
    Value::List all;
    for (const Value& one : states_) all.insert(all.end(), one.list().begin(), one.list().end());
    std::sort(all.begin(), all.end(),
              [](const Value& a, const Value& b) { return a.at("number").integer() < b.at("number").integer(); });
    std::exchange(status_done_, nullptr)(all);
}

void Requests::deliver(const Sighting& event) {
    const auto it = watches_.find(event.id);
    if (it == watches_.end()) return;
    const Seen seen = it->second.seen;  // it may end its own watch
    seen({started_.block_names[std::size_t(event.block)], event.name, event.index, event.time, event.seen, event.dropped});
}

void Requests::deliver(const Reply& reply) {
    const auto it = open_.find(reply.id);
    if (it == open_.end()) return;
    it->second.results[reply.place].answer = reply.answer;
    if (--it->second.missing > 0) return;
    const Open open = std::move(it->second);
    open_.erase(it);
    open.done(open.results);
}

void Requests::close(const std::string& reason) {
    closed_ = true;
    std::map<std::uint64_t, Open> open = std::move(open_);
    open_.clear();
    for (auto& [id, one] : open) {
        for (Result& r : one.results) r.answer.refusal = reason;
        one.done(one.results);
    }
    states_missing_ = 0;  // those that are under way are for nobody
    if (status_done_) std::exchange(status_done_, nullptr)({});
}

}  // namespace flowspan::run
