#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

#include "io/formats/datatype.hpp"
#include "io/recording/recording_reader.hpp"
#include "tests/unit/io/folder.hpp"

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

std::string header(const std::string& global, const std::string& captures = "[]", const std::string& annotations = "[]") {
    return R"({"global": {"core:version": "1.2.0", )" + global + R"(}, "captures": )" + captures + R"(, "annotations": )" +
           annotations + "}";
}

std::string refusal(const std::string& meta, std::uint64_t data_bytes) {
    return sentence_of([&] { interpret_sigmf(Value::from_json(meta), "x.sigmf-meta", data_bytes); });
}

TEST(Sigmf, SaysWhatTheHeaderSays) {
    const Folder folder;
    folder.write("a.sigmf-meta", plain_header);
    folder.write("a.sigmf-data", std::string(400, 'x'));
    const Recording r = read_recording(folder / "a.sigmf-meta");
    EXPECT_EQ(r.path, folder / "a.sigmf-meta");
    EXPECT_EQ(r.data_path, folder / "a.sigmf-data");
    EXPECT_EQ(r.format, "sigmf");
    EXPECT_EQ(r.type, SampleType::ci16);
    EXPECT_FALSE(r.big_endian);
    EXPECT_EQ(r.length, 100u);
    EXPECT_EQ(r.sample_rate, Rational(2000000));
    EXPECT_EQ(r.frequency, 98.5e6);
    ASSERT_EQ(r.captures.size(), 2u);
    EXPECT_EQ(rfc3339(*r.captures[0].utc), "2019-08-29T19:08:20.25Z");
    EXPECT_EQ(r.captures[1].start, 30u);
    EXPECT_EQ(r.captures[1].global_index, 40u);
    EXPECT_FALSE(r.captures[1].utc.has_value()) << "values never carry over from one capture to the next";
    EXPECT_EQ(r.header.at("global").at("other:thing").json(), R"({"kept":[1,2]})");
    EXPECT_THAT(r.warnings, ElementsAre());
    EXPECT_EQ(read_recording(folder / "a.sigmf-data").length, 100u);
}

TEST(Sigmf, ReadsEveryDatatypeAndNothingElse) {
    EXPECT_EQ(parse_sigmf_datatype("cf32_le"), (Datatype{SampleType::cf32, false}));
    EXPECT_EQ(parse_sigmf_datatype("ri16_be"), (Datatype{SampleType::ri16, true}));
    EXPECT_EQ(parse_sigmf_datatype("cu32_be"), (Datatype{SampleType::cu32, true}));
    EXPECT_EQ(parse_sigmf_datatype("cu8"), (Datatype{SampleType::cu8, false}));
    for (const char* wrong : {"cf32", "cu8_le", "f32_le", "cf16_le", "cf32_LE", "", "_le", "any", "any_le"})
        EXPECT_EQ(parse_sigmf_datatype(wrong), std::nullopt) << wrong;
    EXPECT_EQ(parse_datatype("cf32"), (Datatype{SampleType::cf32, false}));
    EXPECT_EQ(parse_datatype("ci16_be"), (Datatype{SampleType::ci16, true}));
    EXPECT_EQ(sigmf_datatype(SampleType::ci16, true), "ci16_be");
    EXPECT_EQ(sigmf_datatype(SampleType::ru8), "ru8");
}

TEST(Sigmf, ReportsEveryMistakeAtOnceUnderItsKey) {
    const std::string text = refusal(R"({"global": {"core:datatype": "cf16", "core:sample_rate": -1, "core:num_channels": 0,
        "core:extensions": [{"name": "radar", "version": "1.0.0", "optional": false}]},
        "captures": [{"core:sample_start": 5, "core:datetime": "yesterday"}, {"core:sample_start": 4}, {"core:frequency": "1"}]})",
                                     80);
    EXPECT_THAT(text,
                HasSubstr("x.sigmf-meta: global.core:datatype: expected a type such as cf32_le, ci16_le or cu8, got \"cf16\""));
    EXPECT_THAT(text, HasSubstr("global.core:version: expected the version of SigMF, such as \"1.2.0\", got nothing"));
    EXPECT_THAT(text, HasSubstr("global.core:sample_rate: expected a number of samples per second from 1e-6 to 1e12, got -1"));
    EXPECT_THAT(text, HasSubstr("global.core:num_channels: expected an integer from 1 to 4611686018427387904, got 0"));
    EXPECT_THAT(text, HasSubstr("global.core:extensions[0].optional: expected true: no extension is supported that must be "
                                "understood, got false"));
    EXPECT_THAT(text,
                HasSubstr("captures[0].core:datetime: expected a UTC time such as 2019-08-29T19:08:20.25Z, got yesterday"));
    EXPECT_THAT(text, HasSubstr("captures[1].core:sample_start: expected at least that of the capture before it, 5, got 4"));
    EXPECT_THAT(text, HasSubstr("captures[2].core:sample_start: expected an integer >= 0, got nothing"));
    EXPECT_THAT(text, HasSubstr("captures[2].core:frequency: expected a number, got \"1\""));
}

