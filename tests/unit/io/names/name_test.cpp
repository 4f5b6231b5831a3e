// Names as recorders and people write them. What each says comes from its program's documentation or source, or from the name
// itself; none is computed by the code under test.
#include "io/names/name.hpp"

#include "io/names/pattern.hpp"

#include <gmock/gmock.h>

#include "tests/unit/io/folder.hpp"

namespace flowspan::io {
namespace {
using test::sentence_of;
using testing::ElementsAre;
using testing::IsEmpty;

struct Said {
    const char* name;
    const char* datatype;    // "" here and below: nothing
    double rate, frequency;  // 0: nothing
    const char* utc;
};

std::string datatype_text(const Named& named) {
    return named.datatype ? sigmf_datatype(named.datatype->type, named.datatype->big_endian) : "";
}

void expect_said(const Said& said, const Named& named) {
    EXPECT_EQ(datatype_text(named), said.datatype) << said.name;
    EXPECT_EQ(named.rate ? named.rate->value : 0, said.rate) << said.name;
    EXPECT_EQ(named.frequency ? named.frequency->value : 0, said.frequency) << said.name;
    EXPECT_EQ(named.utc ? rfc3339(*named.utc) : "", said.utc) << said.name;
}

TEST(Names, OfRecordersSayWhatTheRecordersMean) {
    for (const Said& said : {
             Said{"g001_433.92M_250k.cu8", "cu8", 250e3, 433.92e6, ""},
             {"g001_868.3M_1024k.cs16", "ci16_le", 1024e3, 868.3e6, ""},
             {"gqrx_20190829_190820_433920000_1800000_fc.raw", "cf32_le", 1.8e6, 433.92e6, "2019-08-29T19:08:20Z"},
             {"gqrx_20190829_190820_433920000_1800000_fc.part 2.raw", "cf32_le", 1.8e6, 433.92e6, "2019-08-29T19:08:20Z"},
             {"gqrx_20190829_190820_433920000_1800000_fc_meteor.raw", "cf32_le", 1.8e6, 433.92e6, "2019-08-29T19:08:20Z"},
             {"2024-01-19_14-51-51_1152000SPS_2212021000Hz.s16", "ci16_le", 1152000, 2212021000, "2024-01-19T14:51:51Z"},
             {"2023-08-05_08-02-00_16000000SPS_2274000000Hz.s8", "ci8", 16e6, 2274e6, "2023-08-05T08:02:00Z"},
             {"2023-08-05_18-02-45-534_16000000SPS_2284000000Hz.f32", "cf32_le", 16e6, 2284e6, "2023-08-05T18:02:45.534Z"},
             {"2023-08-05_18-02-45-1691258565.534000_16000000SPS_2284000000Hz.w16", "ci16_le", 16e6, 2284e6,
              "2023-08-05T18:02:45.534Z"},
             {"2023-08-07_16-36-47_2400000SPS_100000000Hz.wav", "", 2.4e6, 100e6, "2023-08-07T16:36:47Z"},
             {"SDRSharp_20221212_170854Z_8457269859Hz_IQ.wav", "", 0, 8457269859, "2022-12-12T17:08:54Z"},
             {"HDSDR_20190829_190820Z_433920kHz_RF.wav", "", 0, 433.92e6, "2019-08-29T19:08:20Z"},
             {"HDSDR_20190829_190820Z_433920kHz_AF.wav", "", 0, 0, "2019-08-29T19:08:20Z"},
             {"SDRuno_20200209_150424Z_40000kHz.wav", "", 0, 40e6, "2020-02-09T15:04:24Z"},
             {"05-Oct-2020 115735.959 162.000MHz 000.wav", "", 0, 162e6, "2020-10-05T11:57:35.959Z"},
             {"20211008T150350Z_702000_STATION_iq.wav", "", 0, 702000, "2021-10-08T15:03:50Z"},
             {"20211008T150350Z_702000_am.wav", "", 0, 0, "2021-10-08T15:03:50Z"},
             {"baseband_433920000Hz_19-08-20_29-08-2019.wav", "", 0, 433.92e6, ""},
         })
        expect_said(said, read_name(said.name));
}

TEST(Names, SayRatesAndFrequenciesInAllSpellings) {
    for (const char* rate : {"2.4Msps", "2400ksps", "2400000SPS", "2400000sps", "2.4MSPS", "2.4MS", "2.4MSa", "2.4e6sps",
                             "fs2.4M", "rate=2400k", "SR2400000"})
        expect_said({rate, "", 2.4e6, 0, ""}, read_name(rate));
    for (const char* frequency :
         {"433.92MHz", "433920kHz", "433920000Hz", "433.92mhz", "0.43392GHz", "fc433.92M", "433.92e6Hz"})
        expect_said({frequency, "", 0, 433.92e6, ""}, read_name(frequency));
    for (const char* name : {"a_433.92M_2.4M.cu8", "a_433.92M_2400k.cu8", "a_433.92MHz_2.4M.cu8", "a_433.92M_2400000SPS.cu8",
                             "a 433.92MHz, 2.4Msps.cu8", "a-433.92M-2.4M.cu8", "433.92M.2.4M.cu8", "a_2400k_433.92M.cu8"})
        expect_said({name, "cu8", 2.4e6, 433.92e6, ""}, read_name(name));
    expect_said({"x_2250.700MHz_4.00Msps_ci16_le.raw", "ci16_le", 4e6, 2250.7e6, ""},
                read_name("x_2250.700MHz_4.00Msps_ci16_le.raw"));
}

TEST(Names, WhatIsNotSaidStaysUnset) {
    for (const char* name :
         {"take_2M.wav", "250k.wav", "a_10ms.wav", "M_k.wav", "2.4Mx.wav", "x2.4M_433M1.wav", "a_2M_433M_12M.wav",
          "a_2M_433M.wav", "20190829.wav", "20191329_190820Z.wav", "20190829_250820Z.wav", "18990829_190820Z.wav",
          "1234567890123456789.wav", "_0sps.wav", "a_99999999999999999999Msps.wav", ".wav", ""})
        expect_said({name, "", 0, 0, ""}, read_name(name));
    EXPECT_TRUE(read_name("a_1e999Hz.cf32").frequency == std::nullopt);
}

TEST(Names, SeveralRatesAreADoubt) {
    const Named named = read_name("a_433MHz_868MHz_2Msps.cu8");
    EXPECT_FALSE(named.frequency.has_value());
    EXPECT_EQ(named.rate->value, 2e6);
    EXPECT_THAT(named.doubts,
                ElementsAre("its name says several frequencies, 433000000 Hz, 868000000 Hz: none of them counts"));
    EXPECT_THAT(read_name("a_433MHz_433000kHz_2Msps.cu8").doubts, IsEmpty());
}

TEST(Names, SayDatesInAllSpellings) {
    for (const char* date :
         {"20190829_190820", "20190829-190820", "20190829T190820Z", "2019-08-29_19-08-20", "2019-08-29T19:08:20Z",
          "2019-08-29 19.08.20", "20190829190820", "2019.08.29_19.08.20", "29-Aug-2019 190820", "29-aug-2019_19:08:20"})
        EXPECT_EQ(rfc3339(read_name("a_" + std::string(date) + ".iq").utc.value_or(Time())), "2019-08-29T19:08:20Z") << date;
    EXPECT_EQ(rfc3339(*read_name("a_20190829_190820.25Z.iq").utc), "2019-08-29T19:08:20.25Z");
    EXPECT_TRUE(read_name("a_20190829_190820.iq").zone_guessed);
    EXPECT_FALSE(read_name("a_20190829_190820Z.iq").zone_guessed);
    EXPECT_FALSE(read_name("05-Oct-2020 115735.959 162.000MHz 000.wav").zone_guessed);
}

TEST(Names, SayTypesAsExtensionsOrWithin) {
    // As inspectrum's and rtl_433's documentation have them; `s16` alone is real there.
    for (const auto& [name, datatype] : std::initializer_list<std::pair<const char*, const char*>>{{"a.cf32", "cf32_le"},
                                                                                                   {"a.cfile", "cf32_le"},
                                                                                                   {"a.fc32", "cf32_le"},
                                                                                                   {"a.cf64", "cf64_le"},
                                                                                                   {"a.fc64", "cf64_le"},
                                                                                                   {"a.cs32", "ci32_le"},
                                                                                                   {"a.sc32", "ci32_le"},
                                                                                                   {"a.cs16", "ci16_le"},
                                                                                                   {"a.sc16", "ci16_le"},
                                                                                                   {"a.c16", "ci16_le"},
                                                                                                   {"a.cs8", "ci8"},
                                                                                                   {"a.sc8", "ci8"},
                                                                                                   {"a.c8", "ci8"},
                                                                                                   {"a.hackrf", "ci8"},
                                                                                                   {"a.cu8", "cu8"},
                                                                                                   {"a.uc8", "cu8"},
                                                                                                   {"a.cu16", "cu16_le"},
                                                                                                   {"a.f32", "rf32_le"},
                                                                                                   {"a.f64", "rf64_le"},
                                                                                                   {"a.s32", "ri32_le"},
                                                                                                   {"a.s16", "ri16_le"},
                                                                                                   {"a.u16", "ru16_le"},
                                                                                                   {"a.s8", "ri8"},
                                                                                                   {"a.u8", "ru8"},
                                                                                                   {"a.complex16u", "cu8"},
                                                                                                   {"A.CS16", "ci16_le"},
                                                                                                   {"a_cs16.bin", "ci16_le"},
                                                                                                   {"a.ci16_be.raw", "ci16_be"},
                                                                                                   {"a-CF32-b.dat", "cf32_le"},
                                                                                                   {"a_rf64_le.iq", "rf64_le"},
                                                                                                   {"a", ""},
                                                                                                   {"cf32", ""},
                                                                                                   {".cf32", ""},
                                                                                                   {"a.raw", ""},
                                                                                                   {"a_cf32.png", ""},
                                                                                                   {"acf32.raw", ""},
                                                                                                   {"a_cs16_cu8.raw", ""},
                                                                                                   {"a_ci12.raw", ""}}) {
        EXPECT_EQ(datatype_text(read_name(name)), datatype) << name;
        EXPECT_EQ(says_type(name), *datatype != '\0') << name;
    }
    EXPECT_THAT(read_name("a_cf32.cs16").doubts, ElementsAre("its name says cf32_le and ends in .cs16: read as ci16_le"));
}

TEST(Patterns, OfTheUsersOwnSayWhatTheirFieldsSay) {
    const auto match = [](const char* pattern, const char* name) {
        const auto named = match_name(pattern, name);
        EXPECT_TRUE(named.has_value()) << pattern << " " << name;
        return named.value_or(Named());
    };
    const Said both{"", "", 0, 433.92e6, "2019-08-29T19:08:20Z"};
    expect_said(both, match("{datetime:%Y%m%d_%H%M%S}_{frequency}Hz", "20190829_190820_433920000Hz.cf32"));
    expect_said(both, match("{datetime:%Y%m%d_%H%M%S}_{frequency}Hz", "20190829_190820_433920kHz.cf32"));
    expect_said(both, match("{datetime:%Y%m%d_%H%M%S}_{frequency}MHz.iq", "20190829_190820_433.92MHz.iq"));
    expect_said(both, match("*_{frequency}M_{datetime:%s}", "run 7_433.92M_1567105700.bin"));
    expect_said(both, match("{datetime}_{frequency}_*", "2019-08-29T19:08:20Z_433.92M_x.iq"));
    expect_said(both, match("{datetime:%d.%b %y, %H.%M.%S}-{frequency}", "29.Aug 19, 19.08.20-433920000"));
    expect_said(both, match("{datetime:%Y-%j %H%M%S}{{{frequency}}}", "2019-241 190820{433920000}.x"));
    expect_said({"", "ci16_be", 2.4e6, 0, ""}, match("[{rate}].{datatype}", "[2.4M].ci16_be"));
    expect_said({"", "cu8", 2.4e6, 0, ""}, match("{rate}ksps.{datatype}", "2400ksps.cu8"));
    EXPECT_EQ(rfc3339(*match("{datetime:%Y%m%d%H%M%S.%f%Z}", "20190829190820.125Z").utc), "2019-08-29T19:08:20.125Z");
}

TEST(Patterns, ThatDoNotFitSayNothing) {
    for (const auto& [pattern, name] :
         std::initializer_list<std::pair<const char*, const char*>>{{"{frequency}Hz", "x433Hz.cf32"},
                                                                    {"{datetime:%Y%m%d}", "20191329.iq"},
                                                                    {"{datatype}", "soon"},
                                                                    {"{rate}", "0"},
                                                                    {"{datetime:%Y %j}", "2019 366"},
                                                                    {"{datetime}", "yesterday at noon"},
                                                                    {"a*{frequency}", "b433"}})
        EXPECT_FALSE(match_name(pattern, name).has_value()) << pattern << " " << name;
}

TEST(Patterns, ThatAreNoneSayWhy) {
    const auto mistake = [](const char* pattern) { return sentence_of([&] { static_cast<void>(match_name(pattern, "a")); }); };
    EXPECT_EQ(mistake("plain"), "one field at least");
    EXPECT_EQ(mistake("{frequency"), "braces in pairs");
    EXPECT_EQ(mistake("frequency}"), "braces in pairs");
    EXPECT_EQ(mistake("{gain}"), "the fields datetime (with or without a format), frequency, rate and datatype");
    EXPECT_EQ(mistake("{rate:k}"), "the fields datetime (with or without a format), frequency, rate and datatype");
    EXPECT_EQ(mistake("{rate}_{rate}"), "each field at most once");
    EXPECT_EQ(mistake("{datetime:%H%M}"), "a time with a whole date: %Y%m%d, %Y%j or %s");
    EXPECT_EQ(mistake("{datetime:%Y%m%d%Q}"), "a time of %Y %y %m %d %j %b %H %M %S %f %s %Z %%, each at most once");
    EXPECT_EQ(mistake("{datetime:%Y%m%d%}"), "a time of %Y %y %m %d %j %b %H %M %S %f %s %Z %%, each at most once");
}

}  // namespace
}  // namespace flowspan::io
