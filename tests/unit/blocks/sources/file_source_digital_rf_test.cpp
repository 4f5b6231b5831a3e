// Samples that are found to be missing while a continuous Digital RF channel is read, by all policies.
#include "tests/unit/blocks/files.hpp"
#include "tests/unit/io/drf/channel.hpp"

#include <gmock/gmock.h>

namespace flowspan {
namespace {
using namespace test;
using testing::ElementsAre;

/// 100 samples a second and a file, real, of the value of their number less 100,000; samples 30 to 49 and 90 to 99 are fill,
/// the file of 100 to 199 is missing, and 200 to 204 are fill, too.
struct Channel {
    explicit Channel(const Folder& at) : path(at / "ch0") {
        RfChannel c{.folder = path, .folder_s = 100, .complex = false, .continuous = true};
        c.write_properties();
        for (const int second : {0, 2}) {
            std::vector<std::int16_t> rows;
            for (int k = 100 * second; k < 100 * second + 100; ++k) {
                const bool missing = (k >= 30 && k < 50) || (k >= 90 && k < 205);
                rows.push_back(missing ? INT16_MIN : std::int16_t(k));
            }
            c.write_file("1970-01-01T00-16-40/rf@" + std::to_string(1000 + second) + ".000.h5", rows.data(), 100,
                         H5T_NATIVE_INT16, {{100'000 + 100 * std::uint64_t(second), 0}});
        }
    }
    std::string path;
};

Outcome read(const Channel& channel, Value::Map more, std::size_t max_chunk = 0, std::uint64_t seed = 1) {
    Options options = reading();
    options.max_chunk = max_chunk;
    options.seed = seed;
    more["path"] = channel.path;
    return run("file_source", more, {}, options);
}
std::vector<int> numbers(const Outcome& o) {
    const auto samples = o.outputs[0].samples<std::int16_t>();
    return {samples.begin(), samples.end()};
}
std::vector<int> without_missing(int first = 0) {
    std::vector<int> all;
    for (int k = first; k < 300; ++k)
        if (k < 30 || (k >= 50 && k < 90) || k >= 205) all.push_back(k);
    return all;
}

TEST(DigitalRfSource, AStretchBeginsBehindWhatIsMissingHoweverCallsAreCut) {
    const Folder folder;
    const Channel channel(folder);
    for (const std::size_t max_chunk : {0, 1, 7, 30, 100})
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            const Outcome all = read(channel, {{"gaps", "restart"}}, max_chunk, seed);
            EXPECT_EQ(numbers(all), without_missing());
            const auto& stretches = all.outputs[0].stretches;
            ASSERT_EQ(stretches.size(), 2U) << max_chunk;
            EXPECT_EQ(stretches[0].index, 30U);
            EXPECT_EQ(stretches[0].what.kind, Break::gap);
            EXPECT_EQ(stretches[0].what.missing, 20U);
            EXPECT_EQ(stretches[0].utc, Time(1000, Rational(1, 2)));
            EXPECT_EQ(stretches[1].index, 70U);
            EXPECT_EQ(stretches[1].what.missing, 115U);
            EXPECT_EQ(stretches[1].utc, Time(1002, Rational(1, 20)));
            EXPECT_EQ(all.results.at("missing"), Value(135));
            EXPECT_TRUE(all.warnings.empty());
        }
}

TEST(DigitalRfSource, ZerosStandForWhatIsMissingAndAreCounted) {
    const Folder folder;
    const Channel channel(folder);
    std::vector<int> expected;
    for (int k = 0; k < 300; ++k) expected.push_back(k < 30 || (k >= 50 && k < 90) || k >= 205 ? k : 0);
    for (const std::size_t max_chunk : {0, 1, 7}) {
        const Outcome all = read(channel, {{"gaps", "zeros"}}, max_chunk);
        EXPECT_EQ(numbers(all), expected);
        EXPECT_TRUE(all.outputs[0].stretches.empty());
        EXPECT_EQ(all.results.at("missing"), Value(135));
    }
}

TEST(DigitalRfSource, FromCountsWhatIsThereAndATimeIsAPlace) {
    const Folder folder;
    const Channel channel(folder);
    for (const std::size_t max_chunk : {0, 1, 7}) {
        const Outcome later = read(channel, {{"gaps", "restart"}, {"from", "40"}, {"duration", "35"}}, max_chunk);
        auto expected = without_missing();
        EXPECT_EQ(numbers(later), std::vector<int>(expected.begin() + 40, expected.begin() + 75));
        EXPECT_EQ(later.outputs[0].first, 40U);
        const Outcome there =
            read(channel, {{"gaps", "restart"}, {"from", "1970-01-01T00:16:40.6Z"}, {"duration", "1970-01-01T00:16:40.8Z"}},
                 max_chunk);
        std::vector<int> some;
        for (int k = 60; k < 80; ++k) some.push_back(k);
        EXPECT_EQ(numbers(there), some);
        const Outcome beyond = read(channel, {{"gaps", "restart"}, {"from", "160"}, {"duration", "20"}}, max_chunk);
        EXPECT_EQ(numbers(beyond), std::vector<int>({295, 296, 297, 298, 299}));
        EXPECT_THAT(beyond.warnings,
                    ElementsAre("`duration: 20` goes beyond the end of " + channel.path + ": 5 samples are there"));
    }
}

TEST(DigitalRfSource, WhatIsMissingInAFileEndsTheRunWhereItIsAnError) {
    const Folder folder;
    const Channel channel(folder);
    std::filesystem::remove(channel.path + "/1970-01-01T00-16-40/rf@1002.000.h5");
    for (const std::size_t max_chunk : {0, 1, 7, 30})
        EXPECT_THAT(
            sentence_of([&] { read(channel, {}, max_chunk); }),
            testing::HasSubstr(channel.path + ": expected samples that follow on those before sample 30, got 20 missing: "
                                              "the source's `gaps: zeros` or `gaps: restart` accepts it"));
}

}  // namespace
}  // namespace flowspan
