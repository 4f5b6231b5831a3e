// Programs of many ranks, a case each, by name: every rank runs the same, as programs of users do. Prints what rank 0 found,
// the same at any number of ranks; exit code 1 and a line when something does not hold.
//
//     mpirun -n 4 program_cases hold
#include <flowspan/block.hpp>
#include <flowspan/blocks.hpp>
#include <flowspan/program.hpp>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>

using namespace flowspan;

namespace {

[[noreturn]] void wrong(const Session& session, const std::string& what) {
    throw std::runtime_error("rank " + std::to_string(session.rank()) + ": " + what);
}
void expect(const Session& session, bool holds, const std::string& what) {
    if (!holds) wrong(session, what);
}
template <class F>
std::string refused(F f) {
    try {
        f();
    } catch (const std::exception& e) { return e.what(); }
    return "nothing was refused";
}
void say(const Session& session, const std::string& line) {
    if (session.rank() == 0) std::printf("%s\n", line.c_str());
}
std::uint64_t hash(const void* data, std::size_t bytes, std::uint64_t h = 0xcbf29ce484222325U) {
    const auto* p = static_cast<const unsigned char*>(data);
    for (std::size_t k = 0; k < bytes; ++k) h = (h ^ p[k]) * 0x100000001b3U;
    return h;
}

/// Each sample is its index, real; as long as it is told.
struct Counter final : Block {
    Parameter<std::int64_t> length{*this, "length", {.initial = 1000}};
    Output<f32> out{*this, "out"};
    void describe() override {
        StreamDescription d;
        d.sample_rate = Rational(1000);
        out.describe(d);
        total(std::uint64_t(length.get()));
    }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) out[std::ptrdiff_t(k)] = f32((out.index() + k) % 4096);
    }
};

/// Sends a message for every tenth sample, of sizes from nothing to some kilobytes.
struct Sender final : Block {
    Parameter<int> seed{*this, "seed", {.initial = 1}};
    Input<f32> in{*this, "in"};
    MessageOutput said{*this, "said"};
    void describe() override {}
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint64_t index = in.index() + k;
            if (index % 10 != 0) continue;
            const std::uint64_t size = (index * 2654435761U + std::uint64_t(seed.get()) * 97) % 997;
            said.send(index,
                      Value::Map{{"from", seed.get()}, {"index", index}, {"text", std::string(size * size % 3001, 'x')}});
        }
    }
};

/// Receives in order, and keeps count and a hash of all of it.
struct Listener final : Block {
    MessageInput in{*this, "in"};
    MessageOutput passed{*this, "passed"};
    Reading<std::int64_t> count{*this, "count", {.help = "Messages so far."}};
    Command<std::string()> digest{*this, "digest", {.changes = false, .help = "Of all messages."}, [this] {
                                      return std::to_string(messages_) + " " + std::to_string(hash_);
                                  }};
    void describe() override {}
    void receive(MessageInput&, const Message& m) override {
        const std::string line = m.stamp.text() + m.value.json();
        hash_ = hash(line.data(), line.size(), hash_);
        ++messages_;
        if (messages_ % 1000 == 0) count.update(std::uint64_t(messages_), messages_);
        passed.send(Value(double(messages_ % 7)));
    }
    Value results() const override { return Value::Map{{"messages", messages_}, {"hash", std::to_string(hash_)}}; }
    std::uint64_t hash_ = 0xcbf29ce484222325U;
    std::int64_t messages_ = 0;
};

/// y = factor x; messages set the factor.
struct Steered final : Block {
    Parameter<double> factor{*this, "factor", {.initial = 1.0, .when = Change::running, .message = "set"}};
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    MessageInput set{*this, "set"};
    void describe() override { out.describe(in.description()); }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) out[std::ptrdiff_t(k)] = in[std::ptrdiff_t(k)] * f32(factor.get());
    }
};

/// Its first call takes 1.7 s.
struct Slow final : Block {
    Input<f32> in{*this, "in"};
    void describe() override {}
    void work(std::size_t) override {
        if (in.index() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1700));
    }
};

struct Line {
    BlockProxy source, first, gain, second, sink;
};
Line line(Session& session, Graph& graph, std::int64_t length) {
    Line l{graph.add<Counter>("source", {{"length", length}}), graph.add("first", "copy"),
           graph.add("gain", "multiply_const", {{"constant", 1}}), graph.add("second", "copy"),
           graph.add("sink", "vector_sink")};
    graph.connect(l.source, l.first, l.gain, l.second, l.sink);
    graph.assign(0, l.source, l.first);
    graph.assign(session.size() / 2, l.gain);
    graph.assign(session.size() - 1, l.second, l.sink);
    return l;
}

