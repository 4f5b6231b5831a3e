// What a block takes and what is left over is all that came: nothing goes silently.
#include "tests/unit/run/blocks/every_block.hpp"

#include <fmt/format.h>

namespace flowspan::run::every_block {
namespace {

const Value* block_of(const Value& report, const std::string& name) {
    for (const Value& rank : report.at("ranks").list())
        for (const Value& block : rank.at("blocks").list())
            if (block.at("block").string() == name) return &block;
    return nullptr;
}
std::int64_t count(const Value& of, const char* what) {
    const Value* v = of.find(what);
    return v == nullptr ? 0 : v->integer();
}

// Of a stream with a gap and a retuning at odd places, so that no stretch is a multiple of anything.
TEST_P(EveryBlock, TakesOrLeavesOverAllThatComes) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto block = type.variants[0].make();
    if (block->inputs().empty() && !takes_group(*block)) GTEST_SKIP() << "no stream goes in";
    const Ran one = ran(graph_around(type, 0, "", plain), 1, 0);
    ASSERT_EQ(one.code, ExitCode::done) << one.cause;
    const Value* report = block_of(one.report, "block");
    ASSERT_NE(report, nullptr);
    const std::int64_t taken = count(*report, "items_in"), left = count(*report, "left_over");
    if (GetParam() == "head")  // it wants no more, and what comes behind is not asked for
        EXPECT_EQ(taken, block_of(one.report, "keep_out")->at("items_in").integer());
    else if (GetParam() == "skip")
        EXPECT_EQ(taken + left + 1000, std::int64_t(length)) << "its example leaves out 1000";
    else
        EXPECT_EQ(taken + left, std::int64_t(length)) << one.report.at("summary").json();
}

/// A block that makes an item of several, and what no item holds of n samples.
struct Tail {
    std::string type, parameters;
    std::function<std::uint64_t(std::uint64_t n)> samples, frames;
};
/// Where the last of `count` frames ends.
std::uint64_t covered(std::uint64_t count, std::uint64_t size, std::uint64_t hop) {
    return count == 0 ? 0 : (count - 1) * hop + size;
}
std::uint64_t frames(std::uint64_t n, std::uint64_t size, std::uint64_t hop) { return n < size ? 0 : (n - size) / hop + 1; }
/// Frames of which `average` make an item; 0: all one.
Tail spectra(const std::string& type, const std::string& more, std::uint64_t size, std::uint64_t hop, std::uint64_t average) {
    const auto in_items = [=](std::uint64_t n) {
        const std::uint64_t all = frames(n, size, hop);
        return average == 0 ? all : all / average * average;
    };
    return {type, more, [=](std::uint64_t n) { return n - covered(in_items(n), size, hop); },
            [=](std::uint64_t n) { return frames(n, size, hop) - in_items(n); }};
}

TEST(LeftOver, IsWhatCameIntoNoItem) {
    const std::vector<Tail> tails{spectra("psd", "size: 64, average: 3", 64, 32, 3),
                                  spectra("psd", "size: 64, overlap: 0, average: 7", 64, 64, 7),
                                  spectra("psd", "size: 60, overlap: 47, average: 5", 60, 13, 5),
                                  spectra("psd", "size: 64, overlap: 48", 64, 16, 0),
                                  spectra("psd", "size: 64, overlap: 0", 64, 64, 0),
                                  spectra("fft", "size: 64", 64, 64, 1),
                                  spectra("fft", "size: 60, hop: 7", 60, 7, 1),
                                  {"waterfall_png", "path: a.png, size: 64, height: 8",
                                   [](std::uint64_t n) { return n < 64 ? 0 : n % 64; }, [](std::uint64_t) { return 0; }}};
    for (const Tail& tail : tails) {
        for (const std::uint64_t n : {1U, 59U, 60U, 64U, 65U, 127U, 128U, 1023U, 1024U, 1025U, 4999U}) {
            const bool sink = tail.type == "waterfall_png";
            const std::string text = fmt::format(
                "flowspan: 1\nblocks:\n  source: {{type: signal_source, kind: noise, sample_rate: 1 MHz, length: {}}}\n"
                "  block: {{type: {}, {}}}\n{}connections: [source -> block{}]\n",
                n, tail.type, tail.parameters, sink ? "" : "  keep: {type: keep}\n", sink ? "" : " -> keep");
            const Ran one = ran(text, 1, n);
            ASSERT_EQ(one.code, ExitCode::done) << one.cause << "\n" << text;
            std::uint64_t samples = 0, left_frames = 0;
            for (const Value& lost : one.report.at("summary").at("lost").list()) {
                if (lost.at("what").string() == "left_over") samples = std::uint64_t(lost.at("count").integer());
                if (lost.at("what").string() == "left_over_frames") left_frames = std::uint64_t(lost.at("count").integer());
            }
            EXPECT_EQ(samples, tail.samples(n)) << text;
            EXPECT_EQ(left_frames, tail.frames(n)) << text;
        }
    }
}

}  // namespace
}  // namespace flowspan::run::every_block