TEST(Sigmf, NumbersAreCheckedAsWhatTheyBecome) {
    const std::string cu8 = R"("core:datatype": "cu8")";
    for (const char* rate : {"1e-10", "5e-324", "0", "-0.0", "9.99e-7", "1.0001e12", "1e300", "-1e300"})
        EXPECT_THAT(refusal(header(cu8 + R"(, "core:sample_rate": )" + rate), 0),
                    HasSubstr("global.core:sample_rate: expected a number of samples per second from 1e-6 to 1e12, got "))
            << rate;
    for (const char* frequency : {"1e300", "-1.1e15", "1e16"})
        EXPECT_THAT(refusal(header(cu8, std::string(R"([{"core:sample_start": 0, "core:frequency": )") + frequency + "}]"), 0),
                    HasSubstr("captures[0].core:frequency: expected a frequency from -1e15 to 1e15 Hz, got "));
    for (const char* count : {"18446744073709551615", "9223372036854775808", "1e300"})
        for (const char* key : {"core:sample_start", "core:global_index", "core:header_bytes"})
            EXPECT_THAT(refusal(header(cu8, fmt::format(R"([{{"core:sample_start": 0, "{}": {}}}])", key, count)), 0),
                        HasSubstr(fmt::format("captures[0].{}: expected an integer below 2^63, got ", key)));
    EXPECT_THAT(refusal(header(cu8 + R"(, "core:num_channels": 4611686018427387904)"), 8),
                HasSubstr("core:num_channels: expected an integer from 1 to 2305843009213693952, got 4611686018427387904"));
}

