// Streams of no item, of one, and of a prime number of them: every block ends, and comes to the same at any cut, on any number
// of ranks. A new block joins by being registered.
#include "tests/unit/run/blocks/every_block.hpp"

#include <fmt/format.h>

namespace flowspan::run::every_block {
namespace {

TEST_P(EveryBlock, EndsAndComesToTheSameOnStreamsOfNoneOneAndAPrimeNumberOfItems) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    if (prototype->inputs().empty() && !takes_group(*prototype)) GTEST_SKIP() << "no stream goes in";
    for (const std::uint64_t items : {0U, 1U, 2U, 127U, 997U}) {
        for (const std::string before : {plain, filter}) {
            const std::string text = graph_around(type, length - items, "", before);
            ASSERT_NE(text.find(fmt::format("first: {}", length - items)), std::string::npos) << text;
            const Ran one = ran(text, 1, 0);
            ASSERT_EQ(one.code, ExitCode::done) << one.cause << "\n" << text;
            for (int ranks = 1; ranks <= 3; ++ranks) {
                const Ran many = ran(text, ranks, items + std::uint64_t(10 * ranks));
                ASSERT_EQ(many.code, ExitCode::done) << many.cause << "\n" << ranks << " ranks\n" << text;
                for (const auto& [name, bytes] : one.seen)
                    EXPECT_TRUE(many.seen.at(name) == bytes) << name << ", " << ranks << " ranks\n" << text;
            }
        }
    }
}

}  // namespace
}  // namespace flowspan::run::every_block
