// What digital_rf_sink asks of its input, and where its samples lie in time.
#include "io/recording/layout.hpp"
#include "tests/unit/blocks/files.hpp"

#include <gmock/gmock.h>

namespace flowspan {
namespace {
using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

/// 100 samples a second, of the value of their index, from 1000 s on.
Stream counted(std::size_t count) {
    std::vector<cf32> samples;
    for (std::size_t k = 0; k < count; ++k) samples.emplace_back(float(k), -float(k));
    Stream s = Stream::of(samples);
    s.description.sample_rate = Rational(100);
    s.description.utc = Time(1000, Rational());
    return s;
}

struct Made {
    Recording recording;
    std::vector<std::string> warnings;
    Value results;
};
Made made(const Stream& in, const Value::Map& more = {}) {
    const Folder folder;
    Options options;
    options.out = folder.path();
    Value::Map parameters{{"path", "ch0"}};
    for (const auto& [key, value] : more) parameters[key] = value;
    const Outcome outcome = run("digital_rf_sink", parameters, {in}, options);
    return {io::read_recording(folder / "ch0"), outcome.warnings, outcome.results};
}

TEST(DigitalRfSink, PutsEachSampleAtItsTime) {
    const Made m = made(counted(250));
    EXPECT_EQ(m.recording.length, 250U);
    ASSERT_EQ(m.recording.captures.size(), 1U);
    EXPECT_EQ(m.recording.captures[0].utc, Time(1000, Rational()));
    EXPECT_EQ(m.results, Value(Value::Map{{"samples", 250}, {"first_sample", 100'000}}));
    EXPECT_THAT(m.warnings, IsEmpty());
}

TEST(DigitalRfSink, MakesTheSameFilesHoweverItsInputComes) {
    Stream s = counted(1000);
    s.stretches.push_back({.index = 333, .what = {Break::gap, 17}, .center_frequency = {}, .utc = {}});
    written_in_any_chunks("digital_rf_sink", {{"path", "ch0"}}, {s});
}

TEST(DigitalRfSink, AStretchHasTheNumberOfItsTimeElseThatOfWhatIsMissing) {
    Stream s = counted(300);
    s.stretches.push_back({.index = 100, .what = {Break::gap, 17}, .center_frequency = {}, .utc = {}});
    s.stretches.push_back({.index = 200, .what = {Break::gap, 1}, .center_frequency = {}, .utc = Time(1010, Rational())});
    const Made m = made(s);
    ASSERT_EQ(m.recording.captures.size(), 3U);
    EXPECT_EQ(m.recording.captures[1].global_index, 100'117U);
    EXPECT_EQ(m.recording.captures[2].global_index, 101'000U);
}

TEST(DigitalRfSink, SamplesOfATimeThatHasBeenAreLeftOutAndSaid) {
    Stream s = counted(300);
    s.stretches.push_back(
        {.index = 100, .what = {Break::restart, 0}, .center_frequency = {}, .utc = Time(1000, Rational(9, 10))});
    const Made m = made(s);
    EXPECT_EQ(m.recording.length, 290U);
    EXPECT_EQ(m.recording.captures.size(), 1U);
    EXPECT_THAT(m.warnings,
                ElementsAre("10 samples at the beginning of stretches are left out: their times are those of samples "
                            "before them, and Digital RF holds each once"));
    EXPECT_EQ(m.results.at("left_out"), Value(10));
}

TEST(DigitalRfSink, ATimeBesideTheGridTakesTheNearestNumberAndIsSaid) {
    Stream s = counted(10);
    s.description.utc = Time(1000, Rational(17, 1000));
    const Made m = made(s);
    EXPECT_EQ(m.recording.captures[0].global_index, 100'002U);
    EXPECT_THAT(m.warnings, ElementsAre("samples lie 0.003 s beside those that Digital RF numbers at 100 Hz; each takes the "
                                        "nearest number"));
}

TEST(DigitalRfSink, RefusesAStreamWithoutARateOrATimeAndCadencesThatDoNotFit) {
    Stream s = counted(10);
    s.description.utc.reset();
    EXPECT_EQ(sentence_of([&] { made(s); }),
              "blocks.block: expected an input with a time in UTC, since Digital RF counts samples from 1970 on, got none\n"
              "   hint: `datetime` of a file_source gives one");
    Stream without_rate = counted(10);
    without_rate.description.sample_rate.reset();
    EXPECT_THAT(sentence_of([&] { made(without_rate); }), testing::HasSubstr("a sample rate"));
    EXPECT_EQ(sentence_of([&] {
                  made(counted(10), {{"file_cadence_millisecs", 7000}, {"subdir_cadence_secs", 10}});
              }),
              "blocks.block.file_cadence_millisecs: expected a divisor of `subdir_cadence_secs`, 10 s, got 7000");
}

}  // namespace
}  // namespace flowspan
