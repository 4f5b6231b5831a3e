// A graph that is built in C++, spread over the ranks there are, changed, run, and looked at:
//
//     mpirun -n 2 ramp      or      ramp
//
// source -> first -> gain -> second -> sink; the first half on rank 0, the rest on the last rank.
#include <flowspan/blocks.hpp>

#include <cstdio>

namespace {

using namespace flowspan;

int ramp(Session& session) {
    std::vector<double> ramp(1000);
    for (std::size_t k = 0; k < ramp.size(); ++k) ramp[k] = double(k);

    Graph graph(session, "ramp");
    const blocks::vector_source source(graph, "source", {.data = ramp, .datatype = "rf32"});
    const blocks::copy first(graph, "first");
    const blocks::multiply_const gain(graph, "gain", {.constant = 1});
    const blocks::copy second(graph, "second");
    const blocks::vector_sink sink(graph, "sink");
    graph.connect(source, first, gain, second, sink);
    graph.assign(0, source, first);
    graph.assign(session.size() - 1, gain, second, sink);

    graph.initialise();
    gain.constant.set(2);
    const double k = gain.constant.get().real();

    graph.run().or_throw();
    const auto samples = sink.fetch<float>();  // on rank 0
    if (session.rank() != 0) return 0;

    bool right = samples.size() == ramp.size();
    for (std::size_t i = 0; right && i < samples.size(); ++i) right = samples[i] == float(2 * ramp[i]);
    std::printf("k = %g, %zu samples, %s the ramp\n", k, samples.size(), right ? "each twice" : "not twice");
    return right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, ramp); }