/// Begins the run, and returns when the gain stands before sample 1234.
void start_held(Graph& graph, const Line& l, const RunOptions& options = {}) {
    graph.initialise(options);
    Future there = l.gain.hold(at_sample(1234));
    graph.start();
    there.get();
}

void expect_done(const Session& session, const Outcome& o) { expect(session, o.code == ExitCode::done, "the run: " + o.cause); }

// A hold makes a change land where the program says, whatever the timing.
void hold(Session& session) {
    Graph graph(session, "hold");
    const Line l = line(session, graph, 200000);
    graph.initialise();
    Future there = l.gain.hold(at_sample(1234));
    graph.start();
    const std::uint64_t at = there.get().index;
    expect(session, at == 1234, "held at " + std::to_string(at));
    if (session.rank() == session.size() - 1) {
        const Reply set = l.gain.set("constant", 3);
        expect(session, set.index == 1234, "set at " + std::to_string(set.index));
        expect(session, l.gain.get("constant").value.real() == 3, "the value is read back");
        l.gain.release();
    }
    const Outcome outcome = graph.wait();
    expect_done(session, outcome);
    const auto y = l.sink.fetch<f32>();
    if (session.rank() != 0) return;
    expect(session, y.size() == 200000, "all samples are there");
    for (std::size_t k = 0; k < y.size(); ++k)
        expect(session, y[k] == f32(k % 4096) * (k < 1234 ? 1.0F : 3.0F), std::to_string(k));
    say(session, "held and changed at 1234; schedule " + outcome.report.at("schedule").json());
}

// Every rank asks while samples flow; the answers say where, and the samples agree.
void ask(Session& session) {
    Graph graph(session, "ask");
    const Line l = line(session, graph, 3000000);
    graph.initialise();
    graph.start();
    Future later = l.gain.set_async("constant", 0.5, at_sample(2000000 + std::uint64_t(session.rank())));
    Future now = l.gain.get_async("constant");
    expect(session, now.get().value.real() == 1, "the value before");
    expect(session, later.get().index == 2000000 + std::uint64_t(session.rank()), "the answer names the sample");
    expect(session, refused([&] { l.gain.set("constant", "loud"); }).find("expected a number, got loud") != std::string::npos,
           "a wrong value is refused");
    expect(session, refused([&] { l.gain.set("konstant", 1); }).find("that may change while it runs") != std::string::npos,
           "a wrong name is refused");
    expect(session, refused([&] { l.gain.set("constant", 1, at_sample(5)); }).find("on, got 5") != std::string::npos,
           "a sample that has passed is refused");
    expect(session, refused([&] { l.sink.fetch<f32>(); }).find("before `start` or after the run") != std::string::npos,
           "what concerns all ranks does not go during a run");
    Future never = l.gain.set_async("constant", 9, at_sample(3000001));
    expect_done(session, graph.wait());
    expect(session, refused([&] { never.get(); }) != "nothing was refused", "what was never reached is said");
    expect(session, refused([&] { l.gain.set_async("constant", 1); }).find("a run that goes on") != std::string::npos,
           "it is over");
    expect(session, l.gain.get("constant").value.real() == 0.5, "the value after the run");
    const auto y = l.sink.fetch<f32>(session.size() - 1);
    if (session.rank() == session.size() - 1) {
        expect(session, y.size() == 3000000, "all samples are there");
        for (std::size_t k = 0; k < y.size(); ++k) {
            if (y[k] != f32(k % 4096) * (k < 2000000 ? 1.0F : 0.5F)) wrong(session, "sample " + std::to_string(k));
        }
    }
    say(session, "asked from every rank");
}

