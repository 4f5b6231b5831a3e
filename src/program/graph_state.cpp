#include "program/graph_state.hpp"

#include "core/mistakes/failure_of.hpp"
#include "core/mistakes/names.hpp"
#include "core/say.hpp"
#include "graph/spec.hpp"
#include "run/agree/together.hpp"
#include "run/signs/attended.hpp"
#include "run/signs/watch.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::program {
namespace {

using runtime::Ask;

std::string word(Ask::What what) {
    switch (what) {
        case Ask::What::get:
            return "get";
        case Ask::What::set:
            return "set";
        case Ask::What::call:
            return "call";
        case Ask::What::hold:
            return "hold";
        case Ask::What::release:
            return "release";
    }
    return "";
}

/// The call as the ranks compare it, and as people read it.
std::string call_text(Ask::What what, const std::string& block, const std::string& name, const Value& value, const When& when) {
    std::string text = fmt::format("{}.{}({}", block, word(what), name);
    if (what == Ask::What::set || what == Ask::What::call) text += ", " + value.json();
    if (when.kind != When::Kind::next_step) text += (text.back() == '(' ? "at " : ", at ") + when.value().json();
    return text + ")";
}

Value reply_value(const Reply& r) { return Value::List{r.block, r.refusal, r.value, r.index}; }
Reply reply_from(const Value& v) {
    const Value::List& p = v.list();
    return {p[0].string(), p[1].string(), p[2], std::uint64_t(p[3].integer())};
}

Reply first_of(const std::vector<Reply>& replies, const std::string& call) {
    for (const Reply& r : replies)
        if (!r.refusal.empty()) throw Failure(ExitCode::usage, fmt::format("{}: {}: {}", call, r.block, r.refusal));
    return replies.front();
}

}  // namespace

std::vector<Reply>& Question::wait() {
    const auto graph = graph_.lock();
    if (!replies && graph != nullptr && graph->running()) {
        graph->refuse_in_callback(call_);
        graph->drive_until(call_, [this] { return replies.has_value(); });
    }
    if (!replies) throw Failure(ExitCode::usage, "the run has ended without an answer");
    return *replies;
}

GraphState::GraphState(std::shared_ptr<SessionState> session, std::string name)
    : session_(std::move(session)), name_(std::move(name)) {}

GraphState::~GraphState() = default;

void GraphState::refuse_when_built() const {
    if (phase_ != Phase::building) throw Failure(ExitCode::usage, "the graph is built: after `initialise` its shape stays");
}

void GraphState::refuse_in_callback(const std::string& call) const {
    if (in_callback_)
        throw Failure(ExitCode::usage, fmt::format("`{}` waits, which a callback cannot: use the asynchronous form", call));
}

std::string GraphState::text() const {
    std::string yaml = "flowspan: 1\nname: " + graph::yaml_text(name_) + "\nblocks:\n";
    for (const Made& made : blocks) {
        yaml += fmt::format("  {}: {{type: {}", made.name, graph::yaml_text(made.type));
        if (made.copies > 0) yaml += fmt::format(", copies: {}", made.copies);
        for (const auto& [key, value] : made.parameters) yaml += fmt::format(", {}: {}", key, graph::yaml_text(value));
        yaml += "}\n";
    }
    const auto list = [&](const char* section, const std::vector<std::string>& lines) {
        if (!lines.empty()) yaml += fmt::format("{}:\n", section);
        for (const std::string& line : lines) yaml += "  - " + line + "\n";
    };
    list("connections", connections);
    list("messages", messages);
    list("unused", unused);
    if (automatic) yaml += "ranks: auto\n";
    if (!automatic && !ranks.empty()) yaml += "ranks:\n";
    for (const auto& [rank, names] : ranks) {
        if (!automatic) yaml += fmt::format("  {}: \"{}\"\n", rank, fmt::join(names, ", "));
    }
    return yaml;
}

std::string GraphState::resolved() const { return started_ == nullptr ? text() : graph::to_yaml(started_->graph->spec()); }

void GraphState::initialise(const RunOptions& options) {
    refuse_when_built();
    const std::string yaml = text();
    session_->together("initialise of " + yaml);
    comm::Communicator& communicator = session_->communicator();
    run::JobRequest request;
    request.graph_text = yaml;
    request.graph_file = name_ + " (C++)";
    request.out = options.out;
    request.overwrite = options.overwrite;
    request.until_stopped = options.until_stopped;
    request.patience_s = options.patience_s;
    request.isa = options.isa;
    request.chunk_seed = options.chunk_seed;
    request.max_chunk = options.max_chunk;
    hooks_.note = options.log ? options.log : [](const std::string& line) { say_line(line); };
    run::make_process_ready();
    signals_ = std::make_unique<run::Signals>(session_->term_is_stop);
    try {
        started_ = run::start_up(session_->team(), session_->registry, request, hooks_);
    } catch (const run::ToldToLeave& told) {  // MPI would wait for other ranks
        if (communicator.rank() == 0 && !told.said) say_line("flowspan: " + run::told_text() + "; nothing is published");
        std::_Exit(int(ExitCode::communication));
    }
    phase_ = Phase::ready;
}

