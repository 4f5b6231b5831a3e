// What one rank does wrong is said on all.
#include "tests/program/cases.hpp"

#include <stdexcept>
#include <string>

namespace flowspan::program_cases {

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

namespace {

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

}  // namespace

// Bad blocks on one rank are refused on all, before anything runs.
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

}  // namespace flowspan::program_cases