TEST(Sigmf, RatesAreExactAndChannelsAreMany) {
    const auto rate = [](const std::string& text) {
        return interpret_sigmf(Value::from_json(header(R"("core:datatype": "cu8", "core:sample_rate": )" + text)), "x", 0)
            .sample_rate;
    };
    EXPECT_EQ(rate("1923076.92"), Rational(48076923, 25));
    EXPECT_EQ(rate("1e12"), Rational(1'000'000'000'000));
    EXPECT_EQ(rate("999999999999.5"), Rational(1'999'999'999'999, 2));
    EXPECT_EQ(rate("3000000000"), Rational(3'000'000'000));
    EXPECT_EQ(rate("1e-6"), Rational(1, 1'000'000));
    EXPECT_EQ(rate("66.66666666666667"), Rational(200, 3));
    const Recording wide =
        interpret_sigmf(Value::from_json(header(R"("core:datatype": "ru8", "core:num_channels": 100000)")), "x", 300000);
    EXPECT_EQ(wide.channels, 100000u);
    EXPECT_EQ(wide.length, 3u);
}

TEST(Sigmf, RefusesAHeaderThatIsNoHeader) {
    const Folder folder;
    folder.write("a.sigmf-data", "");
    folder.write("a.sigmf-meta", "{\"global\": ");
    EXPECT_THAT(sentence_of([&] { read_recording(folder / "a.sigmf-meta"); }),
                HasSubstr((folder / "a.sigmf-meta") + ": expected a SigMF header in JSON, got "));
    EXPECT_EQ(refusal("[1]", 0), "x.sigmf-meta: expected an object, got [1]");
    EXPECT_EQ(refusal("{}", 0), "x.sigmf-meta: global: expected an object, got nothing");
    EXPECT_EQ(refusal(R"({"global": 3})", 0), "x.sigmf-meta: global: expected an object, got 3");
    EXPECT_EQ(refusal(R"({"global": {"core:version": "1.0.0", "core:datatype": "cu8"}, "captures": {}})", 0),
              "x.sigmf-meta: captures: expected a list, got {}");
    EXPECT_EQ(refusal(R"({"global": {"core:version": "1.0.0", "core:datatype": "cu8"}, "captures": [7]})", 0),
              "x.sigmf-meta: captures[0]: expected an object, got 7");
}

TEST(Sigmf, RefusesDataThatAreShorterThanTheHeaderSays) {
    const std::string cu8 = R"("core:datatype": "cu8")";
    EXPECT_THAT(refusal(header(cu8, R"([{"core:sample_start": 0}, {"core:sample_start": 51}])"), 100),
                HasSubstr("captures[1].core:sample_start: expected at most the 50 samples of the data file, got 51"));
    EXPECT_THAT(
        refusal(header(cu8 + R"(, "core:trailing_bytes": 8)", R"([{"core:sample_start": 0, "core:header_bytes": 4}])"), 10),
        HasSubstr("expected a data file of at least 12 bytes, got one of 10"));
}

TEST(Sigmf, CountsHeaderAndTrailingBytesAndChannels) {
    const Recording r = interpret_sigmf(
        Value::from_json(
            header(R"("core:datatype": "ci16_le", "core:num_channels": 3, "core:trailing_bytes": 7)",
                   R"([{"core:sample_start": 0, "core:header_bytes": 16}, {"core:sample_start": 2, "core:header_bytes": 5}])")),
        "x", 16 + 5 + 7 + 12 * 10);
    EXPECT_EQ(r.length, 10u);
    EXPECT_EQ(r.channels, 3u);
    EXPECT_EQ(r.captures[1].header_bytes, 5u);
}

TEST(Sigmf, IndicesIncludeTheOffset) {
    const auto meta = header(R"("core:datatype": "cu8", "core:offset": 1000)",
                             R"([{"core:sample_start": 1000}, {"core:sample_start": 1010}])");
    const Recording r = interpret_sigmf(Value::from_json(meta), "x", 40);
    EXPECT_EQ(r.offset, 1000u);
    EXPECT_EQ(r.captures[0].start, 0u);
    EXPECT_EQ(r.captures[1].start, 10u);
    EXPECT_THAT(refusal(header(R"("core:datatype": "cu8", "core:offset": 1000)", R"([{"core:sample_start": 0}])"), 40),
                HasSubstr("captures[0].core:sample_start: expected at least core:offset, 1000, got 0"));
}

TEST(Sigmf, MistakesOfAnnotationsAreWarnings) {
    const Recording r = interpret_sigmf(
        Value::from_json(header(
            R"("core:datatype": "cu8")", "[]",
            R"([{"core:sample_start": 9, "core:sample_count": 3}, {"core:freq_lower_edge": 1}, {"core:sample_start": 2}])")),
        "x", 20);
    EXPECT_THAT(
        r.warnings,
        ElementsAre("annotations[0].core:sample_start: expected an annotation within the 10 samples, got one that ends at 12",
                    "annotations[1].core:sample_start: expected an integer >= 0, got nothing",
                    "annotations[1].core:freq_upper_edge: expected both frequency edges or neither, got one",
                    "annotations[2].core:sample_start: expected annotations sorted by it, got 2"));
}

TEST(Sigmf, TheDataMayHaveAnotherNameOrBeLeftOut) {
    const Folder folder;
    folder.write("a.sigmf-meta", header(R"("core:datatype": "cu8", "core:dataset": "raw.bin")"));
    folder.write("raw.bin", "0123456789");
    EXPECT_EQ(read_recording(folder / "a.sigmf-meta").data_path, folder / "raw.bin");
    EXPECT_EQ(read_recording(folder / "a.sigmf-meta").length, 5u);
    folder.write("b.sigmf-meta", header(R"("core:datatype": "cu8", "core:metadata_only": true)"));
    EXPECT_EQ(read_recording(folder / "b.sigmf-meta").data_path, "");
    folder.write("c.sigmf-meta", header(R"("core:datatype": "cu8")"));
    EXPECT_EQ(sentence_of([&] { read_recording(folder / "c.sigmf-meta"); }),
              "cannot read " + (folder / "c.sigmf-data") + ": No such file or directory");
}

/// What is read although the standard has it otherwise, and what is said of it.
std::vector<std::string> warnings_of(const std::string& meta, std::uint64_t data_bytes = 80) {
    return interpret_sigmf(Value::from_json(meta), "x.sigmf-meta", data_bytes).warnings;
}

TEST(Sigmf, WhatIsWrittenOtherwiseIsReadWithAWarning) {
    const std::string cu8 = R"("core:datatype": "cu8")";
    const auto read = [](const std::string& global, const std::string& captures = "[]") {
        return interpret_sigmf(Value::from_json(header(global, captures)), "x.sigmf-meta", 80);
    };
    const auto datatype = [&](const std::string& name) {
        const Recording r = read(R"("core:datatype": ")" + name + "\"");
        return sigmf_datatype(r.type, r.big_endian) + "; " + (r.warnings.empty() ? "" : r.warnings[0]);
    };
    const std::string expected = "; global.core:datatype: expected a type such as cf32_le, ci16_le or cu8, got ";
    EXPECT_EQ(datatype("cf32"), "cf32_le" + expected + "\"cf32\", read as cf32_le");
    EXPECT_EQ(datatype("ri16"), "ri16_le" + expected + "\"ri16\", read as ri16_le");
    EXPECT_EQ(datatype("CI16_BE"), "ci16_be" + expected + "\"CI16_BE\", read as ci16_be");
    EXPECT_EQ(datatype("cu8_le"), "cu8" + expected + "\"cu8_le\", read as cu8");
    EXPECT_EQ(datatype("ci16_le"), "ci16_le; ");

    const Recording nulls =
        read(cu8 + R"(, "core:sample_rate": null, "core:num_channels": null)",
             R"([{"core:sample_start": 0, "core:frequency": null}, {"core:sample_start": 9, "core:frequency": null}])");
    EXPECT_EQ(nulls.sample_rate, std::nullopt);
    EXPECT_EQ(nulls.captures[1].frequency, std::nullopt);
    EXPECT_THAT(
        nulls.warnings,
        ElementsAre("global.core:sample_rate: expected a value, or no such key, got null: it counts as not given",
                    "global.core:num_channels: expected a value, or no such key, got null: it counts as not given",
                    "captures[0].core:frequency: expected a value, or no such key, got null: it counts as not given (1 more of "
                    "the kind)"));
    EXPECT_THAT(
        warnings_of(header(cu8 + R"(, "core:extensions": {"antenna": "0.9.0", "radar": {"version": "1"}})")),
        ElementsAre("global.core:extensions: expected a list of objects, got an object, whose keys are read as their names"));
    EXPECT_THAT(refusal(header(cu8 + R"(, "core:extensions": {"radar": {"version": "1", "optional": false}})"), 8),
                HasSubstr("global.core:extensions.radar.optional: expected true: no extension is supported that must be "
                          "understood, got false"));
}

TEST(Sigmf, TimesInOtherFormsAreReadWithAWarning) {
    const auto read = [](const std::string& time) {
        const Recording r =
            interpret_sigmf(Value::from_json(header(R"("core:datatype": "cu8")",
                                                    R"([{"core:sample_start": 0, "core:datetime": ")" + time + "\"}]")),
                            "x.sigmf-meta", 80);
        return rfc3339(*r.captures[0].utc) + (r.warnings.empty() ? "" : "; " + r.warnings[0]);
    };
    const auto with = [](const std::string& got, const std::string& as) {
        return as + "; captures[0].core:datetime: expected a UTC time such as 2019-08-29T19:08:20.25Z, got " + got +
               ", read as " + as;
    };
    EXPECT_EQ(read("2020-01-01T00:00:00.125Z"), "2020-01-01T00:00:00.125Z");
    for (const char* time : {"2020-01-01T00:00:00.125+00:00", "2020-01-01T00:00:00.125-00:00", "2020-01-01T00:00:00.125+0000",
                             "2020-01-01t00:00:00.125z", "2020-01-01 00:00:00.125Z", "2020-01-01T00:00:00.125",
                             "2020-01-01T05:30:00.125+05:30", "2019-12-31T16:00:00.125-08:00"})
        EXPECT_EQ(read(time), with(time, "2020-01-01T00:00:00.125Z"));
    for (const char* time : {"2020-01-01", "2020-13-01T00:00:00+00:00", "2020-01-01T00:00:00+24:00", "2020-01-01T00:00:00+1:00",
                             "2020-01-01T00:00:00 UTC", "2020-01-01T00:00:00+00:00Z"})
        EXPECT_THAT(refusal(header(R"("core:datatype": "cu8")",
                                   R"([{"core:sample_start": 0, "core:datetime": ")" + std::string(time) + "\"}]"),
                            80),
                    HasSubstr("captures[0].core:datetime: expected a UTC time such as 2019-08-29T19:08:20.25Z, got " +
                              std::string(time)));
}

