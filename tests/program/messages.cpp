// Messages between ranks, and to blocks of streams.
#include "tests/program/cases.hpp"

#include <string>

namespace flowspan::program_cases {

namespace {

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

}  // namespace

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

}  // namespace flowspan::program_cases
