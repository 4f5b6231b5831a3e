// How far a message may look back does not depend on calls and ranks: it is counted from where the cell begins in which its
// item lies (docs/blocks.md). What is further back is refused always.
#include "comm/local/local.hpp"
#include "run/job/job.hpp"
#include "tests/unit/io/folder.hpp"
#include "tests/unit/run/blocks/every_block.hpp"

#include <flowspan/test.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace flowspan::run {
namespace {

/// Says, at every so many items, something about one that lies before it.
struct LookBack final : Block {
    Parameter<int> back{*this, "back", {.min = 0}};
    Parameter<int> reach{*this, "reach", {.min = 0}};
    Parameter<int> every{*this, "every", {.min = 1}};
    Parameter<int> grid{*this, "grid", {.min = 1}};
    Parameter<int> decimation{*this, "decimation", {.min = 1}};
    Input<cf32> in{*this, "in"};
    Output<cf32> out{*this, "out", {.optional = true}};
    MessageOutput found{*this, "found"};

    void describe() override {
        ratio({.decimation = std::uint64_t(decimation.get()), .grid = std::uint64_t(grid.get())});
        found.reach(std::uint64_t(reach.get()));
        out.describe(in.description());
    }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < in.count(); ++k) {
            const std::uint64_t i = in.index() + k;
            if (i % std::uint64_t(every.get()) == 0 && i >= std::uint64_t(back.get()))
                found.send(i - std::uint64_t(back.get()), Value(i));
        }
        if (out) std::fill_n(out.data(), n, cf32());
    }
};

constexpr std::uint64_t length = 20011, reach = 100, every = 1009;

struct Shape {
    std::uint64_t grid, decimation;
    /// Input items of a cell: whole grid blocks of outputs, for at least floor(64 / D) of these.
    std::uint64_t cell() const {
        const std::uint64_t outputs = std::max<std::uint64_t>(1, 64 / decimation);
        return (outputs + grid - 1) / grid * grid * decimation;
    }
};

/// What the run says of the first message that looks too far back; "" where none does.
std::string refusal(const Shape& shape, std::uint64_t back) {
    for (std::uint64_t i = 0; i < length; i += every) {
        const std::uint64_t cell = i - i % shape.cell(), from = cell - std::min(cell, reach);
        if (i >= back && i - back < from)
            return fmt::format("sends a message on `found` about item {}: expected one from {} on, `reach` ({}) before {}",
                               i - back, from, reach, cell);
    }
    return "";
}

JobResult run_with(const test::Folder& folder, const Shape& shape, std::uint64_t back, int ranks, std::size_t chunk) {
    Registry registry = built_in_blocks();
    registry.add<LookBack>("look_back", "Looks back.", "");
    JobRequest request;
    request.graph_file = folder / "graph.yaml";
    request.graph_text = fmt::format(
        "flowspan: 1\nblocks:\n  s: {{type: signal_source, kind: noise, sample_rate: 1 MHz, length: {}}}\n"
        "  c: {{type: look_back, back: {}, reach: {}, every: {}, grid: {}, decimation: {}}}\n  k: {{type: null_sink}}\n"
        "  l: {{type: message_log, path: l.jsonl}}\nconnections: [s -> c -> k]\nmessages: [c.found -> l]\n{}",
        length, back, reach, every, shape.grid, shape.decimation,
        ranks == 1   ? ""
        : ranks == 2 ? "ranks: {0: 's, k', 1: 'c, l'}\n"
                     : "ranks: {0: s, 1: c, 2: 'k, l'}\n");
    request.out = folder.path();
    request.log_level = 0;
    request.overwrite = true;
    request.max_chunk = chunk;
    JobResult result;
    comm::run_local(ranks, [&](comm::Communicator& c) {
        const JobResult own = run_job(c, registry, c.rank() == 0 ? request : JobRequest{}, {}, true);
        if (c.rank() == 0) result = own;
    });
    return result;
}

