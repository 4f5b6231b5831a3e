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
