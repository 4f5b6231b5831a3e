// What parameters of a source say of a recording, beside its header and its name.
#include <gmock/gmock.h>

#include "tests/unit/blocks/files.hpp"
#include "tests/unit/io/wav/kiwi.hpp"
#include "tests/unit/io/wav/wave.hpp"

namespace flowspan::test {
namespace {
using namespace io::test_wav;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Outcome outcome(const std::string& path, Value::Map parameters = {}) {
    parameters["path"] = path;
    return run("file_source", parameters, {}, reading());
}
Stream read(const std::string& path, const Value::Map& parameters = {}) { return outcome(path, parameters).outputs.at(0); }
std::string refusal(const std::string& path, const Value::Map& parameters) {
    return sentence_of([&] { read(path, parameters); });
}

TEST(AsTold, ChannelsOfAWavFileArePairsOfIAndQOrReal) {
    const Folder folder;
    const std::string data = "abcdefghijklmnop";
    const auto file = [&](unsigned channels) { return folder.write("a.wav", wave("RIFF", 1, channels, 16, data, 16)); };
    const Stream four = read(file(4));
    EXPECT_EQ(four.description.type, SampleType::ci16);
    ASSERT_EQ(four.description.shape.size(), 1U);
    EXPECT_EQ(four.description.shape[0].size, 2U);
    const Stream real = read(file(4), {{"channels", "real"}});
    EXPECT_EQ(real.description.type, SampleType::ri16);
    EXPECT_EQ(real.description.shape[0].size, 4U);
    EXPECT_EQ(real.bytes, four.bytes);
    EXPECT_EQ(read(file(4), {{"datatype", "ri16"}}).description.shape[0].size, 4U);
    EXPECT_EQ(read(file(2), {{"channels", "real"}, {"datatype", "ri16"}}).description.shape[0].size, 2U);
    EXPECT_TRUE(read(file(2)).description.shape.empty());
    EXPECT_EQ(read(file(2), {{"channels", "iq"}}).description.type, SampleType::ci16);
    EXPECT_THAT(refusal(file(1), {{"channels", "iq"}}),
                HasSubstr("channels: expected pairs of channels, of which the recording has 1, got iq"));
    EXPECT_THAT(refusal(folder.write("a.cs16", data), {{"channels", "real"}}),
                HasSubstr("channels: expected a recording whose header says channels (WAV, FLAC, Ogg or .npy), got real"));
}

TEST(AsTold, TheNamesFrequencyIsThatOfIAndQ) {
    const Folder folder;
    const std::string path = folder.write("x_98.1MHz.wav", wave("RIFF", 1, 2, 16, "abcdefgh", 8));
    EXPECT_EQ(read(path).description.center_frequency, 98.1e6);
    EXPECT_FALSE(read(path, {{"channels", "real"}}).description.center_frequency.has_value());
    EXPECT_FALSE(read(path, {{"datatype", "ri16"}}).description.center_frequency.has_value());
}

TEST(AsTold, TheTimeOfTheFirstSampleIsToldWhereNothingSaysIt) {
    const Folder folder;
    const std::string raw = folder.write("a.cs16", "abcdefgh");
    const Stream told = read(raw, {{"datetime", "2026-01-31T12:00:00.25Z"}, {"sample_rate", 4.0}, {"center_frequency", 1e6}});
    EXPECT_EQ(rfc3339(*told.description.utc), "2026-01-31T12:00:00.25Z");
    EXPECT_EQ(told.description.center_frequency, 1e6);
    const Stream later = read(raw, {{"datetime", "2026-01-31T12:00:00.25Z"}, {"sample_rate", 4.0}, {"from", "1"}});
    EXPECT_EQ(rfc3339(*later.description.utc), "2026-01-31T12:00:00.25Z") << "of index 0";
    EXPECT_THAT(refusal(raw, {{"datetime", "noon"}}), HasSubstr("datetime: expected UTC as 2026-01-31T12:00:00Z, got noon"));
    const std::string named = folder.write("gqrx_20190829_190820_433920000_1800000_fc.raw", std::string(80, 'x'));
    const Outcome other = outcome(named, {{"datetime", "2019-08-29T19:08:21Z"}});
    EXPECT_EQ(rfc3339(*other.outputs[0].description.utc), "2019-08-29T19:08:21Z");
    EXPECT_THAT(other.warnings,
                ElementsAre("the name of " + named + " says 2019-08-29T19:08:20Z: `datetime: 2019-08-29T19:08:21Z` counts"));
}

TEST(AsTold, APairOfNumbersOfAnArrayMayBeIAndQ) {
    const Folder folder;
    std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }";
    header = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + std::string(117 - header.size(), ' ') + "\n";
    const std::string path = folder.write("a.npy", header + "abcdefgh");
    EXPECT_EQ(read(path).description.type, SampleType::ri16);
    EXPECT_EQ(read(path, {{"channels", "iq"}}).description.type, SampleType::ci16);
    EXPECT_EQ(read(path, {{"channels", "iq"}}).bytes.size(), 8U);
}

TEST(AsTold, EightAndTwentyFourBitsAreWhatTheyMean) {
    const Folder folder;
    const Stream low = read(folder.write("a.wav", wave("RIFF", 1, 1, 8, std::string("\x80\x81\x7f\x00", 4), 4)));
    EXPECT_THAT(low.samples<i8>(), ElementsAre(0, 1, -1, -128));
    const Stream high = read(folder.write("b.wav", wave("RIFF", 1, 1, 24, std::string("\x01\0\0\xff\xff\xff", 6), 6)));
    EXPECT_THAT(high.samples<i32>(), ElementsAre(256, -256));
}

TEST(AsTold, ParametersBeatTheNameAndSayWhereTheyContradictIt) {
    const Folder folder;
    const std::string path = folder.write("a_433.92M_250k.cs16", "abcdefgh");
    EXPECT_THAT(outcome(path).warnings, IsEmpty());
    const Outcome other = outcome(path, {{"sample_rate", 1e6}, {"center_frequency", 100e6}, {"datatype", "cu8"}});
    EXPECT_EQ(other.outputs[0].description.sample_rate, Rational(1000000));
    EXPECT_EQ(other.outputs[0].description.center_frequency, 100e6);
    EXPECT_EQ(other.outputs[0].description.type, SampleType::cu8);
    EXPECT_THAT(other.warnings,
                ElementsAre("the name of " + path + " says ci16_le: `datatype: cu8` counts",
                            "the name of " + path + " says 250000 Hz: `sample_rate: 1000000 Hz` counts",
                            "the name of " + path + " says 433920000 Hz: `center_frequency: 100000000 Hz` counts"));
    EXPECT_THAT(outcome(path, {{"center_frequency", 433.9204e6}}).warnings, IsEmpty()) << "within the last digit of the name";
    // Of Gqrx, whose capture has a frequency of its own.
    const std::string gqrx = folder.write("gqrx_20190829_190820_433920000_1800000_fc.raw", "abcdefgh");
    EXPECT_EQ(read(gqrx, {{"center_frequency", 100e6}}).description.center_frequency, 100e6);
}

TEST(AsTold, ParametersThatContradictAHeaderAreRefused) {
    const Folder folder;
    const std::string path = folder.write("a.wav", wave("RIFF", 1, 2, 16, "abcdefgh", 8));
    EXPECT_THAT(refusal(path, {{"sample_rate", 1e6}}),
                HasSubstr("sample_rate: expected nothing that contradicts the recording's header, which says 192000 Hz"));
    EXPECT_THAT(refusal(path, {{"datatype", "cf32"}}), HasSubstr("which says ci16_le, got cf32"));
    EXPECT_EQ(read(path, {{"center_frequency", 1e6}}).description.center_frequency, 1e6);
}

TEST(AsTold, APatternOfTheUsersOwnReadsTheName) {
    const Folder folder;
    const std::string raw = folder.write("20190829_190820_433920000Hz.dat", "abcdefgh");
    const Stream stream =
        read(raw, {{"name", "{datetime:%Y%m%d_%H%M%S}_{frequency}Hz"}, {"datatype", "ci16"}, {"sample_rate", 1e3}});
    EXPECT_EQ(stream.description.center_frequency, 433.92e6);
    EXPECT_EQ(rfc3339(*stream.description.utc), "2019-08-29T19:08:20Z");
    const std::string odd = folder.write("7_cs16_2400k.dat", "abcdefgh");
    const Stream typed = read(odd, {{"name", "*_{datatype}_{rate}k"}});
    EXPECT_EQ(typed.description.type, SampleType::ci16);
    EXPECT_EQ(typed.description.sample_rate, Rational(2400000)) << "k by the pattern";
    EXPECT_THAT(
        refusal(odd, {{"name", "{frequency}Hz"}}),
        HasSubstr(
            "name: expected a pattern that fits 7_cs16_2400k.dat, got {frequency}Hz\n   hint: it must fit all of it, or all "
            "but the extension; `*` is any text"));
    EXPECT_THAT(
        refusal(odd, {{"name", "{gain}"}}),
        HasSubstr("name: expected the fields datetime (with or without a format), frequency, rate and datatype, got {gain}"));
    // It counts instead of what the name would say otherwise; a header counts more.
    const std::string both = folder.write("a_100MHz_2Msps_433.cs16", "abcdefgh");
    EXPECT_EQ(read(both, {{"name", "*_{frequency}"}}).description.center_frequency, 433);
    EXPECT_FALSE(read(both, {{"name", "*_{frequency}"}}).description.sample_rate.has_value());
    const std::string wav = folder.write("5k.wav", wave("RIFF", 1, 2, 16, "abcdefgh", 8));
    const Outcome header = outcome(wav, {{"name", "{rate}"}});
    EXPECT_EQ(header.outputs[0].description.sample_rate, Rational(192000));
    EXPECT_THAT(header.warnings, ElementsAre(wav + ": its name says 5000 Hz of rate, its header 192000 Hz: the header counts"));
}

}  // namespace
}  // namespace flowspan::test
