#include <gmock/gmock.h>

#include <filesystem>

#include "tests/unit/blocks/files.hpp"

namespace flowspan::test {
namespace {
using testing::HasSubstr;

std::vector<f32> sound(std::size_t length) {
    std::vector<f32> samples(length);
    for (std::size_t k = 0; k < length; ++k) samples[k] = float(int(k * 7919 % 2001) - 1000) / 1000;
    return samples;
}

std::string pcm(const std::vector<f32>& samples) {
    std::vector<i16> numbers;
    for (const f32 x : samples) numbers.push_back(i16(std::clamp(std::nearbyint(double(x) * 32768), -32768.0, 32767.0)));
    return bytes_of(numbers);
}

TEST(WavSink, WritesOneChannelOfRealSamplesAndTwoOfComplexOnes) {
    for (const std::size_t length : {0, 1, 997}) {
        const Written mono =
            written_in_any_chunks("wav_sink", {{"path", "a.wav"}}, {Stream::of(sound(length), Rational(48000))});
        ASSERT_EQ(mono.files.size(), 1u);
        const std::string& file = mono.files.at("a.wav");
        EXPECT_EQ(file.substr(file.size() - 2 * length), pcm(sound(length)));
        EXPECT_EQ(mono.results.at("seconds").real(), double(length) / 48000);
    }
    const Written stereo =
        written_in_any_chunks("wav_sink", {{"path", "a.wav"}}, {Stream::of(std::vector<cf32>{{0.5F, -0.5F}}, Rational(8000))});
    const std::string& file = stereo.files.at("a.wav");
    EXPECT_EQ(file.substr(file.size() - 4), pcm({0.5F, -0.5F}));
}

TEST(WavSink, ReportsPeakAndClips) {
    const Written out = written_in_any_chunks("wav_sink", {{"path", "a.wav"}, {"gain", 2.0}},
                                              {Stream::of(std::vector<f32>{0.25F, -0.75F, 0.5F}, Rational(8000))});
    EXPECT_EQ(out.results.at("peak").real(), 1.5);
    EXPECT_EQ(out.results.at("clipped").integer(), 2) << "1.0 is one more than the largest";
}

TEST(WavSink, EveryStretchGetsAFileOfItsOwn) {
    Stream stream = Stream::of(sound(100), Rational(8000));
    stream.stretches = {{40, {Break::gap, 3}, {}, {}}, {90, {Break::gap, 1}, {}, {}}};
    const Written out = written_in_any_chunks("wav_sink", {{"path", "a.wav"}}, {stream});
    ASSERT_EQ(out.files.size(), 3u);
    const auto samples = sound(100);
    const auto part = [&](int from, int to) { return pcm({samples.begin() + from, samples.begin() + to}); };
    EXPECT_THAT(out.files.at("a.wav"), testing::EndsWith(part(0, 40)));
    EXPECT_THAT(out.files.at("a.2.wav"), testing::EndsWith(part(40, 90)));
    EXPECT_THAT(out.files.at("a.3.wav"), testing::EndsWith(part(90, 100)));
    EXPECT_EQ(out.results.at("seconds").real(), 100.0 / 8000);
}

TEST(WavSink, GoesOnInOneFileAtARetuneOfTheRecordingWhereItIsToldSoButNotAtAGap) {
    Stream stream = Stream::of(sound(100), Rational(8000));
    stream.stretches = {{40, {Break::retune, 0}, 2e6, {}}, {90, {Break::gap, 1}, {}, {}}};
    const Written out = written_in_any_chunks("wav_sink", {{"path", "a.wav"}, {"retune", "continue"}}, {stream});
    ASSERT_EQ(out.files.size(), 2u);
    const auto samples = sound(100);
    EXPECT_THAT(out.files.at("a.wav"), testing::EndsWith(pcm({samples.begin(), samples.begin() + 90})));
    EXPECT_THAT(out.files.at("a.2.wav"), testing::EndsWith(pcm({samples.begin() + 90, samples.end()})));
}

TEST(WavSink, TheTimeInANameIsThatOfTheFilesFirstSample) {
    Stream stream = Stream::of(sound(100), Rational(8000));
    stream.description.utc = parse_rfc3339("2024-01-01T00:00:00.5Z");
    stream.stretches = {{40, {Break::gap, 3}, {}, parse_rfc3339("2024-01-01T00:00:07.25Z")}, {90, {Break::gap, 1}, {}, {}}};
    for (const char* path : {"{datetime:.19}/a_{datetime}.wav", "a_{datetime}.wav"}) {
        const Folder folder;
        Options options;
        options.out = folder.path();
        (void)run("wav_sink", {{"path", path}}, {stream}, options);
        // All lie where the first does: a run's folders are known before it begins.
        const std::string in = path[0] == '{' ? "2024-01-01T00:00:00/" : "";
        EXPECT_THAT(folder.names(),
                    testing::UnorderedElementsAre(in + "a_2024-01-01T00:00:00.5Z.wav", in + "a_2024-01-01T00:00:07.25Z.2.wav",
                                                  in + "a_no-time.3.wav"));
    }
}

// The number stands before an extension, which the fraction of a second is not.
TEST(WavSink, ATimeAtTheEndOfANameIsNotTornApart) {
    Stream stream = Stream::of(sound(100), Rational(8000));
    stream.description.utc = parse_rfc3339("2024-01-01T00:00:00.5Z");
    stream.stretches = {{40, {Break::gap, 3}, {}, parse_rfc3339("2024-01-01T00:00:07.25Z")}};
    const Folder folder;
    Options options;
    options.out = folder.path();
    (void)run("wav_sink", {{"path", "a_{datetime}"}}, {stream}, options);
    EXPECT_THAT(folder.names(), testing::UnorderedElementsAre("a_2024-01-01T00:00:00.5Z", "a_2024-01-01T00:00:07.25Z.2"));
}

TEST(WavSink, RefusesARateThatNoWavFileCanSay) {
    EXPECT_THAT(sentence_of([&] {
                    written("wav_sink", {{"path", "a.wav"}}, {Stream::of(sound(3), Rational(200, 3))});
                }),
                HasSubstr("expected an input with a whole number of samples per second, got 200/3 Hz"));
    EXPECT_THAT(sentence_of([&] {
                    written("wav_sink", {{"path", "a.wav"}}, {Stream::of(sound(3))});
                }),
                HasSubstr("expected a stream with a sample rate"));
    EXPECT_THAT(
        sentence_of([&] {
            written("wav_sink", {{"path", "a.wav"}}, {Stream::of(sound(3), Rational(3'000'000'000))});
        }),
        HasSubstr("expected an input of at most 2147483647 samples per second, since a WAV file says bytes per second in "
                  "32 bits, got 3000000000 Hz"));
}

TEST(WavSink, AFullDiskEndsTheRunWithTheReason) {
    EXPECT_EQ(sentence_of([&] {
                  run("wav_sink", {{"path", "/dev/full"}}, {Stream::of(sound(10), Rational(8000))});
              }),
              "cannot write /dev/full: No space left on device");
}

}  // namespace
}  // namespace flowspan::test
