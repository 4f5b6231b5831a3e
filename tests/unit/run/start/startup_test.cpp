// What ranks agree on at the start, and what they keep: rank 0 of two that say the same, unless a test says otherwise.
#include "run/start/startup.hpp"
#include "run/plan/planning.hpp"

#include "comm/local/local.hpp"
#include "run/agree/together.hpp"
#include "run/star/requests.hpp"
#include "run/start/node.hpp"
#include "tests/unit/io/folder.hpp"
#include "tests/unit/run/start/always_there.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace flowspan::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Rank 0 of two; what the other says is what this one says, changed.
class Pair final : public comm::Communicator {
public:
    std::function<void(std::string&)> change = [](std::string&) {};
    test::AlwaysThere other;
    int rank() const override { return 0; }
    int size() const override { return 2; }
    std::string host() const override { return "node7"; }
    std::string library() const override { return "none"; }
    std::string broadcast(const std::string& text) override { return text; }
    std::vector<std::string> all_gather(const std::string& text) override {
        std::string other = text;
        change(other);
        return {text, other};
    }
    std::unique_ptr<Communicator> split(int) override { return nullptr; }
    comm::Request send(int, comm::Lane, const void*, std::size_t) override { return {}; }
    comm::Request send_synchronous(int, comm::Lane, const void*, std::size_t) override { return {}; }
    comm::Request receive(int, comm::Lane lane, void* data, std::size_t) override { return other.receive(lane, data); }
    bool test(comm::Request& request, comm::Arrived* arrived) override { return other.test(request, arrived); }
    bool cancel(comm::Request&) override { return true; }
    bool anything_unreceived() override { return false; }
    [[noreturn]] void abort(int code) override { std::exit(code); }
};

const std::string chain =
    "flowspan: 1\nblocks:\n  source: {type: signal_source, sample_rate: 1 MHz, length: 5000}\n"
    "  gain: {type: multiply_const, constant: 2, copies: 3}\n  near: {type: null_sink}\n  level: {type: probe}\n"
    "  log: {type: message_log, path: levels.jsonl}\n"
    "connections:\n  - source -> gain[*]\n  - gain[0] -> level\n  - gain[1] -> near\n  - gain[2] -> far\n"
    "messages:\n  - level.measurements -> log.in\nunused: [level.out]\n";

/// Started on rank 0, which has `source` and `near`.
struct Begun {
    test::Folder folder;
    Pair pair;
    std::unique_ptr<Started> started;
    explicit Begun(const std::function<void(std::string&)>& change = {}) {
        if (change) pair.change = change;
        JobRequest request;
        request.graph_file = "test.yaml";
        request.graph_text = chain + "ranks: {0: \"source, near\", 1: \"gain[*], level, far, log\"}\n";
        const auto far = request.graph_text.find("  near:");
        request.graph_text.insert(far, "  far: {type: null_sink}\n");
        request.out = folder / "out";
        Team team(pair);
        started = start_up(team, built_in_blocks(), request, {});
    }
};

struct FirstCache {
    explicit FirstCache(const char* bytes) { setenv("FLOWSPAN_FIRST_CACHE", bytes, 1); }
    FirstCache(const FirstCache&) = delete;
    FirstCache& operator=(const FirstCache&) = delete;
    ~FirstCache() { unsetenv("FLOWSPAN_FIRST_CACHE"); }
};

TEST(StartUp, KeepsNoBlockOfAnotherRank) {
    const Begun begun;
    const Started& s = *begun.started;
    for (int b = 0; b < s.graph->size(); ++b) {
        EXPECT_EQ(s.graph->owned(b), nullptr) << s.block_names[std::size_t(b)];
        EXPECT_EQ(s.tasks->task_of(b) != nullptr, s.plan.rank_of[std::size_t(b)] == 0) << s.block_names[std::size_t(b)];
    }
    for (const auto& output : s.graph->outputs())
        EXPECT_EQ(output.port != nullptr, s.plan.rank_of[std::size_t(output.block)] == 0);
    EXPECT_EQ(s.graph->messages()[0].output, nullptr);
    EXPECT_EQ(s.graph->messages()[0].input, nullptr);
}

TEST(StartUp, KnowsTheDeclarationsOfAllBlocksWithoutThem) {
    const Begun begun;
    const Started& s = *begun.started;
    const auto number = [&](const std::string& name) { return blocks_named(s, name).front(); };
    const auto of = [&](const std::string& name) { return s.declarations[std::size_t(number(name))]; };
    EXPECT_THAT(of("level")->message_outputs, ElementsAre("measurements"));
    EXPECT_THAT(of("level")->readings, ElementsAre("rms", "peak", "rate"));
    EXPECT_EQ(of("gain[0]"), of("gain[2]")) << "copies share theirs";
    EXPECT_EQ(value_as_written(s, number("source"), "frequency", "75 kHz").real(), 75e3);
}

