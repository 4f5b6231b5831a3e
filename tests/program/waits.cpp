// What waits too long, and what would wait for ever.
#include "tests/program/cases.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

namespace flowspan::program_cases {

namespace {

/// Its first call takes 1.7 s.
struct Slow final : Block {
    Input<f32> in{*this, "in"};
    void describe() override {}
    void work(std::size_t) override {
        if (in.index() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1700));
    }
};

}  // namespace

// A call during which other ranks wait too long is a failure of its block; one rank alone is warned.
void slow(Session& session) {
    Graph graph(session, "slow");
    const auto source = graph.add<Counter>("source", {{"length", 1000}});
    const auto sink = graph.add<Slow>("sink");
    graph.connect(source, sink);
    graph.assign(session.size() - 1, sink);
    std::string log;
    RunOptions options;
    options.patience_s = 3;
    options.log = [&](const std::string& line) { log += line + "\n"; };
    graph.initialise(options);
    const Outcome outcome = graph.run();
    const std::string& text = session.size() > 1 ? outcome.cause : log;
    const bool as_promised = outcome.code == (session.size() > 1 ? ExitCode::block : ExitCode::done) &&
                             (session.rank() > 0 || text.find("one call took 1.") != std::string::npos) &&
                             (session.rank() > 0 || text.find("longer than half of --patience (3 s)") != std::string::npos);
    expect(session, as_promised, "code " + std::to_string(int(outcome.code)) + ": " + text);
    say(session, "told of the slow block");
}

// A block that is held and that nobody can release any more ends the run, with the reason, instead of waiting for ever.
void stuck(Session& session) {
    const auto mentions = [&](const std::string& text, const std::string& part) {
        expect(session, text.find(part) != std::string::npos, "no `" + part + "` in: " + text);
    };
    const std::string held = "gain waits for its release: it is held at 1234";
    {
        Graph graph(session, "beyond");  // rank 0 waits for what lies beyond its own hold
        const Line l = line(session, graph, 200000);
        start_held(graph, l);
        if (session.rank() == 0) {
            const std::string text = refused([&] { l.gain.set("constant", 3, at_sample(5000)); });
            mentions(text, "the run has failed: the flowgraph is in a deadlock");
            mentions(text, held);
            mentions(text, "the program of rank 0 waits within `gain.set(constant, 3, at ");
        }
        const Outcome outcome = graph.wait();
        expect(session, outcome.code == ExitCode::block, "code " + std::to_string(int(outcome.code)));
        mentions(outcome.cause, held);
        if (session.size() > 1) mentions(outcome.cause, "the program of rank 1 waits within `wait`");
    }
    {
        Graph graph(session, "forgotten");
        const Line l = line(session, graph, 200000);
        graph.initialise();
        (void)l.gain.hold(at_sample(1234));
        const Outcome outcome = graph.run();
        expect(session, outcome.code == ExitCode::block, "code " + std::to_string(int(outcome.code)));
        mentions(outcome.cause, held);
    }
    {
        Graph graph(session, "patient");  // who only looks now and then may release it at any time
        const Line l = line(session, graph, 200000);
        start_held(graph, l);
        if (session.rank() == 0) {
            expect(session, !graph.run_for(std::chrono::milliseconds(2500)), "it ended");
            l.gain.release();
        }
        expect_done(session, graph.wait());
    }
    {
        Graph graph(session, "elsewhere");  // another part of the graph goes on: it might be meant; the log says what waits
        const Line l = line(session, graph, 200000);
        const auto endless = graph.add("endless", "null_source", {{"sample_rate", 1000.0}});
        const auto nothing = graph.add("nothing", "null_sink");
        graph.connect(endless, nothing);
        std::string log;
        RunOptions options;
        options.until_stopped = true;
        options.patience_s = 2;
        options.log = [&](const std::string& text) { log += text + "\n"; };
        start_held(graph, l, options);
        std::thread stop;
        if (session.rank() == 0) {
            stop = std::thread([] {
                std::this_thread::sleep_for(std::chrono::milliseconds(3500));
                ::kill(::getpid(), SIGUSR1);
            });
            (void)refused([&] { l.gain.set("constant", 3, at_sample(5000)); });
            stop.join();
        }
        const Outcome outcome = graph.wait();
        expect(session, outcome.stopped, "code " + std::to_string(int(outcome.code)) + ": " + outcome.cause);
        if (session.rank() == 0) mentions(log, "`gain.set(constant, 3, at 5000)` has waited for 2 s");
    }
    say(session, "nobody waits for ever");
}

}  // namespace flowspan::program_cases