// Callbacks come on the rank that watches, in order, and cannot wait.
void watch(Session& session) {
    Graph graph(session, "watch");
    const Line l = line(session, graph, 500000);
    const auto sender = graph.add<Sender>("sender");
    const auto probe = graph.add("probe", "probe", {{"every", 50000}});
    const auto log = graph.add<Listener>("listener");
    graph.connect(l.first, sender);
    graph.connect(l.first, probe);
    graph.connect_messages(sender, log["in"]);
    graph.unused(probe["out"]);
    graph.initialise();
    Future there = l.gain.hold(at_sample(400000));
    std::size_t changes = 0, frames = 0, messages = 0;
    std::uint64_t last = 0;
    std::string in_callback;
    l.gain.watch("constant", [&](const Seen& s) {
        ++changes;
        in_callback = refused([&] { l.gain.get("constant"); });
        if (s.value.real() != 7 || s.index < 400000 || s.index > 400001) in_callback = "saw another change";
    });
    probe.watch("peak", [&](const Seen& s) { frames += s.dropped + (s.value.real() == 4095 ? 1U : 0U); });
    sender.watch("said", [&](const Seen& s) {
        if (messages > 0 && s.index < last) in_callback = "messages out of order";
        last = s.index;
        messages += 1 + s.dropped;
    });
    graph.start();
    there.get();
    if (session.rank() == 0) {
        l.gain.set("constant", 7);
        l.gain.release();
    }
    expect_done(session, graph.wait());
    expect(session, changes == 1, "one change was seen, not " + std::to_string(changes));
    expect(session, in_callback.find("which a callback cannot") != std::string::npos, in_callback);
    expect(session, frames == 10, std::to_string(frames) + " frames");
    expect(session, messages > 0 && messages <= 50000, std::to_string(messages) + " messages");
    say(session, "watched from every rank");
}

// Two senders on two ranks, one listener, and a stream block that messages steer: the same at any number of ranks.
void messages(Session& session) {
    Graph graph(session, "messages");
    const auto source = graph.add<Counter>("source", {{"length", 500000}});
    const auto one = graph.add<Sender>("one", {{"seed", 1}}), two = graph.add<Sender>("two", {{"seed", 2}});
    const auto listener = graph.add<Listener>("listener");
    const auto steered = graph.add<Steered>("steered");
    const auto sink = graph.add("sink", "vector_sink");
    graph.connect(source, one);
    graph.connect(source, two);
    graph.connect(source, steered, sink);
    graph.connect_messages(one, listener["in"]);
    graph.connect_messages(two, listener["in"]);
    graph.connect_messages(listener["passed"], steered["set"]);
    graph.assign(0, source);
    graph.assign(session.size() / 4, one);
    graph.assign(session.size() / 2, two, steered, sink);
    graph.assign(session.size() - 1, listener);
    graph.initialise({.chunk_seed = 3});
    expect_done(session, graph.run());
    const Reply digest = listener.call("digest");
    const auto y = sink.fetch<f32>();
    expect(session, digest.value.string().starts_with("100000 "), "100000 messages came: " + digest.value.string());
    if (session.rank() == 0) expect(session, y.size() == 500000, "all samples are there");
    say(session, "messages " + digest.value.string() + ", samples " + std::to_string(hash(y.data(), y.size() * sizeof(f32))));
}

// Mistakes of single ranks are everybody's, and nobody hangs.
void mismatch(Session& session) {
    if (session.size() == 1) return say(session, "told apart");
    Graph graph(session, "mismatch");
    const Line l = line(session, graph, 1000);
    graph.initialise();
    const bool odd = session.rank() == session.size() - 1;
    const std::string text = refused([&] { odd ? l.gain.set("constant", 2) : l.gain.get("constant"); });
    expect(session,
           text.find("rank 0 is at `gain.get(constant)`, rank " + std::to_string(session.size() - 1) +
                     " is at `gain.set(constant, 2)`") != std::string::npos,
           text);
    expect_done(session, graph.run());
    say(session, "told apart");
}

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

// Bad blocks on one rank are refused on all, before anything runs.
struct Picky final : Block {
    Parameter<int> rank{*this, "rank", {.initial = 0}};
    Output<f32> out{*this, "out"};
    void describe() override {
        StreamDescription d;
        out.describe(d);
        total(10);
    }
    void prepare() override { rank.refuse("another rank"); }
};
struct Fragile final : Block {
    Output<f32> out{*this, "out"};
    Fragile() {
        if (fails) throw std::runtime_error("no such device on this node");
    }
    void describe() override {
        StreamDescription d;
        out.describe(d);
        total(10);
    }
    static inline bool fails = false;
};
void construction(Session& session) {
    {
        Fragile::fails = session.rank() == session.size() - 1;
        Graph graph(session, "fragile");
        graph.connect(graph.add<Fragile>("fragile"), graph.add("sink", "null_sink"));
        const std::string text = refused([&] { graph.initialise(); });
        const std::string rank = session.size() == 1 ? "" : "on rank " + std::to_string(session.size() - 1);
        expect(session,
               text.find("blocks.fragile: expected") != std::string::npos &&
                   text.find("no such device on this node") != std::string::npos && text.find(rank) != std::string::npos,
               text);
    }
    Graph graph(session, "construction");
    for (int k = 0; k < session.size(); ++k) {
        const auto picky = graph.add<Picky>("picky" + std::to_string(k), {{"rank", k}});
        const auto sink = graph.add("sink" + std::to_string(k), "null_sink");
        graph.connect(picky, sink);
        graph.assign(k, picky, sink);
    }
    const std::string text = refused([&] { graph.initialise(); });
    for (int k = 0; k < session.size(); ++k)
        expect(session, text.find("picky" + std::to_string(k)) != std::string::npos,
               "rank " + std::to_string(k) + " is named: " + text);
    say(session, "refused everywhere");
}

