// One graph on several numbers of ranks, cuts, call sizes and delays, against one rank.
#pragma once

#include "link_runner.hpp"

#include <gtest/gtest.h>

namespace flowspan::tests {

inline void same_on_all(const std::string& text, int most_ranks = 4, int rounds = 4, bool seam = false) {
    const Collected one = run_on(text, 1, 0, 0, seam);
    ASSERT_FALSE(one.streams.empty() && one.messages.empty());
    for (int ranks = 1; ranks <= most_ranks; ++ranks) {
        if (!has_ranks(ranks)) continue;
        for (int round = 1; round <= rounds; ++round) {
            const auto seed = unsigned(ranks * 100 + round);
            const Collected many = run_on(text, ranks, seed, round % 2 == 0 ? seed : 0, seam);
            EXPECT_TRUE(many == one) << ranks << " ranks, seed " << seed << ": " << difference(one, many);
        }
    }
}

}  // namespace flowspan::tests
