#include <flowspan/recording.hpp>

#include <gmock/gmock.h>

#include "folder.hpp"
#include "io/recording/recording_reader.hpp"

namespace flowspan::io {
namespace {
using test::Folder;
using test::sentence_of;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* plain_header = R"({"global": {"core:datatype": "ci16_le", "core:version": "1.2.0",
    "core:sample_rate": 2000000, "core:recorder": "r", "other:thing": {"kept": [1, 2]}},
    "captures": [{"core:sample_start": 0, "core:frequency": 98.5e6, "core:datetime": "2019-08-29T19:08:20.25Z"},
                 {"core:sample_start": 30, "core:frequency": 99e6, "core:global_index": 40}],
    "annotations": [{"core:sample_start": 3, "core:sample_count": 5}]})";

TEST(Recordings, AreNamedAsWhatTheyAre) {
    EXPECT_EQ(named_as("d.x/a.sigmf-meta"), NamedAs::sigmf_meta);
    EXPECT_EQ(named_as("a.SigMF-Data"), NamedAs::sigmf_data);
    EXPECT_EQ(named_as("a.sigmf"), NamedAs::recording);
    EXPECT_EQ(named_as("a.sigmf-collection"), NamedAs::sigmf_collection);
    EXPECT_EQ(named_as("a.WAV"), NamedAs::recording);
    EXPECT_EQ(named_as("a.b.cs16"), NamedAs::recording);
    EXPECT_EQ(named_as("gqrx_20190829_190820_433920000_1800000_fc.raw"), NamedAs::recording);
    for (const char* other :
         {"a", "a.raw", "gqrx_20191329_190820_433920000_1800000_fc.raw", "cf32", ".cf32", "a.cf32/", "a.txt", ""})
        EXPECT_EQ(named_as(other), NamedAs::other) << other;
}

TEST(Raw, TheNameSaysTypeRateAndFrequency) {
    const Folder folder;
    const auto read = [&](const std::string& name) { return read_recording(folder.write(name, std::string(48, 'x'))); };
    const Recording rtl = read("g001_433.92M_250k.cu8");
    EXPECT_EQ(rtl.type, SampleType::cu8);
    EXPECT_EQ(rtl.frequency, 433.92e6);
    EXPECT_EQ(rtl.sample_rate, Rational(250000));
    EXPECT_EQ(rtl.length, 24u);
    EXPECT_EQ(rtl.format, "raw");
    const Recording explicit_units = read("x_2457MHz_20Msps.CS16");
    EXPECT_EQ(explicit_units.type, SampleType::ci16);
    EXPECT_EQ(explicit_units.frequency, 2457e6);
    EXPECT_EQ(explicit_units.sample_rate, Rational(20000000));
    const Recording gqrx = read("gqrx_20190829_190820_433920000_1800000_fc.raw");
    EXPECT_EQ(gqrx.type, SampleType::cf32);
    EXPECT_EQ(gqrx.sample_rate, Rational(1800000));
    EXPECT_EQ(gqrx.frequency, 433.92e6);
    EXPECT_EQ(rfc3339(*gqrx.captures[0].utc), "2019-08-29T19:08:20Z");
    for (const auto& [name, type] : {std::pair("a.cf32", SampleType::cf32),
                                     {"a.cfile", SampleType::cf32},
                                     {"a.fc32", SampleType::cf32},
                                     {"a.sc16", SampleType::ci16},
                                     {"a.cs8", SampleType::ci8},
                                     {"a.iq", SampleType::any},
                                     {"a", SampleType::any},
                                     {"a.bin", SampleType::any}})
        EXPECT_EQ(read(name).type, type) << name;
}