TEST(Reach, IsCountedFromTheCellOfAnItemWhateverTheCallsAndRanks) {
    int refused = 0, taken = 0;
    for (const Shape& shape : {Shape{1, 1}, Shape{16, 1}, Shape{48, 1}, Shape{100, 1}, Shape{1, 3}, Shape{1, 100}}) {
        for (const std::uint64_t back : {0U, 100U, 101U, 140U, 163U, 164U, 300U}) {
            const std::string expected = refusal(shape, back);
            ++(expected.empty() ? taken : refused);
            std::string log;
            for (const int ranks : {1, 2, 3}) {
                for (const std::size_t chunk : {0U, 1U, 7U, 64U, 1000U}) {
                    if (ranks == 3 && chunk != 7) continue;
                    const test::Folder folder;
                    const JobResult result = run_with(folder, shape, back, ranks, chunk);
                    const auto about = fmt::format("grid {}, D {}, back {}, {} ranks, chunks {}: {}", shape.grid,
                                                   shape.decimation, back, ranks, chunk, result.cause);
                    ASSERT_EQ(result.code, expected.empty() ? ExitCode::done : ExitCode::block) << about;
                    ASSERT_NE(result.cause.find(expected), std::string::npos) << about << "\nexpected " << expected;
                    if (!expected.empty()) continue;
                    const std::string own = test::content_of(folder / "l.jsonl");
                    if (log.empty()) log = own;
                    EXPECT_TRUE(own == log) << about;
                }
            }
        }
    }
    EXPECT_GT(refused, 0);
    EXPECT_GT(taken, 0);
}

// What a block has found at the end of a stretch it says in `restart` or `finish`: of the last items, as far back as it
// reaches, and at their times, wherever the stretch ends.
TEST(Reach, GoesBackFromTheEndOfAStretch) {
    std::mt19937_64 random(3);
    for (int round = 0; round < 24; ++round) {
        const int decimation = std::vector<int>{1, 3, 7, 8, 10, 100}[random() % 6], back = int(1 + random() % 90);
        const std::uint64_t first = every_block::length - 2000 - random() % 300, gap = first + 100 + random() % 700,
                            retune = gap + 100 + random() % 700;
        const std::string before =
            round % 2 == 0 ? every_block::plain : "{type: rational_resampler, interpolation: 3, decimation: 2}";
        const std::string text = fmt::format(
            "flowspan: 1\nblocks:\n  feed: {{type: feed, first: {}, gap: {}, missing: 501, retune: {}}}\n  before: {}\n"
            "  teller: {{type: teller, every: 100000, back: {}, decimation: {}}}\n  heard: {{type: note}}\n"
            "connections: [feed -> before -> teller]\nmessages: [teller.told -> heard]\n",
            first, gap, retune, before, back, decimation);
        const every_block::Ran one = every_block::ran(text, 1, 0);
        ASSERT_EQ(one.code, ExitCode::done) << one.cause << "\n" << text;
        const std::string& heard = one.seen.at("heard");
        EXPECT_EQ(std::count(heard.begin(), heard.end(), '\n'), 6) << "the first item and a last one of three stretches\n"
                                                                   << heard;
        if (before == every_block::plain) {
            for (const std::uint64_t end : {gap, retune, every_block::length}) {
                const std::uint64_t index = end - std::uint64_t(back);
                const Time stamp = Time::of(std::int64_t(index), 1000000);  // (what is missing is left out)
                EXPECT_THAT(heard, ::testing::HasSubstr(fmt::format("{} {{\"freq", stamp.text())));
                EXPECT_THAT(heard, ::testing::HasSubstr(fmt::format("\"index\":{},", index)));
            }
        }
        for (const int ranks : {1, 2, 3}) {
            const every_block::Ran many = every_block::ran(text, ranks, 1 + random() % 1000);
            ASSERT_EQ(many.code, ExitCode::done) << many.cause << "\n" << ranks << " ranks\n" << text;
            EXPECT_EQ(many.seen.at("heard"), heard) << ranks << " ranks\n" << text;
        }
    }
}

}  // namespace
}  // namespace flowspan::run
