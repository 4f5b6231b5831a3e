#include "tests/program/cases.hpp"

#include <cstdio>
#include <stdexcept>

namespace flowspan::program_cases {

void wrong(const Session& session, const std::string& what) {
    throw std::runtime_error("rank " + std::to_string(session.rank()) + ": " + what);
}
void expect(const Session& session, bool holds, const std::string& what) {
    if (!holds) wrong(session, what);
}

void expect_done(const Session& session, const Outcome& o) { expect(session, o.code == ExitCode::done, "the run: " + o.cause); }

void say(const Session& session, const std::string& line) {
    if (session.rank() == 0) std::printf("%s\n", line.c_str());
}

std::uint64_t hash(const void* data, std::size_t bytes, std::uint64_t h) {
    const auto* p = static_cast<const unsigned char*>(data);
    for (std::size_t k = 0; k < bytes; ++k) h = (h ^ p[k]) * 0x100000001b3U;
    return h;
}

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

void start_held(Graph& graph, const Line& l, const RunOptions& options) {
    graph.initialise(options);
    Future there = l.gain.hold(at_sample(1234));
    graph.start();
    there.get();
}

}  // namespace flowspan::program_cases
