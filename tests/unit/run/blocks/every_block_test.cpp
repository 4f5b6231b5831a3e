// Odd streams (tags, a gap and a retune at odd places, a beginning that is not 0), changes of all that may change, calls of any
// size, on 1 to 3 ranks, come to the same bytes, tags, stretches, messages and files.
#include "tests/unit/run/blocks/every_block.hpp"

#include <fmt/format.h>

namespace flowspan::run::every_block {

namespace {

/// Changes of all numbers that may change, at odd places, to values that the block takes.
std::string schedule_for(const BlockType& type, const std::function<std::string(const std::string&)>& graph) {
    const auto block = type.variants[0].make();
    std::string all;
    for (const ParameterBase* p : block->parameters()) {
        if (p->declaration().when != Change::running) continue;
        for (const char* value : {"0.5", "2", "3000", "40000", "[0.25, 0.5, 0.25]"}) {
            std::string some;
            for (const int at : {3333, 6999, 10003, 20010})
                some += fmt::format("  - {{at: {}, set: block.{}, to: {}}}\n", at, p->name(), value);
            if (ran(graph(all + some), 1, 0).code != ExitCode::done) continue;
            all += some;
            break;
        }
    }
    return all;
}

TEST_P(EveryBlock, ComesToTheSameOnAnyCutOfAnOddStream) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    for (const std::string before : {plain, filter, retuner}) {
        const std::uint64_t first = before == filter ? 1009 : 0;
        const auto graph = [&](const std::string& schedule) { return graph_around(type, first, schedule, before); };
        std::string schedule = schedule_for(type, graph);
        if (before == retuner && graph("").find("before:") != std::string::npos) schedule += retunings;
        const std::string text = graph(schedule);
        const Ran one = ran(text, 1, 0);
        ASSERT_EQ(one.code, ExitCode::done) << one.cause << "\n" << text;
        for (int ranks = 1; ranks <= 3; ++ranks) {
            for (std::uint64_t seed = 1; seed <= 2; ++seed) {
                const Ran many = ran(text, ranks, seed + std::uint64_t(10 * ranks));
                ASSERT_EQ(many.code, ExitCode::done) << many.cause << "\n" << ranks << " ranks, seed " << seed << "\n" << text;
                for (const auto& [name, bytes] : one.seen)
                    EXPECT_TRUE(many.seen.at(name) == bytes) << name << ", " << ranks << " ranks, seed " << seed << "\n"
                                                             << text;
            }
        }
    }
}

// The same of whole jobs: what takes such items makes the same of them at any cut, on any number of ranks.
TEST_P(EveryBlock, ComesToTheSameOnAnyCutOfItemsOfSeveralSamples) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    if (prototype->inputs().empty() && !takes_group(*prototype)) GTEST_SKIP() << "no stream goes in";
    for (const NamedShape& odd : odd_items()) {
        if (odd.shape[0].name == "row" || odd.shape[0].size == 11 || !prototype->message_inputs().empty()) continue;
        const std::string text = graph_around(type, 0, "", plain, odd.shape);
        const Ran one = ran(text, 1, 0);
        if (one.code == ExitCode::usage) {
            EXPECT_NE(one.cause.find(odd.called), std::string::npos) << one.cause;
            continue;
        }
        ASSERT_EQ(one.code, ExitCode::done) << one.cause << "\n" << text;
        for (const int ranks : {1, 3}) {
            const Ran many = ran(text, ranks, std::uint64_t(10 * ranks + 1));
            ASSERT_EQ(many.code, ExitCode::done) << many.cause << "\n" << text;
            for (const auto& [name, bytes] : one.seen)
                EXPECT_TRUE(many.seen.at(name) == bytes) << name << ", " << ranks << " ranks\n" << text;
        }
    }
}

std::vector<std::string> all_types() {
    std::vector<std::string> names;
    for (const auto& [name, type] : built_in_blocks().all()) names.push_back(name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Of, EveryBlock, ::testing::ValuesIn(all_types()), [](const auto& info) { return info.param; });

}  // namespace

}  // namespace flowspan::run::every_block
