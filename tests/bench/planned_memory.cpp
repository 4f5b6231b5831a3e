// What one rank of many holds of a large graph: planned_memory [COPIES [RANKS]]
//
// A channelizer before COPIES (1000) chains of ten blocks, planned for RANKS (1000) ranks; then all blocks but those of the
// middle rank are dropped, as `run/startup` does. A line a step: seconds, resident memory of the process, and what it has
// allocated of that.
#include "partition/plan.hpp"
#include "runtime/flowgraph/declarations.hpp"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include <fmt/format.h>

using namespace flowspan;

namespace {

double resident_mib() {
    malloc_trim(0);  // what was freed and not given back would blur what the step before left
    std::ifstream status("/proc/self/status");
    for (std::string key; status >> key;) {
        std::size_t kib = 0;
        if (key == "VmRSS:" && status >> kib) return double(kib) / 1024;
    }
    return 0;
}

class Steps {
public:
    void done(const std::string& what) {
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - since_).count();
        const double mib = resident_mib(), used = double(mallinfo2().uordblks) / (1 << 20);
        fmt::print("{:<38} {:6.2f} s  {:7.1f} MiB resident  {:7.1f} MiB allocated\n", what, seconds, mib, used);
        since_ = std::chrono::steady_clock::now();
    }

private:
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

std::string graph_text(int copies, int ranks) {
    return fmt::format(
        "flowspan: 1\n"
        "groups:\n"
        "  receiver:\n"
        "    blocks:\n"
        "      level:    {{type: multiply_const, constant: 2}}\n"
        "      pass:     {{type: copy}}\n"
        "      select:   {{type: fir_filter, cutoff: 20 kHz, taps_count: 65}}\n"
        "      demod:    {{type: fm_demod, deviation: 5 kHz}}\n"
        "      audio:    {{type: fir_filter, cutoff: 10 kHz, taps_count: 65}}\n"
        "      emphasis: {{type: deemphasis}}\n"
        "      resample: {{type: rational_resampler, decimation: 2}}\n"
        "      volume:   {{type: multiply_const, constant: 3}}\n"
        "      on:       {{type: copy}}\n"
        "      sink:     {{type: null_sink}}\n"
        "    connections:\n"
        "      - in -> level -> pass -> select -> demod -> audio -> emphasis -> resample -> volume -> on -> sink\n"
        "blocks:\n"
        "  source:     {{type: signal_source, sample_rate: {0}00 kHz, length: 1000000}}\n"
        "  channelize: {{type: pfb_channelizer, channels: {0}}}\n"
        "  receive:    {{group: receiver, copies: {0}}}\n"
        "connections:\n"
        "  - source -> channelize\n"
        "  - channelize.out[*] -> receive[*]\n"
        "ranks:\n"
        "  0: source, channelize\n"
        "  1-{1}: receive[*]\n",
        copies, ranks - 1);
}

int run(int copies, int ranks) {
    Steps steps;
    steps.done("start of the process");
    const Registry registry = built_in_blocks();
    runtime::Flowgraph graph(registry, graph_text(copies, ranks), "copies.yaml", {});
    steps.done(fmt::format("{} blocks read and constructed", graph.size()));
    graph.describe({});
    steps.done("described");
    const partition::Plan plan = partition::make_plan(graph.described(), graph.spec().assignment, {.ranks = ranks});
    steps.done(fmt::format("planned for {} ranks", ranks));
    const auto declarations = runtime::declarations_of(graph);
    const std::set<const void*> shared = [&] {
        std::set<const void*> all;
        for (const auto& one : declarations) all.insert(one.get());
        return all;
    }();
    steps.done(fmt::format("{} declarations copied", shared.size()));
    const int mine = ranks / 2;
    graph.keep_only([&](int b) { return plan.rank_of[std::size_t(b)] == mine; });
    const auto kept = std::count(plan.rank_of.begin(), plan.rank_of.end(), mine);
    steps.done(fmt::format("others' blocks dropped, {} kept", kept));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc > 1 ? std::atoi(argv[1]) : 1000, argc > 2 ? std::atoi(argv[2]) : 1000);
    } catch (const std::exception& e) {
        fmt::print(stderr, "{}\n", e.what());
        return 1;
    }
}