TEST(Raw, WhatTheNameDoesNotSayStaysUnset) {
    const Folder folder;
    const Recording r = read_recording(folder.write("take_2M.cf32", "12345678"));
    EXPECT_FALSE(r.sample_rate.has_value());
    EXPECT_FALSE(r.frequency.has_value()) << "2M alone may mean anything";
    const Recording unknown = read_recording(folder.write("a.iq", "1234567890"));
    EXPECT_EQ(unknown.length, 0u);
    EXPECT_EQ(as_datatype(unknown, {SampleType::cu8, false}).length, 5u);
    const RecordingFacts odd = as_datatype(unknown, {SampleType::ci16, false});
    EXPECT_EQ(odd.length, 2u);
    EXPECT_EQ(odd.tail_bytes, 2u);
    EXPECT_EQ(as_datatype(odd, {SampleType::cu8, false}).tail_bytes, 0u);
    EXPECT_EQ(sentence_of([&] { refuse_tail(odd); }),
              (folder / "a.iq") +
                  ": expected a whole number of ci16_le samples of 4 bytes, got 2 bytes behind the last of 2\n"
                  "   hint: is it cut off, or of another `datatype`? `tail: warn` leaves them out");
    EXPECT_EQ(read_recording(folder.write("odd.cf32", "123456789")).tail_bytes, 1u);
}