TEST(Sigmf, ATailIsNoSample) {
    const Recording r = interpret_sigmf(Value::from_json(header(R"("core:datatype": "cf32_le")")), "x", 1003);
    EXPECT_EQ(r.length, 125u);
    EXPECT_EQ(r.tail_bytes, 3u);
    EXPECT_THAT(describe_recording(r),
                HasSubstr("warning      3 bytes behind the last whole cf32_le sample of 8 are left out: is "
                          "it cut off, or of another type?\n"));
    EXPECT_EQ(recording_info(r).at("warnings").json(),
              R"(["3 bytes behind the last whole cf32_le sample of 8 are left out: is it cut off, or of another type?"])");
    EXPECT_EQ(Recording::from(r.value()).tail_bytes, 3u);
    const Recording trailing =
        interpret_sigmf(Value::from_json(header(R"("core:datatype": "cf32_le", "core:trailing_bytes": 3)")), "x", 1003);
    EXPECT_EQ(trailing.tail_bytes, 0u);
}

TEST(Sigmf, ADatasetThatIsThereBeatsMetadataOnly) {
    const Folder folder;
    folder.write("a.sigmf-meta", header(R"("core:datatype": "cu8", "core:dataset": "raw.bin", "core:metadata_only": true)"));
    EXPECT_EQ(read_recording(folder / "a.sigmf-meta").data_path, "");
    EXPECT_THAT(read_recording(folder / "a.sigmf-meta").warnings, ElementsAre());
    folder.write("raw.bin", "0123456789");
    const Recording r = read_recording(folder / "a.sigmf-meta");
    EXPECT_EQ(r.data_path, folder / "raw.bin");
    EXPECT_EQ(r.length, 5u);
    EXPECT_THAT(r.warnings, ElementsAre("global.core:metadata_only is ignored: core:dataset names a file that is there"));
}

