#include "io/recording/layout.hpp"

#include <gmock/gmock.h>

#include "folder.hpp"

namespace flowspan::io {
namespace {
using test::sentence_of;
using testing::ElementsAre;
using testing::HasSubstr;

Recording recording(std::vector<Capture> captures, std::uint64_t length = 100) {
    Recording r;
    r.path = "a.sigmf-meta";
    r.type = SampleType::ci16;
    r.sample_rate = Rational(1000);
    r.length = length;
    r.captures = std::move(captures);
    return r;
}

Capture at(std::uint64_t start, std::optional<std::uint64_t> global = {}, std::optional<double> frequency = {},
           std::optional<Time> utc = {}) {
    return {start, 0, global, frequency, utc};
}

TEST(Layout, ARecordingWithoutCapturesIsOneStretch) {
    const Layout layout = lay_out(recording({}), Gaps::error, Retunes::error);
    EXPECT_EQ(layout.length, 100u);
    EXPECT_THAT(layout.pieces, ElementsAre(Piece{0, 100, 0}));
    EXPECT_EQ(layout.stretches.size(), 1u);
    EXPECT_EQ(lay_out(recording({}, 0), Gaps::error, Retunes::error).length, 0u);
}

TEST(Layout, CapturesThatFollowOnAreOneSegment) {
    const Layout layout = lay_out(recording({at(0, 500, 1e6), at(40, 540, 1e6)}), Gaps::error, Retunes::error);
    EXPECT_THAT(layout.pieces, ElementsAre(Piece{0, 100, 0}));
    EXPECT_EQ(layout.stretches.size(), 1u);
}

TEST(Layout, GapsBecomeZerosOrANewStretchOrARefusal) {
    const Recording r = recording({at(0, 500), at(40, 547)});
    const Layout zeros = lay_out(r, Gaps::zeros, Retunes::error);
    EXPECT_EQ(zeros.length, 107u);
    EXPECT_THAT(zeros.pieces, ElementsAre(Piece{0, 40, 0}, Piece{40, 7, std::nullopt}, Piece{47, 60, 160}));
    EXPECT_EQ(zeros.stretches.size(), 1u);

    const Layout restart = lay_out(r, Gaps::restart, Retunes::error);
    EXPECT_EQ(restart.length, 100u);
    ASSERT_EQ(restart.stretches.size(), 2u);
    EXPECT_EQ(restart.stretches[1].index, 40u);
    EXPECT_EQ(restart.stretches[1].what, (Discontinuity{Break::gap, 7}));

    EXPECT_EQ(sentence_of([&] { lay_out(r, Gaps::error, Retunes::error); }),
              "a.sigmf-meta: captures[1]: expected samples that follow on those before sample 40, got 7 missing\n"
              "   hint: the source's `gaps: zeros` or `gaps: restart` accepts it");
}

TEST(Layout, ANonsensicalCountIsNotFilledWithZeros) {
    const Recording r = recording({at(0, 500), at(40, std::uint64_t{1} << 62)});
    EXPECT_EQ(sentence_of([&] { lay_out(r, Gaps::zeros, Retunes::error); }),
              "a.sigmf-meta: captures[1]: expected at most 1099511627776 samples missing, to be filled with zeros, got "
              "4611686018427387364\n"
              "   hint: is its core:global_index or core:datetime right? `gaps: restart` makes no zeros");
    EXPECT_EQ(lay_out(r, Gaps::restart, Retunes::error).length, 100u);
    EXPECT_EQ(lay_out(recording({at(0, 0), at(40, 40 + (std::uint64_t{1} << 40))}), Gaps::zeros, Retunes::error).length,
              100 + (std::uint64_t{1} << 40));
}

TEST(Layout, ARetuneBeginsAStretchOrIsRefused) {
    const Recording r = recording({at(0, {}, 1e6), at(40, {}, 2e6), at(70)});
    const Layout layout = lay_out(r, Gaps::error, Retunes::restart);
    ASSERT_EQ(layout.stretches.size(), 3u);
    EXPECT_EQ(layout.stretches[1], (StretchStart{40, {Break::retune, 0}, 2e6, std::nullopt}));
    EXPECT_EQ(layout.stretches[2].frequency, std::nullopt);
    const std::string text = sentence_of([&] { lay_out(r, Gaps::error, Retunes::error); });
    EXPECT_THAT(text, HasSubstr("captures[1]: expected the centre frequency before it, 1000000 Hz, got 2000000 Hz"));
    EXPECT_THAT(text, HasSubstr("captures[2]: expected the centre frequency before it, 2000000 Hz, got no frequency"));
    EXPECT_THAT(text, HasSubstr("the source's `retune: restart` accepts it"));
}

TEST(Layout, ARetuneWithAGapFillsTheGapFirst) {
    const Recording r = recording({at(0, 0, 1e6), at(40, 50, 2e6)});
    const Layout zeros = lay_out(r, Gaps::zeros, Retunes::restart);
    ASSERT_EQ(zeros.stretches.size(), 2u);
    EXPECT_EQ(zeros.stretches[1].index, 50u);
    EXPECT_EQ(zeros.stretches[1].what, (Discontinuity{Break::retune, 0}));
    EXPECT_EQ(lay_out(r, Gaps::restart, Retunes::restart).stretches[1].what, (Discontinuity{Break::retune, 10}));
}

TEST(Layout, TimesShowGapsBeyondTheirPrecision) {
    const Time start = parse_rfc3339("2020-01-01T00:00:00.000Z");
    const auto layout = [&](const char* second) {
        return lay_out(recording({at(0, {}, {}, start), at(40, {}, {}, parse_rfc3339(second))}), Gaps::zeros, Retunes::error);
    };
    EXPECT_EQ(layout("2020-01-01T00:00:00.040Z").length, 100u);
    EXPECT_EQ(layout("2020-01-01T00:00:00.0409Z").length, 101u) << "0.9 samples late, written to 0.1 ms";
    EXPECT_EQ(layout("2020-01-01T00:00:00.540Z").length, 600u);
    EXPECT_EQ(layout("2020-01-01T00:00:01Z").length, 100u) << "whole seconds do not show a gap of less than one";
    EXPECT_EQ(layout("2020-01-01T00:00:03Z").length, 100u + 2960u);
}

TEST(Layout, TimeThatRunsBackwardsRestarts) {
    const Recording r = recording({at(0, 500), at(40, 530)});
    EXPECT_EQ(lay_out(r, Gaps::zeros, Retunes::error).stretches[1].what, (Discontinuity{Break::restart, 0}));
    EXPECT_THAT(sentence_of([&] { lay_out(r, Gaps::error, Retunes::error); }), HasSubstr("got 10 twice"));
}

TEST(Layout, HeaderBytesBelongToTheFile) {
    Recording r = recording({at(0), at(40)});
    r.captures[0].header_bytes = 16;
    r.captures[1].header_bytes = 4;
    const Layout layout = lay_out(r, Gaps::error, Retunes::error);
    EXPECT_THAT(layout.pieces, ElementsAre(Piece{0, 40, 16}, Piece{40, 60, 16 + 160 + 4}));
    EXPECT_EQ(layout.stretches.size(), 1u);
}

TEST(Layout, CutsSegmentsToARange) {
    const Layout layout = lay_out(recording({at(0, 500), at(40, 547)}), Gaps::zeros, Retunes::error);
    EXPECT_THAT(layout.pieces_of(10, 5), ElementsAre(Piece{10, 5, 40}));
    EXPECT_THAT(layout.pieces_of(39, 10), ElementsAre(Piece{39, 1, 156}, Piece{40, 7, std::nullopt}, Piece{47, 2, 160}));
    EXPECT_THAT(layout.pieces_of(40, 7), ElementsAre(Piece{40, 7, std::nullopt}));
    EXPECT_THAT(layout.pieces_of(106, 1), ElementsAre(Piece{106, 1, 160 + 59 * 4}));
    EXPECT_THAT(layout.pieces_of(107, 0), ElementsAre());
}

TEST(Layout, FindsTheItemOfATime) {
    const Time start = parse_rfc3339("2020-01-01T00:00:00.000Z");
    const Layout layout = lay_out(recording({at(0, {}, {}, start), at(40, {}, {}, parse_rfc3339("2020-01-01T00:00:00.540Z"))}),
                                  Gaps::restart, Retunes::error);
    EXPECT_EQ(layout.index_at(parse_rfc3339("2019-01-01T00:00:00Z")), 0u);
    EXPECT_EQ(layout.index_at(parse_rfc3339("2020-01-01T00:00:00.0101Z")), 11u);
    EXPECT_EQ(layout.index_at(parse_rfc3339("2020-01-01T00:00:00.3Z")), 40u) << "in the gap: the first item after it";
    EXPECT_EQ(layout.index_at(parse_rfc3339("2020-01-01T00:00:00.55Z")), 50u);
    EXPECT_EQ(layout.index_at(parse_rfc3339("2021-01-01T00:00:00Z")), 100u);
    EXPECT_EQ(layout.stretch_of(39).index, 0u);
    EXPECT_EQ(layout.stretch_of(40).index, 40u);
    EXPECT_EQ(lay_out(recording({}), Gaps::error, Retunes::error).index_at(start), std::nullopt);
}

TEST(Extent, ReadsSamplesSecondsAndTimes) {
    EXPECT_EQ(parse_extent("1000"), (Extent{Extent::Kind::samples, 1000, {}}));
    EXPECT_EQ(parse_extent("2e6"), (Extent{Extent::Kind::samples, 2000000, {}}));
    EXPECT_EQ(parse_extent("12 samples"), (Extent{Extent::Kind::samples, 12, {}}));
    EXPECT_EQ(parse_extent("2.5 s"), (Extent{Extent::Kind::seconds, 0, Time(Rational(5, 2))}));
    EXPECT_EQ(parse_extent("10ms"), (Extent{Extent::Kind::seconds, 0, Time(Rational(1, 100))}));
    EXPECT_EQ(parse_extent("3 min"), (Extent{Extent::Kind::seconds, 0, Time(Rational(180))}));
    EXPECT_EQ(parse_extent("2019-08-29T19:08:20Z"), (Extent{Extent::Kind::utc, 0, parse_rfc3339("2019-08-29T19:08:20Z")}));
    for (const char* wrong : {"", "s", "-1", "1.5", "1 x", "1..2 s", "yesterdayZ", "1e", "99999999999999999999"})
        EXPECT_EQ(parse_extent(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace flowspan::io
