// Programs that end by an exception: what `run_program` makes of it is looked at from outside.
#include "tests/program/cases.hpp"

#include <csignal>
#include <stdexcept>
#include <string>

namespace flowspan::program_cases {
namespace {

bool is_last(const Session& session) { return session.rank() == session.size() - 1; }

/// Crashes at its first sample.
struct Crasher final : Block {
    Input<f32> in{*this, "in"};
    void describe() override {}
    void work(std::size_t) override { std::raise(SIGSEGV); }
};

/// Does not want to go on.
struct Unwilling final : Block {
    Input<f32> in{*this, "in"};
    void describe() override {}
    void work(std::size_t) override { throw std::runtime_error("no more of this"); }
};

template <class B>
void run_into(Session& session, const std::string& name) {
    Graph graph(session, name);
    const auto source = graph.add<Counter>("source");
    const auto sink = graph.add<B>("sink");
    graph.connect(source, sink);
    graph.assign(0, source);
    graph.assign(session.size() - 1, sink);
    graph.initialise();
    graph.run().or_throw();
}

}  // namespace

// Mistakes that all ranks are told alike.
void mistakes(Session& session) {
    Graph graph(session, "mistakes");
    const auto source = graph.add("source", "signal_source", {{"sample_rate", "100khz"}, {"length", 10}});
    graph.connect(source, graph.add("sink", "nul_sink"));
    graph.initialise();
}

// One rank throws while the others go on: they are told, and what it threw is the cause.
void one(Session& session) {
    if (is_last(session)) throw std::runtime_error("the table is not there");
    Graph graph(session, "one");
    line(session, graph, 1000);
    graph.initialise();
}

// The same during a run.
void midway(Session& session) {
    Graph graph(session, "midway");
    const auto source = graph.add("source", "null_source", {{"sample_rate", 1000.0}});
    graph.connect(source, graph.add("sink", "null_sink"));
    graph.initialise({.until_stopped = true});
    graph.start();
    if (is_last(session)) throw std::runtime_error("seen enough");
    graph.wait().or_throw();
}

void failing(Session& session) { run_into<Unwilling>(session, "failing"); }
void crash(Session& session) { run_into<Crasher>(session, "crash"); }
void odd(Session&) { throw 42; }  // NOLINT(hicpp-exception-baseclass): that is the case

}  // namespace flowspan::program_cases
