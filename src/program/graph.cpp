// The public face of a graph of a program.
#include "program/graph_state.hpp"

#include "core/mistakes/failure_of.hpp"
#include "graph/resolve/names.hpp"

#include <exception>

#include <fmt/format.h>

namespace flowspan {

using program::GraphState;
using What = runtime::Ask::What;

bool Future::ready() const { return question_->replies.has_value(); }
std::vector<Reply> Future::all() { return question_->wait(); }
Reply Future::get() {
    for (const Reply& r : question_->wait())
        if (!r.refusal.empty()) throw Failure(ExitCode::usage, r.block + ": " + r.refusal);
    return question_->wait().front();
}

Reply BlockProxy::set(const std::string& parameter, const Value& value, const When& when) const {
    return graph_->ask(What::set, name_, parameter, value, when);
}
Reply BlockProxy::get(const std::string& parameter) const { return graph_->ask(What::get, name_, parameter, {}, {}); }
Reply BlockProxy::call(const std::string& command, const Value::List& arguments, const When& when) const {
    return graph_->ask(What::call, name_, command, arguments, when);
}
Future BlockProxy::set_async(const std::string& parameter, const Value& value, const When& when) const {
    return Future(graph_->ask_async(What::set, name_, parameter, value, when));
}
Future BlockProxy::get_async(const std::string& parameter) const {
    return Future(graph_->ask_async(What::get, name_, parameter, {}, {}));
}
Future BlockProxy::call_async(const std::string& command, const Value::List& arguments, const When& when) const {
    return Future(graph_->ask_async(What::call, name_, command, arguments, when));
}
Future BlockProxy::hold(const When& when) const { return Future(graph_->ask_async(What::hold, name_, "", {}, when)); }
Future BlockProxy::release() const { return Future(graph_->ask_async(What::release, name_, "", {}, {})); }
void BlockProxy::watch(const std::string& name, const std::function<void(const Seen&)>& seen) const {
    graph_->watch(name_ + "." + name, seen);
}
std::vector<std::byte> BlockProxy::fetch_bytes(SampleType type, int root) const { return graph_->fetch(name_, type, root); }

Graph::Graph(Session& session, const std::string& name) : state_(std::make_shared<GraphState>(session.state_, name)) {}

Graph::~Graph() {
    try {
        if (!state_->running()) return;
        state_->abandon(std::uncaught_exceptions() > 0);
    } catch (const std::exception& e) { fmt::print(stderr, "flowspan: {}\n", failure_of(e).what()); }
}

BlockProxy Graph::add(const std::string& name, const std::string& type, const Value::Map& parameters, int copies) {
    state_->refuse_when_built();
    if (!graph::is_name(name))
        throw Failure(ExitCode::usage, fmt::format("expected a name of letters, digits, `_` and `-`, got {}", name));
    for (const auto& made : state_->blocks)
        if (made.name == name)
            throw Failure(ExitCode::usage, fmt::format("expected a new name, got {}, which the graph has", name));
    state_->blocks.push_back({name, type, parameters, copies});
    return {state_, name};
}

BlockProxy Graph::add_own(const std::string& name, const Value::Map& parameters, int copies,
                          const std::function<void(Registry&, const std::string&)>& add_type, const std::string& type) {
    const std::string own = "program." + type;
    if (state_->session().registry.find(own) == nullptr) add_type(state_->session().registry, own);
    return add(name, own, parameters, copies);
}

BlockProxy Graph::block(const std::string& name) const { return {state_, name}; }

void Graph::connect_chain(const std::vector<Port>& chain) {
    state_->refuse_when_built();
    std::string line;
    for (const Port& port : chain) line += (line.empty() ? "" : " -> ") + port.text;
    state_->connections.push_back(std::move(line));
}

void Graph::connect_messages(const Port& from, const Port& to, const MessageOptions& options) {
    state_->refuse_when_built();
    std::string line = from.text + " -> " + to.text, more;
    if (options.feedback_delay) more = fmt::format("feedback: {{delay: {} samples}}", *options.feedback_delay);
    if (options.order_of_arrival) more += std::string(more.empty() ? "" : ", ") + "order: arrival";
    state_->messages.push_back(more.empty() ? line : line + ": {" + more + "}");
}

void Graph::assign_names(int rank, const std::vector<std::string>& names) {
    state_->refuse_when_built();
    auto& all = state_->ranks[rank];
    all.insert(all.end(), names.begin(), names.end());
}

void Graph::assign_automatically() {
    state_->refuse_when_built();
    state_->automatic = true;
}

void Graph::unused(const Port& port) {
    state_->refuse_when_built();
    state_->unused.push_back(port.text);
}

std::string Graph::to_yaml() const { return state_->resolved(); }
void Graph::initialise(const RunOptions& options) { state_->initialise(options); }
void Graph::start() { state_->start(); }

Outcome Graph::run() {
    start();
    return wait();
}

bool Graph::poll() {
    state_->refuse_in_callback("poll");
    return state_->drive();
}

bool Graph::run_for(std::chrono::duration<double> time) {
    state_->refuse_in_callback("run_for");
    const auto until = std::chrono::steady_clock::now() + time;
    bool over = false;
    while (!over && std::chrono::steady_clock::now() < until) over = state_->drive();
    return over;
}

const Outcome& Outcome::or_throw() const {
    if (code != ExitCode::done) throw program::CommonFailure(code, cause.empty() ? "stopped on request" : cause);
    return *this;
}

Outcome Graph::wait() { return state_->finish(); }
void Graph::stop() { state_->stop(); }

}  // namespace flowspan