TEST(Sigmf, ACollectionIsNoRecording) {
    const Folder folder;
    const std::string path = folder.write("a.sigmf-collection", R"({"collection": {"core:version": "1.2.0", "core:streams":
        [{"name": "one", "hash": "00"}, ["two", "00"], 3]}})");
    EXPECT_EQ(sentence_of([&] { read_recording(path); }),
              path +
                  ": expected one recording, got a collection of 2\n"
                  "   hint: `flowspan batch` takes all of them; name one: one.sigmf-meta, two.sigmf-meta");
    EXPECT_EQ(sentence_of([&] { read_recording(folder / "b.sigmf-collection"); }),
              "cannot read " + folder / "b.sigmf-collection" + ": No such file or directory");
}

/// Whatever is changed in a header, the answer is a recording or a refusal.
TEST(Sigmf, DamagedHeadersAreNeverMoreThanRefused) {
    const std::string text = plain_header;
    std::minstd_rand random(7);
    for (int run = 0; run < 20000; ++run) {
        std::string damaged = text;
        for (int k = 0; k < 3; ++k) damaged[random() % damaged.size()] = "0123456789-e.\"{}[],:n"[random() % 22];
        try {
            const Recording r = interpret_sigmf(parse_sigmf(damaged, "x"), "x", 400);
            EXPECT_LE(r.length, 400u);
        } catch (const Refused&) {}
    }
}

TEST(SigmfReader, RefusesWhatIsNestedTooDeep) {
    const auto header = [](std::size_t levels) {
        return R"({"global": {"core:datatype": "cu8", "core:version": "1.2.0", "x:y": )" + std::string(levels, '[') +
               std::string(levels, ']') + R"(}, "captures": [], "annotations": []})";
    };
    EXPECT_EQ(sentence_of([&] { parse_sigmf(header(126), "x"); }), "");
    for (const std::size_t levels : {127U, 17600U, 10'000'000U})
        EXPECT_EQ(sentence_of([&] { parse_sigmf(header(levels), "x"); }),
                  "x: expected a SigMF header in JSON, got " + std::to_string(levels + 2) +
                      " lists and objects within each other, at most 128 are read");
}

}  // namespace
}  // namespace flowspan::io
