// Inputs whose centre frequency changes while a block runs.
#include "tests/unit/run/blocks/every_block.hpp"

#include <fmt/format.h>

#include <regex>

namespace flowspan::run::every_block {

namespace {

/// Of messages: the part of the band that an item tells of is another one once it is retuned.
std::string without_edges(const std::string& text) {
    static const std::regex edge(R"("freq_(lower|upper)_edge":[^,}]*,?)");
    return text.find("freq_lower_edge") == std::string::npos ? text : std::regex_replace(text, edge, "");
}

// Retuned within a stretch, a stream is the same samples of another part of the band: anchors, filters, grids, tags and
// messages go on, and each output says the new frequency. (A spectrum is not averaged over different parts of the band.)
TEST_P(EveryBlock, GoesOnWhereItsInputIsRetuned) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    if (prototype->inputs().empty() && !takes_group(*prototype)) GTEST_SKIP() << "no stream comes to it";
    const Ran quiet = ran(graph_around(type, 0, "", retuner), 1, 0),
              retuned = ran(graph_around(type, 0, retunings, retuner), 1, 0);
    ASSERT_EQ(retuned.code, ExitCode::done) << retuned.cause;
    for (const auto& [name, bytes] : quiet.seen) {
        if (name.starts_with("frequencies of")) {
            EXPECT_EQ(bytes.find("retuned"), std::string::npos);
            const bool somewhere = bytes.find("at 0\n") == std::string::npos && type.name != "psd";
            EXPECT_EQ(retuned.seen.at(name).find("retuned") != std::string::npos, somewhere) << name << "\n"
                                                                                             << retuned.seen.at(name);
        } else if (name != "files" && type.name != "psd") {
            EXPECT_TRUE(without_edges(retuned.seen.at(name)) == without_edges(bytes)) << name;
        }
    }
}

// Inputs that are retuned one after the other (behind a filter's delay) leave an output that says no frequency in between.
TEST_P(EveryBlock, SaysNoFrequencyWhereItsInputsHaveDifferentOnes) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    if (!takes_group(*prototype) || prototype->outputs().empty()) GTEST_SKIP() << "it does not join streams";
    std::string text = graph_around(type, 0, retunings, retuner);
    const std::string both = "  - before -> block.in[*]\n";
    ASSERT_NE(text.find(both), std::string::npos) << text;
    text.replace(text.find(both), both.size(), "  - before -> block.in[0]\n  - before -> late\n  - late -> block.in[1]\n");
    text.replace(text.find("connections:"), 0, "  late: {type: fir_filter, cutoff: 100 kHz, taps_count: 41}\n");
    const Ran one = ran(text, 1, 0);
    ASSERT_EQ(one.code, ExitCode::done) << one.cause << "\n" << text;
    const std::string& seen = one.seen.at("frequencies of keep_out");
    if (seen.starts_with("first at 0\n")) GTEST_SKIP() << "what leaves is on no frequency";
    if (GetParam() == "selector") GTEST_SKIP() << "it is on that of the stream that passes";
    const int more = GetParam() == "interleave" ? 2 : 1;  // items leave for one that comes
    const auto retuned = [&](int item, int to) { return fmt::format("{} retuned to {}\n", more * item, to); };
    EXPECT_TRUE(seen.starts_with("first at 100000000\n" + retuned(503, 0) + retuned(523, 150000000) + retuned(5003, 0) +
                                 retuned(5023, 200000000) + retuned(10006, 0)))
        << seen;
    EXPECT_NE(seen.find("\n" + retuned(15001, 0) + retuned(15022, 500000000)), std::string::npos) << seen;
    for (int ranks = 1; ranks <= 3; ++ranks) {
        const Ran many = ran(text, ranks, std::uint64_t(40 + ranks));
        ASSERT_EQ(many.code, ExitCode::done) << many.cause;
        for (const auto& [name, bytes] : one.seen)
            EXPECT_TRUE(many.seen.at(name) == bytes) << name << ", " << ranks << " ranks";
    }
}

}  // namespace

}  // namespace flowspan::run::every_block