void GraphState::start() {
    session_->together("start of " + name_);
    if (phase_ != Phase::ready)
        throw Failure(ExitCode::usage, phase_ == Phase::building ? "`start` comes after `initialise`" : "a graph runs once");
    loop_ = std::make_unique<run::Loop>(session_->communicator(), *started_, hooks_);
    loop_->waits_within(std::nullopt);
    started_->tasks->open();
    session_->running = true;
    phase_ = Phase::running;
    for (const auto& begin : std::exchange(at_start_, {})) begin();
    loop_->begin_together();  // who watches from the start sees the first of it, and who holds is there in time
    loop_->serve();
}

bool GraphState::drive() {
    if (phase_ == Phase::over) return true;
    if (phase_ != Phase::running) throw Failure(ExitCode::usage, "`poll` and `wait` come after `start`");
    const bool over = loop_->turn();
    if (over) {
        const run::JobResult result = loop_->result();
        outcome_ = {result.code, result.cause, result.code == ExitCode::stopped, result.report, result.products};
        phase_ = Phase::over;
        session_->running = false;
    }
    call_back();
    return over;
}

void GraphState::call_back() {
    while (!callbacks_.empty() && !in_callback_) {
        const auto callback = std::move(callbacks_.front());
        callbacks_.pop_front();
        struct Within {
            bool& flag;
            explicit Within(bool& f) : flag(f) { flag = true; }
            ~Within() { flag = false; }
        } const within{in_callback_};
        callback();
    }
}

void GraphState::drive_until(const std::string& call, const std::function<bool()>& answered) {
    struct Back {
        run::Loop& loop;
        ~Back() { loop.waits_within(std::nullopt); }
    } const back{*loop_};
    loop_->waits_within(call, bool(answered));
    while (!(answered && answered()) && !drive()) {}
}

Outcome GraphState::finish() {
    refuse_in_callback("wait");
    if (!drive()) drive_until("wait");
    return outcome_;
}

void GraphState::stop() {
    if (phase_ == Phase::running) loop_->stop();
}

void GraphState::abandon(bool by_exception) {
    in_callback_ = false;
    callbacks_.clear();
    if (by_exception) loop_->give_up("the program of this rank was ended by an exception");
    loop_->waits_within("the end of the program");
    while (!loop_->turn()) {}
    loop_->result();
    phase_ = Phase::over;
    session_->running = false;
}

int GraphState::number_of(const std::string& block) const { return run::blocks_named(*started_, block).front(); }

Reply GraphState::ask(Ask::What what, const std::string& block, const std::string& name, const Value& value, const When& when) {
    const std::string call = call_text(what, block, name, value, when);
    refuse_in_callback(call);
    if (phase_ == Phase::building) return ask_while_building(what, block, name, value);
    if (phase_ == Phase::running) return first_of(ask_async(what, block, name, value, when)->wait(), call);
    return ask_together(what, block, name, value, when);
}

Reply GraphState::ask_while_building(Ask::What what, const std::string& block, const std::string& name, const Value& value) {
    const auto made =
        std::find_if(blocks.begin(), blocks.end(), [&](const Made& m) { return m.name == block || m.name + "[*]" == block; });
    if (made == blocks.end()) {
        KnownNames known{"a block of the graph", {}, "the graph"};
        for (const Made& m : blocks) known.names.push_back(m.name);
        throw Refused(known.mistake(block));
    }
    if (what == Ask::What::set) {
        made->parameters[name] = value;
        return {block, "", value, 0};
    }
    if (what != Ask::What::get) throw Failure(ExitCode::usage, fmt::format("`{}` comes after `initialise`", word(what)));
    if (const auto given = made->parameters.find(name); given != made->parameters.end()) return {block, "", given->second, 0};
    const BlockType* type = session_->registry.find(made->type);
    const auto prototype = type == nullptr ? nullptr : type->variants[0].make();
    KnownNames known{"a parameter of " + block, {}};
    if (prototype != nullptr) {
        if (const ParameterBase* parameter = prototype->parameter(name)) return {block, "", parameter->value(), 0};
        for (const ParameterBase* p : prototype->parameters()) known.names.push_back(p->name());
    }
    throw Refused(known.mistake(name));
}