TEST(Raw, NonsenseInANameIsNoStatement) {
    const Folder folder;
    const auto read = [&](const std::string& name) { return read_recording(folder.write(name, "12345678")); };
    EXPECT_FALSE(read("a_0sps.cf32").sample_rate.has_value());
    EXPECT_FALSE(read("a_99999999999999999999Msps.cf32").sample_rate.has_value());
    EXPECT_FALSE(read("a_" + std::string(200, '9') + "MHz_1Msps.cf32").frequency.has_value());
    EXPECT_EQ(read("a_433MHz_2500Msps.cf32").sample_rate, Rational(2'500'000'000));
    EXPECT_EQ(read("gqrx_20191329_190820_433920000_1800000_fc.raw").type, SampleType::any);
}

std::string little(std::uint64_t value, std::size_t bytes) {
    std::string text;
    for (std::size_t k = 0; k < bytes; ++k) text += k < 8 ? char(value >> (8 * k) & 0xff) : char(0);
    return text;
}

std::string wave(const std::string& kind, unsigned format, unsigned channels, unsigned bits, const std::string& data,
                 std::uint64_t said, const std::string& more = "") {
    return kind + little(0xffffffff, 4) + "WAVE" + more + "fmt " + little(16, 4) + little(format, 2) + little(channels, 2) +
           little(192000, 4) + little(0, 6) + little(bits, 2) + "data" + little(said, 4) + data;
}

TEST(Wav, TwoChannelsAreIAndQ) {
    const Folder folder;
    const std::string auxi = "auxi" + little(36, 4) + std::string(32, '\0') + little(98500000, 4);
    const Recording r = read_recording(folder.write("a.wav", wave("RIFF", 1, 2, 16, "abcdefgh", 8, auxi)));
    EXPECT_EQ(r.type, SampleType::ci16);
    EXPECT_EQ(r.length, 2u);
    EXPECT_EQ(r.sample_rate, Rational(192000));
    EXPECT_EQ(r.frequency, 98.5e6);
    EXPECT_EQ(test::content_of(r.data_path).substr(r.captures[0].header_bytes), "abcdefgh");
    EXPECT_EQ(read_recording(folder.write("b.wav", wave("RIFF", 3, 1, 32, "abcdefgh", 8))).type, SampleType::rf32);
    const std::string ds64 = "ds64" + little(28, 4) + little(0, 8) + little(16, 8) + little(0, 12);
    EXPECT_EQ(read_recording(folder.write("c.wav", wave("RF64", 3, 2, 32, "abcdefghabcdefgh", 0xffffffff, ds64))).length, 2u);
}

TEST(Wav, MoreThanTwoChannelsAreReal) {
    const Folder folder;
    const Recording r = read_recording(folder.write("a.wav", wave("RIFF", 1, 3, 16, "abcdefghijklmn", 14)));
    EXPECT_EQ(r.tail_bytes, 2u);
    EXPECT_EQ(r.type, SampleType::ri16);
    EXPECT_EQ(r.channels, 3u);
    EXPECT_EQ(r.length, 2u);
}

TEST(Wav, RefusesWhatItCannotRead) {
    const Folder folder;
    const auto refusal_of = [&](const std::string& content) {
        return sentence_of([&] { read_recording(folder.write("a.wav", content)); });
    };
    EXPECT_THAT(refusal_of("RIFF"),
                HasSubstr("expected a whole WAV header, got a file of 4 bytes that ends in the middle of it"));
    EXPECT_THAT(refusal_of(std::string(64, 'x')), HasSubstr("expected a WAV file, got a file that does not begin as one"));
    EXPECT_THAT(refusal_of(wave("RIFF", 1, 2, 24, "", 0)),
                HasSubstr("expected PCM of 8, 16 or 32 bits, or float of 32 or 64 bits, got format 1 of 24 bits"));
    EXPECT_THAT(refusal_of(wave("RIFF", 1, 0, 16, "", 0)),
                HasSubstr("expected 1 channel (real), 2 (I and Q) or more (real), got 0 channels"));
    const std::string endless = "ds64" + little(28, 4) + little(0, 8) + little(UINT64_MAX, 8) + little(0, 12);
    EXPECT_THAT(refusal_of(wave("RF64", 1, 2, 16, "abcd", 0xffffffff, endless)),
                HasSubstr("bytes of samples, as its header says, got 4"));
    EXPECT_THAT(refusal_of(wave("RIFF", 1, 2, 16, "abcd", 8)),
                HasSubstr("expected 8 bytes of samples, as its header says, got 4"));
}

TEST(Wav, OfEndlessEmptyChunksIsRefused) {
    const Folder folder;
    const std::string path = folder.write("a.wav", "RIFF" + little(0, 4) + "WAVE");
    std::filesystem::resize_file(path, std::uintmax_t{1} << 40);  // sparse: zeros, eight of which are a chunk
    EXPECT_EQ(sentence_of([&] { read_recording(path); }),
              path + ": expected samples behind at most 1000 other chunks, got more");
}

TEST(Facts, SurviveTheWayToOtherRanks) {
    Recording r = interpret_sigmf(Value::from_json(plain_header), "a", 400);
    r.path = "a";
    r.warnings = {"w"};
    r.sample_rate = Rational(200, 3);
    Facts facts;
    facts.add(r);
    const auto bytes = facts.value().encode();
    std::span<const std::byte> from(bytes);
    const Facts there = Facts::from(Value::decode(from));
    const Recording& same = there.recording("a");
    EXPECT_EQ(same.value(), r.value());
    EXPECT_EQ(same.sample_rate, Rational(200, 3));
    EXPECT_EQ(same.captures, r.captures);
    EXPECT_EQ(same.warnings, r.warnings);
    EXPECT_EQ(sentence_of([&] { static_cast<void>(there.recording("b")); }), "the header of b was not read");
}

TEST(Info, ShowsWhatARecordingHolds) {
    Recording r = interpret_sigmf(Value::from_json(plain_header), "a.sigmf-meta", 400);
    r.path = "a.sigmf-meta";
    r.data_path = "a.sigmf-data";
    EXPECT_EQ(describe_recording(r),
              "a.sigmf-meta\n"
              "  format       sigmf\n"
              "  data         a.sigmf-data, 400 bytes\n"
              "  samples      ci16_le\n"
              "  length       100 samples, 5e-05 s\n"
              "  rate         2 MS/s\n"
              "  frequency    98.5 MHz\n"
              "  recorder     r\n"
              "  capture 0    from sample 0, 98.5 MHz, 2019-08-29T19:08:20.25Z\n"
              "  capture 1    from sample 30, 99 MHz, global index 40\n"
              "  annotations  1\n");
    const Value info = recording_info(r);
    EXPECT_EQ(info.at("datatype").string(), "ci16_le");
    EXPECT_EQ(info.at("sample_rate").real(), 2e6);
    EXPECT_EQ(info.at("captures").list()[0].at("datetime").string(), "2019-08-29T19:08:20.25Z");
}

}  // namespace
}  // namespace flowspan::io