// Blocks as classes: values come back as what they were declared.
void typed(Session& session) {
    Graph graph(session, "typed");
    const auto source = graph.add<Counter>("source", {{"length", 500000}});
    const blocks::multiply_const gain(graph, "gain", {.constant = 1});
    const blocks::probe probe(graph, "probe", {.every = 50000});
    const blocks::vector_sink sink(graph, "sink");
    const blocks::vector_source list(graph, "list", {.data = {{1, 0.5, -2}}, .datatype = "rf32"});
    const blocks::copy copies(graph, "copies", {}, 2);
    const auto sender = graph.add<Sender>("sender");
    const auto listener = graph.add<Listener>("listener");
    graph.connect(source, gain, probe, sink);
    graph.connect(source, sender);
    graph.connect(list, graph.block("copies[*]"));
    graph.unused(Port{"copies[*].out"});
    graph.connect_messages(sender, listener["in"]);
    graph.assign(0, source, list);
    graph.assign(session.size() - 1, gain, probe, sink);
    expect(session, gain.constant.get() == 1 && gain.imaginary.get() == 0, "values and defaults before `initialise`");
    gain.set("constant", "1 + 1");
    const std::string text = refused([&] { gain.constant.get(); });
    expect(session, text == "gain.constant: expected a number, got 1 + 1", text);
    const std::string nothing = refused([&] { list.sample_rate.get(); });
    expect(session, nothing == "list.sample_rate: expected a number, got nothing", nothing);
    graph.initialise();
    expect(session, gain.constant.get() == 2 && probe.every.get() == 50000, "values after it");
    expect(session, list.data.get() == std::vector<double>{1, 0.5, -2} && list.datatype.get() == "rf32", "lists and texts");
    expect(session, !probe.peak.get(), "no reading before the run");
    Future there = gain.hold(at_sample(1234));
    std::size_t peaks = 0, changes = 0;
    probe.peak.watch([&](double peak, const Seen& seen) { peaks += peak == 16380 && seen.index % 50000 == 0 ? 1U : 0U; });
    gain.constant.watch([&](double value, const Seen& seen) { changes += value == 4 && seen.index == 1234 ? 1U : 0U; });
    graph.start();
    there.get();
    const blocks::multiply_const same(graph.block("gain"));
    if (session.rank() == session.size() - 1) {
        expect(session, same.constant.set_async(4).get().index == 1234, "changed where it is held");
        expect(session, same.constant.get_async().get() == 4 && gain.constant.get() == 4, "read while it runs");
        gain.release();
    }
    expect_done(session, graph.wait());
    expect(session, peaks == 10 && changes == 1, std::to_string(peaks) + " peaks, " + std::to_string(changes) + " changes");
    expect(session, probe.peak.get() == 16380, "the last reading");
    const Reply digest = TypedCommand<>(listener, "digest")();
    expect(session, TypedReading<std::int64_t>(listener, "count").get() == 50000, "a reading of a block of its own");
    say(session, "typed values, " + digest.value.string());
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

int main(int argc, char** argv) {
    const std::map<std::string, std::function<void(Session&)>> cases{
        {"hold", hold},   {"ask", ask},       {"watch", watch}, {"messages", messages}, {"mismatch", mismatch},
        {"early", early}, {"throws", throws}, {"leave", leave}, {"stop", stop},         {"construction", construction},
        {"typed", typed}, {"stuck", stuck},   {"slow", slow}};
    if (argc != 2 || !cases.contains(argv[1])) {
        std::fprintf(stderr, "expected a case, got %s\n", argc > 1 ? argv[1] : "nothing");
        return 2;
    }
    Session session(argc, argv);
    try {
        cases.at(argv[1])(session);
    } catch (const std::exception& e) {
        std::printf("WRONG %s\n", e.what());
        return 1;
    }
    return 0;
}
