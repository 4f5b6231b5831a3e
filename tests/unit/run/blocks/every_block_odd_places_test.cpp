// Gaps, retunings, changes and beginnings anywhere, behind rates of any ratio, and messages about what comes of it: the same at
// any sizes of calls, on 1 to 3 ranks. Each block is tried in a few graphs of its own; FLOWSPAN_ROUNDS=100 tries more.
#include "tests/unit/run/blocks/every_block.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <regex>

namespace flowspan::run::every_block {
namespace {

using Random = std::mt19937_64;

/// Of one sample type, with the rate of the feed.
const std::vector<std::string> befores{
    "{type: keep_one_in_n, n: 7}",
    "{type: fir_filter, taps: [0.5, 0.25, 0.25, 0.1, 0.1], decimation: 10}",
    "{type: fir_filter, cutoff: 20 kHz, transition: 10 kHz, decimation: 8}",
    "{type: cic, decimation: 7, stages: 3}",
    "{type: rational_resampler, interpolation: 3, decimation: 7}",
    "{type: rational_resampler, interpolation: 5, decimation: 3}",
    "{type: half_band}",
    "{type: integrate, n: 13}",
    "{type: keep_m_in_n, m: 3, n: 11, offset: 2}",
    "{type: repeat, n: 3}",
    "{type: skip, length: 1013}",
    "{type: delay, samples: 37}",
    "{type: copy}",
    "{type: retuner}",
};

/// What stands at one of them, and what is done to the block and the one before it while they run.
struct Odd {
    std::string before, feed, schedule;
    std::uint64_t first = 0;
    int every = 1;
};

Odd odd(Random& random) {
    const auto below = [&](std::uint64_t n) { return random() % n; };
    Odd all{.before = befores[below(befores.size())], .feed = "", .schedule = "", .first = below(2) == 0 ? 0 : below(4000)};
    const std::uint64_t gap = all.first + 1 + below(length - all.first - 1), retune = gap + 1 + below(length - gap);
    all.feed = fmt::format("gap: {}, missing: {}, retune: {}", gap, 1 + below(2000), retune);
    all.every = int(1 + below(200));
    if (all.before == "{type: retuner}") {
        std::uint64_t at = all.first;
        for (int k = 0; k < 4 && (at += 1 + below(9000)) < length; ++k)
            all.schedule += fmt::format("  - {{at: {}, set: before.center, to: {}e6}}\n", at, 100 + below(100));
    }
    return all;
}

/// The graph of the table, with these numbers, and with who sends messages about each stream that is kept.
std::string graph(const BlockType& type, const Odd& numbers) {
    std::string text = graph_around(type, numbers.first, numbers.schedule, numbers.before);
    text = std::regex_replace(text, std::regex("type: feed,"), "type: feed, " + numbers.feed + ",");
    std::string blocks, connections, messages;
    static const std::regex kept(R"(  - (\S+) -> (keep_\w+)\n)");
    for (std::sregex_iterator k(text.begin(), text.end(), kept), end; k != end; ++k) {
        const std::string from = (*k)[1], keep = (*k)[2];
        blocks += fmt::format("  tell_{0}: {{type: teller, every: {1}}}\n  heard_{0}: {{type: note}}\n", keep, numbers.every);
        connections += fmt::format("  - {} -> tell_{}\n", from, keep);
        messages += fmt::format("  - tell_{0}.told -> heard_{0}\n", keep);
    }
    if (blocks.empty()) return text;
    text.insert(text.find("blocks:\n") + 8, blocks);
    text.insert(text.find("connections:\n") + 13, connections);
    const std::size_t at = text.find("messages:\n"), schedule = text.find("schedule:\n");
    if (at != std::string::npos) return text.insert(at + 10, messages);
    return text.insert(std::min(schedule, text.size()), "messages:\n" + messages);
}

TEST_P(EveryBlock, ComesToTheSameWhereverGapsAndChangesLie) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    if (prototype->inputs().empty() && !takes_group(*prototype) && prototype->message_inputs().empty())
        GTEST_SKIP() << "nothing goes in";
    std::seed_seq seed(type.name.begin(), type.name.end());
    Random random(seed);
    const char* more = std::getenv("FLOWSPAN_ROUNDS");
    const int rounds = more == nullptr ? 2 : std::atoi(more);
    int refused = 0;
    for (int round = 0; round < rounds; ++round) {
        const std::string text = graph(type, odd(random));
        const Ran one = ran(text, 1, 0);
        if (one.code == ExitCode::usage && ++refused < 20 * rounds) {
            --round;
            continue;
        }
        ASSERT_EQ(one.code, ExitCode::done) << one.cause << "\n" << text;
        for (int ranks = 1; ranks <= 3; ++ranks) {
            const Ran many = ran(text, ranks, random() % 1000 + 1);
            ASSERT_EQ(many.code, ExitCode::done) << many.cause << "\n" << ranks << " ranks\n" << text;
            for (const auto& [name, bytes] : one.seen)
                EXPECT_TRUE(many.seen.at(name) == bytes) << name << ", " << ranks << " ranks\n" << text;
        }
    }
}

}  // namespace
}  // namespace flowspan::run::every_block
