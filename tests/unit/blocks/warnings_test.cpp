// What blocks warn of: losses that nobody would notice else.
#include "io/recording/recording_reader.hpp"
#include "tests/unit/io/folder.hpp"

#include <flowspan/test.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Rational rate(100000);

std::vector<std::string> warnings_of(const std::string& type, const Value::Map& parameters, const std::vector<Stream>& in,
                                     const Options& options = {}) {
    return run(type, parameters, in, options).warnings;
}

Options into(const Folder& folder) {
    Options options;
    options.out = folder / ".";
    return options;
}

Stream floats(const std::vector<f32>& x) { return Stream::of(x, rate); }
Stream zeros(std::size_t n) { return Stream::of(std::vector<cf32>(n), rate); }

TEST(Warnings, OfClippingSayHowManyWhichShareAndTheGainThatFits) {
    const std::vector<f32> loud{0.5F, -2.0F, 1.6F, 0.1F, 0.0F, 0.0F, 0.0F, 0.0F};
    EXPECT_THAT(warnings_of("convert", {{"to", "ri16"}}, {floats(loud)}),
                ElementsAre("2 of 8 values were clipped (25 %): times 0.5 all would fit"));
    EXPECT_THAT(warnings_of("convert", {{"to", "ru8"}}, {floats(loud)}),
                ElementsAre("2 of 8 values were clipped (25 %): times 0.498 all would fit"));
    EXPECT_THAT(warnings_of("convert", {{"to", "ri16"}}, {floats({0.5F, -1.0F, NAN})}), IsEmpty());
    const Folder folder;
    EXPECT_THAT(warnings_of("wav_sink", {{"path", "a.wav"}, {"gain", 10.0}}, {floats(loud)}, into(folder)),
                ElementsAre("4 of 8 values were clipped (50 %): times 0.0499 all would fit"));
}

// With the gain that it names nothing is clipped.
TEST(Warnings, OfClippingNameAGainThatFits) {
    for (const f32 peak : {1.0F, 1.00004F, 1.7F, -1.3F, 123.0F, -9999.0F}) {
        const auto warnings = warnings_of("convert", {{"to", "ri8"}}, {floats({peak, 0.0F})});
        if (warnings.empty()) continue;
        const std::string text = warnings[0];
        const f32 gain = std::stof(text.substr(text.find("times ") + 6));
        EXPECT_THAT(warnings_of("convert", {{"to", "ri8"}}, {floats({peak * gain, 0.0F})}), IsEmpty()) << text;
        EXPECT_GT(std::abs(peak) * gain, 0.97F) << text;
    }
}

TEST(Warnings, AreOfProductsToWhichNothingCame) {
    const Folder folder;
    for (const auto& [type, name] : {std::pair("wav_sink", "a.wav"), std::pair("hdf5_sink", "a.h5")})
        EXPECT_THAT(warnings_of(type, {{"path", name}}, {floats({})}, into(folder)),
                    ElementsAre("nothing came: " + std::string(name) + " is empty"))
            << type;
}

TEST(Warnings, AreOfStreamsThatAreShorterThanAFrame) {
    EXPECT_THAT(warnings_of("fft", {{"size", 64}}, {zeros(63)}),
                ElementsAre("nothing was made: the 63 items that came are fewer than it needs"));
    EXPECT_THAT(warnings_of("psd", {{"size", 64}}, {zeros(63)}),
                ElementsAre("nothing was made: the 63 items that came are fewer than it needs"));
    EXPECT_THAT(warnings_of("psd", {{"size", 64}}, {zeros(64)}), IsEmpty());
    EXPECT_THAT(warnings_of("burst_detector", {{"frame", 256}}, {zeros(100)}),
                ElementsAre("the 100 samples that came are fewer than a frame of 256"));
    EXPECT_THAT(warnings_of("burst_detector", {{"frame", 256}}, {zeros(300)}), IsEmpty());
}

TEST(Warnings, AreOfFiltersThatLetPassWhatTheirRateCannotHold) {
    const std::string folds = "what lies between 5 kHz and the cutoff of 6 kHz is folded: the rate that leaves is 10 kHz";
    EXPECT_THAT(warnings_of("frequency_translate", {{"shift", 0.0}, {"decimation", 10}, {"cutoff", 6000.0}}, {zeros(1000)}),
                ElementsAre(folds));
    EXPECT_THAT(warnings_of("fir_filter", {{"decimation", 10}, {"cutoff", 6000.0}, {"transition", 1000.0}}, {zeros(1000)}),
                ElementsAre(folds));
    EXPECT_THAT(warnings_of("rational_resampler", {{"decimation", 10}, {"cutoff", 6000.0}}, {zeros(1000)}), ElementsAre(folds));
    EXPECT_THAT(warnings_of("frequency_translate", {{"shift", 0.0}, {"decimation", 10}, {"cutoff", 5000.0}}, {zeros(1000)}),
                IsEmpty());
}

TEST(Warnings, AreOfRangesOfARecordingThatAreNotThere) {
    const Folder folder;
    folder.write("in.cf32", std::string(800, '\0'));
    const auto read = [&](const Value::Map& range) {
        Value::Map parameters = range;
        parameters["path"] = folder / "in.cf32";
        Options options;
        options.recordings = [](const std::string& path) { return io::read_recording(path); };
        return warnings_of("file_source", parameters, {}, options);
    };
    EXPECT_THAT(read({}), IsEmpty());
    EXPECT_THAT(read({{"duration", "100"}}), IsEmpty());
    EXPECT_THAT(read({{"duration", "101"}}),
                ElementsAre("`duration: 101` goes beyond the end of " + folder / "in.cf32" + ": 100 samples are there"));
    EXPECT_THAT(
        read({{"duration", "0"}, {"from", "20"}}),
        ElementsAre(folder / "in.cf32" + " gives no sample: 20 of its 100 are before `from`, and `duration` ends there"));
}

}  // namespace
}  // namespace flowspan::test
