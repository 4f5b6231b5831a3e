// A graph that is built in C++, spread over the ranks there are, changed, run, and looked at:
//
//     mpirun -n 2 ramp      or      ramp
//
// source -> first -> gain -> second -> sink; the first half on rank 0, the rest on the last rank.
#include <flowspan/program.hpp>

#include <cstdio>

int main(int argc, char** argv) {
    using namespace flowspan;
    try {
        Session session(argc, argv);
        Value::Doubles ramp(1000);
        for (std::size_t k = 0; k < ramp.size(); ++k) ramp[k] = double(k);

        Graph graph(session, "ramp");
        const BlockProxy source = graph.add("source", "vector_source", {{"datatype", "rf32"}, {"data", ramp}});
        const BlockProxy first = graph.add("first", "copy");
        const BlockProxy gain = graph.add("gain", "multiply_const", {{"constant", 1}});
        const BlockProxy second = graph.add("second", "copy");
        const BlockProxy sink = graph.add("sink", "vector_sink");
        graph.connect(source, first, gain, second, sink);
        graph.assign(0, source, first);
        graph.assign(session.size() - 1, gain, second, sink);

        graph.initialise();
        gain.set("constant", 2);
        const Reply k = gain.get("constant");

        const Outcome outcome = graph.run();
        const auto samples = sink.fetch<float>();  // on rank 0
        if (session.rank() != 0) return 0;

        std::printf("k = %g, %zu samples", k.value.real(), samples.size());
        bool right = outcome.code == ExitCode::done && samples.size() == ramp.size();
        for (std::size_t i = 0; right && i < samples.size(); ++i) right = samples[i] == float(2 * ramp[i]);
        std::printf(right ? ", each twice the ramp\n" : ", not twice the ramp\n");
        return right ? 0 : 1;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ramp: %s\n", e.what());
        return 2;
    }
}