TEST(StartUp, NamesCrossingsAndMessagesOfBlocksThatAreNotHere) {
    const Begun begun;
    const auto& crossings = begun.started->plan.crossings;
    ASSERT_EQ(crossings.size(), 2u);
    EXPECT_EQ(begun.started->graph->output_name(crossings[1].output), "gain[1].out");
    EXPECT_EQ(begun.started->graph->described().messages[0].from_port, "measurements");
}

TEST(StartUp, TakesTheSmallestFirstCacheOfAllRanks) {
    const FirstCache mine("49152");
    EXPECT_EQ(Begun().started->agreement.at("first_cache_bytes").integer(), 49152);
    const auto smaller = [](std::string& text) {
        const std::string bytes = packed(49152).substr(1, 8), theirs = packed(32768).substr(1, 8);
        for (auto at = text.find(bytes); at != std::string::npos; at = text.find(bytes, at + 1))
            text.replace(at, bytes.size(), theirs);
    };
    const Begun begun(smaller);
    EXPECT_EQ(begun.started->agreement.at("first_cache_bytes").integer(), 32768);
    EXPECT_EQ(begun.started->plan.buffers[0].quantum * 8, 12u << 10);
}

/// What a chain with a filter, a resampler and plain blocks writes, and the first cache in the report.
std::pair<std::string, std::int64_t> made_with_cache(const char* bytes) {
    const FirstCache given(bytes);
    const test::Folder folder;
    JobRequest request;
    request.graph_file = "test.yaml";
    request.graph_text =
        "flowspan: 1\nblocks:\n  source: {type: signal_source, kind: noise, sample_rate: 1 MHz, length: 50021}\n"
        "  one: {type: copy}\n  two: {type: multiply_const, constant: 3}\n"
        "  filter: {type: fir_filter, cutoff: 100 kHz, taps_count: 301}\n"
        "  resample: {type: rational_resampler, interpolation: 3, decimation: 7}\n"
        "  sink: {type: file_sink, path: made.raw}\nconnections:\n  - source -> one -> two -> filter -> resample -> sink\n";
    request.out = folder / "out";
    const auto alone = comm::single_rank();
    const JobResult result = run_job(*alone, built_in_blocks(), request, {}, true);
    EXPECT_EQ(result.code, ExitCode::done) << result.cause;
    std::ifstream file(folder / "out/made.raw", std::ios::binary);
    return {{std::istreambuf_iterator<char>(file), {}}, result.report.at("first_cache_bytes").integer()};
}

TEST(StartUp, WhatIsMadeDoesNotDependOnTheFirstCache) {
    const auto [large, bytes] = made_with_cache("49152");
    EXPECT_EQ(bytes, 49152);
    EXPECT_EQ(large.size(), 8u * 21438);  // ceil(50021 * 3 / 7)
    EXPECT_EQ(made_with_cache("32768").first, large);
    EXPECT_EQ(made_with_cache("1000").first, large);
}

TEST(StartUp, RefusesAFirstCacheThatIsNoNumber) {
    const FirstCache wrong("48 KiB");
    try {
        const Begun begun;
        FAIL();
    } catch (const Refused& refused) {
        EXPECT_THAT(refused.what(), HasSubstr("FLOWSPAN_FIRST_CACHE: expected a number of bytes, got 48 KiB"));
    }
}

TEST(FirstCacheBytes, AreThoseOfThisMachineOrWhatTheVariableSays) {
    EXPECT_GE(first_cache_bytes(), 8u << 10);
    EXPECT_LE(first_cache_bytes(), 1u << 20);
    const FirstCache given("12345");
    EXPECT_EQ(first_cache_bytes(), 12345u);
}

TEST(Plans, RefuseWhatNoRingHoldsAtItsPlaceInTheGraphFile) {
    JobRequest request;
    request.graph_file = "test.yaml";
    request.graph_text =
        "flowspan: 1\nblocks:\n  source: {type: signal_source, sample_rate: 1 MHz, length: 5000}\n"
        "  spectrum: {type: fft, size: 16777216}\n  more: {type: fft, size: 64}\n  sink: {type: null_sink}\n"
        "connections:\n  - source -> spectrum -> sink\n  - source -> more\nunused: [more.out]\n";
    const Examined e = examine(built_in_blocks(), request);
    auto& described = const_cast<graph::DescribedGraph&>(e.graph->described());
    described.blocks[1].inputs[0].history = std::uint64_t(1) << 40;
    try {
        make_plan(*e.graph, {});
        FAIL();
    } catch (const Refused& refused) {
        EXPECT_THAT(refused.what(), HasSubstr("test.yaml:4:3: blocks.spectrum: expected at most 268435456 items of history on "
                                              "`in`, got 1099511627776\n"));
    }
}

}  // namespace
}  // namespace flowspan::run
