// Programs that end early, leave, throw or stop.
#include "tests/program/cases.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace flowspan::program_cases {

// A rank whose program ends early: the others are told, and wait for nothing.
void early(Session& session) {
    if (session.rank() == session.size() - 1 && session.size() > 1) return;
    Graph graph(session, "early");
    line(session, graph, 1000);
    if (session.size() == 1) return say(session, "not left alone");
    const std::string text = refused([&] { graph.initialise(); });
    expect(session,
           text.find("rank " + std::to_string(session.size() - 1) + " is at the end of the program") != std::string::npos,
           text);
    say(session, "not left alone");
}

// A program that leaves while the run goes on serves it to its end; one that throws ends it for all.
void leave(Session& session) {
    {
        Graph graph(session, "leave");
        const Line l = line(session, graph, 1000000);
        graph.initialise();
        graph.start();
        if (session.rank() != session.size() - 1) expect_done(session, graph.wait());
    }
    Graph graph(session, "throw");
    const Line l = line(session, graph, 50000000);
    const auto endless = graph.add("endless", "null_source", {{"sample_rate", 1000.0}});
    const auto nothing = graph.add("nothing", "null_sink");
    graph.connect(endless, nothing);
    (void)l;
    (void)refused([&] { graph.initialise(); });
    say(session, "served to the end");
}

// A program that throws while the run goes on ends it for all, with a cause.
void throws(Session& session) {
    const bool thrower = session.rank() == session.size() - 1;
    std::string cause;
    try {
        Graph graph(session, "throws");
        const auto source = graph.add("source", "null_source", {{"sample_rate", 1000.0}});
        graph.connect(source, graph.add("sink", "null_sink"));
        graph.initialise({.until_stopped = true});
        graph.start();
        if (thrower) throw std::runtime_error("as asked for");
        const Outcome outcome = graph.wait();
        expect(session, outcome.code == ExitCode::block, "the run has failed");
        cause = outcome.cause;
    } catch (const std::runtime_error& e) { cause = e.what(); }
    const std::string wanted = thrower ? "as asked for" : "the program of this rank was ended by an exception";
    expect(session, cause.find(wanted) != std::string::npos, cause);
    expect(session, thrower || cause.find("rank " + std::to_string(session.size() - 1)) != std::string::npos, cause);
    say(session, "ended for all");
}

// Stopped by one rank, while a block is held: nothing waits for its release, and the others, whatever they wait in and however
// late they come, see the same end.
void stop(Session& session) {
    Graph graph(session, "stop");
    const auto source = graph.add("source", "signal_source", {{"kind", "noise"}, {"sample_rate", "1 MHz"}});
    const auto sink = graph.add("sink", "null_sink");
    graph.connect(source, sink);
    graph.assign(0, source);
    graph.assign(session.size() - 1, sink);
    graph.initialise({.until_stopped = true});
    Future held = source.hold(at_sample(100000));
    graph.start();
    if (session.rank() == session.size() - 1) {
        expect(session, !graph.run_for(std::chrono::milliseconds(100)), "it goes on: nobody else stops it");
        graph.stop();
    } else if (session.rank() == 0) {
        expect(session, graph.run_for(std::chrono::hours(1)), "the stop ends it");
    } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(150 * (session.rank() - 1)));
    }
    const Outcome outcome = graph.wait();
    expect(session, outcome.stopped && outcome.code == ExitCode::stopped, "it was stopped");
    say(session, "stopped");
}

}  // namespace flowspan::program_cases
