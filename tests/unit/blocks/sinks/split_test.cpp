// Sinks that divide their stream into files by time.
#include "blocks/sinks/parts/boundaries.hpp"

#include <gmock/gmock.h>

#include "tests/unit/blocks/files.hpp"
#include "tests/unit/oracle.hpp"

#include <flowspan/version.hpp>

#include <nlohmann/json.hpp>

namespace flowspan::test {
namespace {
using blocks::Boundaries;
using blocks::PartLength;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

using Wide = __int128;

/// The whole seconds-multiple that item `index` lies in, by the definition: floor((time + index / rate) / duration), where
/// time is `time_num` / `time_den` s.
Wide defined_part(std::uint64_t index, Wide time_num, Wide time_den, const Rational& rate, Wide dur_num, Wide dur_den) {
    // (time_num/time_den + index*rd/rn) * dur_den / dur_num
    const Wide numerator = (time_num * rate.numerator() + Wide(index) * rate.denominator() * time_den) * dur_den;
    const Wide denominator = time_den * rate.numerator() * dur_num;
    return numerator / denominator - (numerator % denominator < 0 ? 1 : 0);
}

TEST(Boundaries, AreExactAtAnyRateAndFarOut) {
    struct Case {
        Rational rate, duration;
        std::int64_t time_ms;
    };
    for (const Case& c : {Case{Rational(200, 3), Rational(60), 1'600'000'000'015}, Case{Rational(48000), Rational(1, 7), 3},
                          Case{Rational(1'000'000, 7), Rational(1), -12'345}, Case{Rational(10, 3), Rational(1, 2), 0}}) {
        const Boundaries b({Time(c.duration), 0}, 0, Time(Rational(c.time_ms, 1000)), c.rate);
        for (const std::uint64_t from : {std::uint64_t(0), std::uint64_t(1'000'003), std::uint64_t(1'000'000'000'007)}) {
            std::uint64_t index = from;
            for (int k = 0; k < 50; ++k) {
                const auto part = [&](std::uint64_t i) {
                    return defined_part(i, c.time_ms, 1000, c.rate, c.duration.numerator(), c.duration.denominator());
                };
                ASSERT_TRUE(b.part_of(index) == part(index)) << c.rate.text() << " " << index;
                const std::uint64_t next = b.next(index);
                ASSERT_GT(next, index);
                ASSERT_TRUE(part(next) > part(index)) << c.rate.text() << " " << index;
                ASSERT_TRUE(part(next - 1) == part(index)) << c.rate.text() << " " << index;
                index = next;
            }
        }
    }
}

TEST(Boundaries, OfItemsCountFromTheFirst) {
    const Boundaries b({{}, 10}, 7, {}, Rational(1));
    EXPECT_EQ(b.next(7), 17U);
    EXPECT_EQ(b.next(16), 17U);
    EXPECT_EQ(b.next(17), 27U);
    EXPECT_EQ(b.next(UINT64_MAX - 1), UINT64_MAX);
}

/// 0, 1, 2, … from 2026-01-31T11:59:58.5Z on, at `rate`.
Stream timed(std::size_t length, const Rational& rate) {
    Stream stream = Stream::of(ramp(length), rate);
    stream.description.utc = parse_rfc3339("2026-01-31T11:59:58.5Z");
    return stream;
}

std::string samples(std::size_t from, std::size_t to) {
    const auto all = ramp(to);
    return bytes_of(std::vector<cf32>(all.begin() + std::ptrdiff_t(from), all.end()));
}

TEST(FileSinkSplit, PartsBeginAtWholeMultiplesInUtc) {
    const Written out =
        written_in_any_chunks("file_sink", {{"path", "a_{datetime}.cf32"}, {"split", "2 s"}}, {timed(50, Rational(10))});
    EXPECT_EQ(out.files, (Files{{"a_2026-01-31T11:59:58.5Z.cf32", samples(0, 15)},
                                {"a_2026-01-31T12:00:00Z.cf32", samples(15, 35)},
                                {"a_2026-01-31T12:00:02Z.cf32", samples(35, 50)}}));
    EXPECT_EQ(out.results.at("parts").integer(), 3);
    EXPECT_EQ(out.results.at("samples").integer(), 50);
}

// At 200/3 Hz item k is at 58.5 s + 0.015 k: 12:00:00 is item 100, 12:00:01 lies between 166 and 167.
TEST(FileSinkSplit, ThePartsFirstSampleIsTheFirstAtOrBehindTheBoundary) {
    const Written out =
        written_in_any_chunks("file_sink", {{"path", "{datetime}"}, {"split", "1 s"}}, {timed(200, Rational(200, 3))});
    EXPECT_EQ(out.files, (Files{{"2026-01-31T11:59:58.5Z", samples(0, 34)},
                                {"2026-01-31T11:59:59.01Z", samples(34, 100)},
                                {"2026-01-31T12:00:00Z", samples(100, 167)},
                                {"2026-01-31T12:00:01.005Z", samples(167, 200)}}));
}

TEST(FileSinkSplit, WhereNoTimeIsKnownPartsAreCountedFromTheFirstSample) {
    const Files expected{{"a_000.cf32", samples(0, 20)}, {"a_001.cf32", samples(20, 40)}, {"a_002.cf32", samples(40, 45)}};
    const Stream stream = Stream::of(ramp(45), Rational(10));
    EXPECT_EQ(written_in_any_chunks("file_sink", {{"path", "a.cf32"}, {"split", "2 s"}}, {stream}).files, expected);
    EXPECT_EQ(written_in_any_chunks("file_sink", {{"path", "a_{part:03}.cf32"}, {"split", "2000 ms"}}, {stream}).files,
              expected);
    EXPECT_EQ(written_in_any_chunks("file_sink", {{"path", "a.cf32"}, {"split", "20"}}, {Stream::of(ramp(45))}).files,
              expected);
    // Of samples, whatever the time is.
    EXPECT_EQ(
        written_in_any_chunks("file_sink", {{"path", "a.cf32"}, {"split", "20 samples"}}, {timed(45, Rational(10))}).files,
        expected);
}

TEST(FileSinkSplit, OnePartIsOneFileAndNoSampleIsNone) {
    EXPECT_EQ(written_in_any_chunks("file_sink", {{"path", "a.cf32"}, {"split", "1 h"}}, {timed(3, Rational(10))}).files,
              (Files{{"a_000.cf32", samples(0, 3)}}));
    const Folder folder;
    Options options;
    options.out = folder.path();
    const Outcome nothing = run("file_sink", {{"path", "a.cf32"}, {"split", "1 h"}}, {timed(0, Rational(10))}, options);
    EXPECT_THAT(folder.names(), ElementsAre());
    EXPECT_THAT(nothing.warnings, ElementsAre("nothing came: no part is written"));
}

// Part 12:00:00 has no sample: the gap goes over it.
TEST(FileSinkSplit, AGapThatHasNoSampleOfAPartLeavesItOut) {
    Stream stream = timed(40, Rational(10));
    stream.stretches = {{15, {Break::gap, 23}, {}, parse_rfc3339("2026-01-31T12:00:02.3Z")}};
    const Written out =
        written_in_any_chunks("file_sink", {{"path", "a_{part}_{datetime:.19}.cf32"}, {"split", "2 s"}}, {stream});
    EXPECT_EQ(out.files, (Files{{"a_0_2026-01-31T11:59:58.cf32", samples(0, 15)},
                                {"a_1_2026-01-31T12:00:02.cf32", samples(15, 32)},
                                {"a_2_2026-01-31T12:00:04.cf32", samples(32, 40)}}));
    // Without UTC the time goes on over the gap all the same: 1.5 s + 2.3 s, so that the next multiple of 2 s is at 4 s.
    Stream untimed = Stream::of(ramp(40), Rational(10));
    untimed.stretches = {{15, {Break::gap, 23}, {}, {}}};
    EXPECT_EQ(written_in_any_chunks("file_sink", {{"path", "a.cf32"}, {"split", "2 s"}}, {untimed}).files,
              (Files{{"a_000.cf32", samples(0, 15)},
                     {"a_001.cf32", samples(15, 17)},
                     {"a_002.cf32", samples(17, 37)},
                     {"a_003.cf32", samples(37, 40)}}));
}

TEST(FileSinkSplit, EverySigmfPartHasItsOwnHeader) {
    Stream stream = timed(50, Rational(10));
    stream.description.center_frequency = 1e6;
    stream.stretches = {{20, {Break::retune, 0}, 2e6, parse_rfc3339("2026-01-31T12:00:00.5Z")},
                        {30, {Break::gap, 10}, 2e6, parse_rfc3339("2026-01-31T12:00:02.5Z")}};
    const Written out =
        written_in_any_chunks("file_sink", {{"path", "a.sigmf-meta"}, {"split", "2 s"}, {"checksum", true}}, {stream});
    ASSERT_EQ(out.files.size(), 8U);
    const auto captures = [&](const std::string& name) {
        return nlohmann::json::parse(out.files.at(name)).at("captures").dump();
    };
    EXPECT_EQ(
        captures("a_000.sigmf-meta"),
        R"([{"core:datetime":"2026-01-31T11:59:58.5Z","core:frequency":1000000.0,"core:global_index":0,"core:sample_start":0}])");
    EXPECT_EQ(
        captures("a_001.sigmf-meta"),
        R"([{"core:datetime":"2026-01-31T12:00:00Z","core:frequency":1000000.0,"core:global_index":15,"core:sample_start":0},)"
        R"({"core:datetime":"2026-01-31T12:00:00.5Z","core:frequency":2000000.0,"core:global_index":20,"core:sample_start":5}])");
    EXPECT_EQ(
        captures("a_002.sigmf-meta"),
        R"([{"core:datetime":"2026-01-31T12:00:02.5Z","core:frequency":2000000.0,"core:global_index":40,"core:sample_start":0}])");
    EXPECT_EQ(out.files.at("a_000.sigmf-data"), samples(0, 15));
    EXPECT_EQ(out.files.at("a_001.sigmf-data"), samples(15, 30));
    EXPECT_EQ(out.files.at("a_002.sigmf-data"), samples(30, 45));
    EXPECT_EQ(out.files.at("a_003.sigmf-data"), samples(45, 50));
    for (const char* name : {"a_000", "a_001", "a_002", "a_003"}) {
        const Folder folder;
        for (const char* end : {".sigmf-data", ".sigmf-meta"})
            folder.write(name + std::string(end), out.files.at(name + std::string(end)));
        run("file_source", {{"path", folder / (name + std::string(".sigmf-meta"))}, {"retune", "restart"}, {"checksum", true}},
            {}, reading());
    }
}

TEST(FileSinkSplit, AnArrayAndAnArchiveAreDividedAlike) {
    const Stream stream = timed(50, Rational(10));
    const Written arrays = written_in_any_chunks("file_sink", {{"path", "a.npy"}, {"split", "2 s"}}, {stream});
    EXPECT_THAT(arrays.files, testing::SizeIs(3));
    for (const auto& [name, content] : arrays.files) EXPECT_THAT(content, HasSubstr("NUMPY"));
    const Written archives = written_in_any_chunks("file_sink", {{"path", "a.sigmf"}, {"split", "2 s"}}, {stream});
    EXPECT_THAT(archives.files.at("a_001.sigmf"), HasSubstr("a_001.sigmf-data"));
    const Folder folder;
    folder.write("a_001.sigmf", archives.files.at("a_001.sigmf"));
    const Stream back = run("file_source", {{"path", folder / "a_001.sigmf"}}, {}, reading()).outputs.at(0);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(back.bytes.data()), back.bytes.size()), samples(15, 35));
}

TEST(FileSinkSplit, ManyPartsHoldNoFilesOpen) {
    const Written out = written("file_sink", {{"path", "a.cf32"}, {"split", "2"}}, {Stream::of(ramp(10000))});
    EXPECT_EQ(out.files.size(), 5000U);
    EXPECT_EQ(out.files.at("a_4999.cf32"), samples(9998, 10000));
}

TEST(FileSinkSplit, RefusesWhatCannotBeDivided) {
    const auto said = [](Value::Map parameters, const Stream& stream) {
        parameters.emplace("path", "a.cf32");
        return sentence_of([&] { written("file_sink", parameters, {stream}); });
    };
    const Stream stream = timed(10, Rational(10));
    for (const char* wrong : {"0", "0 s", "-1 s", "ten", "2026-01-31T12:00:00Z", "1.5"})
        EXPECT_THAT(
            said({{"split", wrong}}, stream),
            HasSubstr(std::string("split: expected a duration as 60 s, or a number of samples, more than 0, got ") + wrong));
    EXPECT_THAT(said({{"split", "1 s"}}, Stream::of(ramp(3))),
                HasSubstr("split: expected a number of samples, for the stream has no sample rate, got 1 s"));
    EXPECT_THAT(said({{"split", "10 ms"}}, stream),
                HasSubstr("split: expected the duration of a sample at least, at 10 Hz, got 10 ms"));
    EXPECT_THAT(said({{"split", "1 s"}, {"path", "/dev/null"}}, stream),
                HasSubstr("split: expected a file as `path`: a pipe or a device takes the stream as one, got 1 s"));
    EXPECT_THAT(said({{"split", "1 s"}, {"path", "{datetime}.cf32"}}, Stream::of(ramp(3), Rational(10))),
                HasSubstr("path: expected a stream whose time is known, got `{datetime}`"));
    EXPECT_THAT(said({{"split", "100 ms"}, {"path", "{datetime:.19}.cf32"}}, stream),
                HasSubstr("path: expected names that tell all parts apart, got "));
    EXPECT_THAT(said({{"split", "1 s"}, {"path", "{part}/a.cf32"}}, stream),
                HasSubstr("path: expected {part} in the name of the file: all parts lie in one folder, got {part}/a.cf32"));
    EXPECT_THAT(said({{"split", "1 s"}, {"path", "a{part:x}.cf32"}}, stream),
                HasSubstr("path: expected digits for the number of a part, got a{part:x}.cf32"));
    EXPECT_THAT(said({{"path", "a{part}.cf32"}}, stream), HasSubstr("path: expected a placeholder, got `{part}`"));
}

TEST(WavSinkSplit, PartsAndStretchesAreNumberedTogether) {
    Stream stream = Stream::of(std::vector<f32>(50, 0.25F), Rational(10));
    stream.description.utc = parse_rfc3339("2026-01-31T11:59:58.5Z");
    stream.stretches = {{20, {Break::retune, 0}, 2e6, parse_rfc3339("2026-01-31T12:00:00.5Z")},
                        {30, {Break::gap, 10}, 2e6, parse_rfc3339("2026-01-31T12:00:02.5Z")}};
    const auto frames = [&](const Value::Map& parameters) {
        std::map<std::string, std::size_t> lengths;
        for (const auto& [name, content] : written_in_any_chunks("wav_sink", parameters, {stream}).files)
            lengths[name] = (content.size() - 80) / 2;
        return lengths;
    };
    EXPECT_THAT(
        frames({{"path", "a.wav"}, {"split", "2 s"}}),
        UnorderedElementsAre(testing::Pair("a_000.wav", 15), testing::Pair("a_001.wav", 5), testing::Pair("a_002.wav", 10),
                             testing::Pair("a_003.wav", 15), testing::Pair("a_004.wav", 5)));
    EXPECT_THAT(frames({{"path", "a_{datetime}.wav"}, {"split", "2 s"}, {"retune", "continue"}}),
                UnorderedElementsAre(
                    testing::Pair("a_2026-01-31T11:59:58.5Z.wav", 15), testing::Pair("a_2026-01-31T12:00:00Z.wav", 15),
                    testing::Pair("a_2026-01-31T12:00:02.5Z.wav", 15), testing::Pair("a_2026-01-31T12:00:04Z.wav", 5)));
}

}  // namespace
}  // namespace flowspan::test
