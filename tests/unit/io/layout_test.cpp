#include "io/recording/layout.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>

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
    return {start, 0, global, frequency, utc, 0};
}

/// A capture with a time as a header writes it.
Capture stamped(std::uint64_t start, const std::string& datetime, std::optional<std::uint64_t> global = {}) {
    Capture capture = at(start, global);
    capture.utc = parse_rfc3339(datetime, &capture.utc_digits);
    return capture;
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
    EXPECT_THAT(zeros.pieces, ElementsAre(Piece{0, 40, 0}, Piece{40, 7, std::nullopt}, Piece{47, 60, 40}));
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

TEST(Layout, SaysWhichSampleAnItemIsAndWhatIsMissing) {
    const Recording r = recording({at(0, 500), at(40, 547), at(60, 560)});  // 7 missing, then 7 twice
    using Places = RecordingPlaces::Piece;
    EXPECT_THAT(lay_out(r, Gaps::zeros, Retunes::error).pieces, ElementsAre(Places{0, 40, 0, 0}, Places{40, 7, std::nullopt, 0},
                                                                            Places{47, 20, 40, 0}, Places{67, 40, 60, -7}));
    EXPECT_THAT(lay_out(r, Gaps::restart, Retunes::error).pieces,
                ElementsAre(Places{0, 40, 0, 0}, Places{40, 20, 40, 7}, Places{60, 40, 60, 0}));
    EXPECT_THAT(lay_out(recording({at(0, {}, 1e6), at(40, {}, 2e6)}), Gaps::error, Retunes::restart).pieces,
                ElementsAre(Places{0, 100, 0, 0}));
}

TEST(RecordingPlaces, FindsTheSampleAtOrBehindAnItemAndItsTime) {
    RecordingPlaces places;
    places.recording = recording({at(0, 500), at(40, 547)});
    places.ticks = Rational(1000);
    places.pieces = lay_out(places.recording, Gaps::zeros, Retunes::error).pieces;
    for (const auto& [item, sample] :
         {std::pair(-5, 0), {0, 0}, {39, 39}, {40, 40}, {46, 40}, {47, 40}, {48, 41}, {106, 99}, {107, 100}, {5000, 100}})
        EXPECT_EQ(places.sample_at(item), std::uint64_t(sample)) << item;
    EXPECT_EQ(places.sample_at(Time(Rational(391, 10000))), 40U);  // item 39.1: the next is a zero, the sample behind it 40
    EXPECT_EQ(places.since_beginning(Time(Rational(48, 1000))), Time(Rational(48, 1000)));
    places.pieces = lay_out(places.recording, Gaps::restart, Retunes::error).pieces;
    EXPECT_EQ(places.sample_at(48), 48U);
    EXPECT_EQ(places.since_beginning(Time(Rational(39, 1000))), Time(Rational(39, 1000)));
    EXPECT_EQ(places.since_beginning(Time(Rational(40, 1000))), Time(Rational(47, 1000)));
    EXPECT_EQ(places.since_beginning(Time(Rational(-3, 1000))), Time(Rational(-3, 1000)));
    places.pieces.clear();
    EXPECT_EQ(places.sample_at(7), 7U);
    EXPECT_EQ(places.sample_at(700), 100U);
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

TEST(Layout, TimesShowGapsOfMoreThanHalfAUnitOfTheirLastDigit) {
    const auto length = [&](const char* second, Rational rate = 1000) {
        Recording r = recording({stamped(0, "2020-01-01T00:00:00.000Z"), stamped(40, second)});
        r.sample_rate = rate;
        return lay_out(r, Gaps::zeros, Retunes::error).length;
    };
    EXPECT_EQ(length("2020-01-01T00:00:00.040Z"), 100u);
    EXPECT_EQ(length("2020-01-01T00:00:00.0409Z"), 100u) << "not more than one sample";
    EXPECT_EQ(length("2020-01-01T00:00:00.041Z"), 100u) << "one sample";
    EXPECT_EQ(length("2020-01-01T00:00:00.0411Z"), 101u);
    EXPECT_EQ(length("2020-01-01T00:00:00.540Z"), 600u);
    EXPECT_EQ(length("2020-01-01T00:00:01Z"), 100u + 960u);
    EXPECT_EQ(length("2020-01-01T00:00:01Z", 75), 100u) << "0.467 s: whole seconds do not show it";
    EXPECT_EQ(length("2020-01-01T00:00:01Z", 80), 100u) << "half a second";
    EXPECT_EQ(length("2020-01-01T00:00:01Z", 81), 141u) << "0.506 s";
    EXPECT_EQ(length("2020-01-01T00:00:01.000000Z", 75), 100u + 35u) << "zeros are digits, too";
    EXPECT_EQ(length("2020-01-01T00:00:00.040000000000000000000Z"), 100u) << "digits beyond all need";
}

TEST(Layout, GapsBetweenCapturesOnWholeSecondsAreSeen) {
    std::vector<Capture> captures;
    for (int k = 0; k < 10; ++k)
        captures.push_back(stamped(10'000 * std::uint64_t(k), "2020-01-01T00:00:0" + std::to_string(k) + ".000000Z"));
    Recording r = recording(captures, 100'000);
    r.sample_rate = Rational(1'000'000);
    const Layout restart = lay_out(r, Gaps::restart, Retunes::error);
    ASSERT_EQ(restart.stretches.size(), 10u);
    for (std::size_t k = 1; k < 10; ++k)
        EXPECT_EQ(restart.stretches[k], (StretchStart{10'000 * k, {Break::gap, 990'000}, std::nullopt, captures[k].utc}));
    EXPECT_EQ(lay_out(r, Gaps::zeros, Retunes::error).length, 100'000u + 9 * 990'000u);
    for (Capture& capture : r.captures) capture.utc_digits = 0;
    EXPECT_EQ(lay_out(r, Gaps::restart, Retunes::error).stretches.size(), 10u)
        << "99 hundredths of a second are more than half";
}

TEST(Layout, WhatTimesAreRoundedByDoesNotAddUp) {
    // 0.4 s are lost before each capture of 1 s, and times have whole seconds: 1.4, 2.8, 4.2, 5.6, …
    std::vector<Capture> captures;
    for (int k = 0; k < 20; ++k) {
        const int tenths = 14 * k, seconds = (tenths + 5) / 10;
        captures.push_back(stamped(1000 * std::uint64_t(k),
                                   "2020-01-01T00:00:" + std::string(seconds < 10 ? "0" : "") + std::to_string(seconds) + "Z"));
    }
    const Layout zeros = lay_out(recording(captures, 20'000), Gaps::zeros, Retunes::error);
    EXPECT_NEAR(double(zeros.length), 20'000 + 19 * 400, 500);
    // An odd rate, without gaps: no error of a digit and no drift makes one.
    captures.clear();
    const Rational rate(48076923, 25);
    for (int k = 0; k < 1000; ++k) {
        const std::uint64_t start = 1'000'003 * std::uint64_t(k);
        const std::string text = rfc3339(Time(Rational(Time::of(std::int64_t(start), rate).whole())));
        const auto micros = std::llround(Time::of(std::int64_t(start), rate).fraction().value() * 1e6);
        captures.push_back(
            stamped(start, text.substr(0, text.size() - 1) + fmt::format(".{:06}Z", std::min(micros, 999'999LL))));
    }
    Recording r = recording(captures, 1'000'003'000);
    r.sample_rate = rate;
    EXPECT_EQ(lay_out(r, Gaps::error, Retunes::error).stretches.size(), 1u);
}

TEST(Layout, ATimeThatIsEarlyByWhatBothAreRoundedByIsNone) {
    const auto layout = [&](const char* first, const char* second, const char* third, Gaps gaps = Gaps::error) {
        return lay_out(recording({stamped(0, first), stamped(1400, second), stamped(2000, third)}, 3000), gaps, Retunes::error);
    };
    // First samples at 0.6, 2.0 and 2.6 s: counted from the first, the second is 0.4 s early.
    EXPECT_EQ(layout("2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z", "2020-01-01T00:00:03Z").stretches.size(), 1U);
    // 0.4 and 0.9: rounded to 0 and 1, then 2.4 that is 2; and one that is early by 0.9 s.
    EXPECT_EQ(layout("2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z").stretches.size(), 1U);
    EXPECT_EQ(layout("2020-01-01T00:00:00.5Z", "2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z").stretches.size(), 1U);
    EXPECT_EQ(layout("2020-01-01T00:00:00.7Z", "2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z", Gaps::restart).stretches.size(),
              2U)
        << "by 1.1 s";
}

TEST(Layout, CountsAndTimesMayTakeTurns) {
    // 100 are missing by count, then none by time, counted from the first time.
    const Recording r = recording({stamped(0, "2020-01-01T00:00:00.000Z", 500), at(40, 640),
                                   stamped(60, "2020-01-01T00:00:00.160Z"), stamped(80, "2020-01-01T00:00:00.200Z")},
                                  100);
    const Layout layout = lay_out(r, Gaps::restart, Retunes::error);
    ASSERT_EQ(layout.stretches.size(), 3u);
    EXPECT_EQ(layout.stretches[1],
              (StretchStart{40, {Break::gap, 100}, std::nullopt, parse_rfc3339("2020-01-01T00:00:00.14Z")}))
        << "its count of samples says when it begins";
    EXPECT_EQ(layout.stretches[2].what, (Discontinuity{Break::gap, 20}));
}

TEST(Layout, NoTimeAndNoCountIsTooLarge) {
    Recording r = recording({stamped(0, "0000-01-01T00:00:00Z"), stamped(40, "9999-12-31T23:59:59.999999999999999999Z")});
    r.sample_rate = Rational(1'000'000'000'000);
    for (const Gaps gaps : {Gaps::error, Gaps::zeros, Gaps::restart})
        EXPECT_EQ(sentence_of([&] { lay_out(r, gaps, Retunes::error); }),
                  "a.sigmf-meta: captures[1]: expected at most 4611686018427387904 samples missing, got "
                  "315569519999999999999960\n"
                  "   hint: is its core:global_index or core:datetime right?");
    const Recording back = recording({at(0, INT64_MAX), at(40, 0)});
    EXPECT_THAT(sentence_of([&] { lay_out(back, Gaps::restart, Retunes::error); }), HasSubstr("got -9223372036854775847"));
}

TEST(Layout, TimeThatRunsBackwardsRestarts) {
    const Recording r = recording({at(0, 500), at(40, 530)});
    EXPECT_EQ(lay_out(r, Gaps::zeros, Retunes::error).stretches[1].what, (Discontinuity{Break::restart, 0}));
    EXPECT_THAT(sentence_of([&] { lay_out(r, Gaps::error, Retunes::error); }), HasSubstr("got 10 twice"));
}

TEST(Layout, CutsSegmentsToARange) {
    const Layout layout = lay_out(recording({at(0, 500), at(40, 547)}), Gaps::zeros, Retunes::error);
    EXPECT_THAT(layout.pieces_of(10, 5), ElementsAre(Piece{10, 5, 10}));
    EXPECT_THAT(layout.pieces_of(39, 10), ElementsAre(Piece{39, 1, 39}, Piece{40, 7, std::nullopt}, Piece{47, 2, 40}));
    EXPECT_THAT(layout.pieces_of(40, 7), ElementsAre(Piece{40, 7, std::nullopt}));
    EXPECT_THAT(layout.pieces_of(106, 1), ElementsAre(Piece{106, 1, 99}));
    EXPECT_THAT(layout.pieces_of(107, 0), ElementsAre());
}

TEST(Layout, FindsTheItemOfATime) {
    const Time start = parse_rfc3339("2020-01-01T00:00:00.000Z");
    const Layout layout =
        lay_out(recording({at(0, {}, {}, start), stamped(40, "2020-01-01T00:00:00.540Z")}), Gaps::restart, Retunes::error);
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
    for (const char* wrong :
         {"", "s", "-1", "1.5", "1 x", "1..2 s", "yesterdayZ", "1e", "99999999999999999 h", "99999999999999999999"})
        EXPECT_EQ(parse_extent(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace flowspan::io