// All ranks make the call; those who run the blocks say what came of it.
Reply GraphState::ask_together(Ask::What what, const std::string& block, const std::string& name, const Value& value,
                               const When& when) {
    const std::string call = call_text(what, block, name, value, when);
    session_->together(call);
    const std::vector<int> numbers = run::blocks_named(*started_, block);  // throws on every rank alike, as does the next
    std::vector<Value> values;
    for (const int b : numbers)
        values.push_back(what == Ask::What::set ? run::value_as_written(*started_, b, name, value) : value);
    Value::List own;
    std::string trouble;
    try {
        for (std::size_t k = 0; k < numbers.size(); ++k) {
            const int b = numbers[k];
            runtime::BlockTask* task = started_->tasks->task_of(b);
            if (task == nullptr) continue;
            const Value& read = values[k];
            const Ask ask{what, name, read, when};
            Reply reply{started_->block_names[std::size_t(b)], "", read, 0};
            if (when.kind == When::Kind::next_step) {
                task->named([&] {
                    task->ask(ask, [&reply](const runtime::Answer& a) {
                        reply.refusal = a.refusal;
                        reply.value = a.value;
                        reply.index = a.index;
                    });
                });
            } else {
                reply.refusal = task->schedule(ask);
                reply.index = when.sample;
            }
            own.push_back(reply_value(reply));
        }
    } catch (const std::exception& e) { trouble = failure_of(e).what(); }
    std::vector<Reply> replies;
    for (const std::string& rank : session_->communicator().all_gather(run::packed(Value::List{own, trouble}))) {
        const Value said = run::unpacked(rank);
        if (!said.list()[1].string().empty()) throw Failure(ExitCode::usage, call + ": " + said.list()[1].string());
        for (const Value& r : said.list()[0].list()) replies.push_back(reply_from(r));
    }
    return first_of(replies, call);
}

std::shared_ptr<Question> GraphState::ask_async(Ask::What what, const std::string& block, const std::string& name,
                                                const Value& value, const When& when) {
    auto question = std::make_shared<Question>(weak_from_this(), call_text(what, block, name, value, when));
    const auto begin = [this, what, full = name.empty() ? block : block + "." + name, value, when, question] {
        loop_->requests().ask(what, full, value, when, [question](const std::vector<run::Requests::Result>& results) {
            std::vector<Reply> replies;
            for (const auto& r : results) replies.push_back({r.block, r.answer.refusal, r.answer.value, r.answer.index});
            question->replies = std::move(replies);
        });
    };
    if (phase_ == Phase::running) {
        begin();
    } else if (phase_ == Phase::ready && what == Ask::What::hold) {
        // The block has it before anything flows; the answer comes once it stands there.
        ask_together(what, block, name, value, when.kind == When::Kind::next_step ? at_sample(0) : when);
        at_start_.push_back(begin);
    } else {
        throw Failure(ExitCode::usage, fmt::format("`{}`: questions without waiting are for a run that goes on",
                                                   call_text(what, block, name, value, when)));
    }
    return question;
}

void GraphState::watch(const std::string& name, const std::function<void(const Seen&)>& seen) {
    const auto begin = [this, name, seen] {
        loop_->requests().watch(name, [this, seen](const run::Event& e) {
            const std::optional<double> seconds = e.time.is_null() ? std::nullopt : std::optional<double>(e.time.real());
            callbacks_.push_back([seen, s = Seen{e.block, e.name, e.index, seconds, e.value, e.dropped}] { seen(s); });
        });
    };
    if (phase_ == Phase::running)
        begin();
    else if (phase_ == Phase::ready)
        at_start_.push_back(begin);
    else
        throw Failure(ExitCode::usage, "`watch` comes after `initialise`");
}

std::vector<std::byte> GraphState::fetch(const std::string& block, SampleType type, int root) {
    refuse_in_callback("fetch");
    session_->together(fmt::format("{}.fetch<{}>({})", block, flowspan::name_of(type), root));
    if (phase_ != Phase::over) throw Failure(ExitCode::usage, fmt::format("{}.fetch comes after the run", block));
    comm::Communicator& communicator = session_->communicator();
    const int number = number_of(block), owner = started_->plan.rank_of[std::size_t(number)];
    const HoldsSamples* sink = nullptr;
    std::string state;
    if (communicator.rank() == owner) {
        sink = dynamic_cast<const HoldsSamples*>(&started_->tasks->task_of(number)->block());
        if (sink == nullptr)
            state = fmt::format("{} keeps no samples in memory", block);
        else if (sink->held_type() != type)
            state = fmt::format("{} holds {} samples, not {}", block, flowspan::name_of(sink->held_type()),
                                flowspan::name_of(type));
        state = std::to_string(sink == nullptr ? 0 : sink->held().size()) + " " + state;
    }
    state = communicator.all_gather(state)[std::size_t(owner)];
    const std::size_t bytes = std::stoull(state), blank = state.find(' ');
    if (blank + 1 < state.size()) throw Failure(ExitCode::usage, state.substr(blank + 1));
    if (owner == root) return communicator.rank() == root ? sink->held() : std::vector<std::byte>{};
    constexpr std::size_t piece = std::size_t(1) << 28;
    std::vector<std::byte> samples(communicator.rank() == root ? bytes : 0);
    for (std::size_t at = 0; at < bytes; at += piece) {
        const std::size_t n = std::min(piece, bytes - at);
        comm::Request request;
        if (communicator.rank() == owner) request = communicator.send(root, comm::Lane::payload, sink->held().data() + at, n);
        if (communicator.rank() == root) request = communicator.receive(owner, comm::Lane::payload, samples.data() + at, n);
        while (!communicator.test(request)) {}
    }
    return samples;
}

}  // namespace flowspan::program
