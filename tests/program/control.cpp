// What a program may set, read, hold and watch while a run goes on.
#include "tests/program/cases.hpp"

#include <flowspan/blocks.hpp>

#include <string>
#include <vector>

namespace flowspan::program_cases {

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
    expect(session, refused([&] {
                        l.gain.set("constant", "loud");
                    }).find("expected a complex number (1+2j), got loud") != std::string::npos,
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
    expect(session, messages == 50000, std::to_string(messages) + " messages");
    say(session, "watched from every rank");
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
    expect(session, gain.constant.get() == 1.0, "values and defaults before `initialise`");
    gain.set("constant", "1 + 1");
    const std::string text = refused([&] { gain.constant.get(); });
    expect(session, text == "gain.constant: expected a complex number (1+2j), got 1 + 1", text);
    const std::string nothing = refused([&] { list.sample_rate.get(); });
    expect(session, nothing == "list.sample_rate: expected a number, got nothing", nothing);
    graph.initialise();
    expect(session, gain.constant.get() == 2.0 && probe.every.get() == 50000, "values after it");
    expect(session, list.data.get() == std::vector<double>{1, 0.5, -2} && list.datatype.get() == "rf32", "lists and texts");
    expect(session, !probe.peak.get(), "no reading before the run");
    Future there = gain.hold(at_sample(1234));
    std::size_t peaks = 0, changes = 0;
    probe.peak.watch([&](double peak, const Seen& seen) { peaks += peak == 16380 && seen.index % 50000 == 0 ? 1U : 0U; });
    gain.constant.watch(
        [&](std::complex<double> value, const Seen& seen) { changes += value == 4.0 && seen.index == 1234 ? 1U : 0U; });
    graph.start();
    there.get();
    const blocks::multiply_const same(graph.block("gain"));
    if (session.rank() == session.size() - 1) {
        expect(session, same.constant.set_async(4).get().index == 1234, "changed where it is held");
        expect(session, same.constant.get_async().get() == 4.0 && gain.constant.get() == 4.0, "read while it runs");
        gain.release();
    }
    expect_done(session, graph.wait());
    expect(session, peaks == 10 && changes == 1, std::to_string(peaks) + " peaks, " + std::to_string(changes) + " changes");
    expect(session, probe.peak.get() == 16380, "the last reading");
    const Reply digest = TypedCommand<>(listener, "digest")();
    expect(session, TypedReading<std::int64_t>(listener, "count").get() == 50000, "a reading of a block of its own");
    say(session, "typed values, " + digest.value.string());
}

}  // namespace flowspan::program_cases
