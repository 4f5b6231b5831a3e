// What is made of heads of WAV files, true ones and those that recorders leave.
#include "io/recording/recording_reader.hpp"
#include "io/wav/auxi.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/unit/io/folder.hpp"
#include "tests/unit/io/wav/wave.hpp"

namespace flowspan::io {
namespace {
using namespace test_wav;
using test::Folder;
using test::sentence_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string refusal_of(const Folder& folder, const std::string& content) {
    return sentence_of([&] { read_recording(folder.write("a.wav", content)); });
}

TEST(Wav, PairsOfChannelsAreIAndQ) {
    const Folder folder;
    const auto read = [&](unsigned channels, unsigned format, unsigned bits) {
        return read_recording(folder.write("a.wav", wave("RIFF", format, channels, bits, std::string(48, 'x'), 48)));
    };
    for (const auto& [channels, complex, of] :
         {std::tuple(1U, false, 1U), {2U, true, 1U}, {3U, false, 3U}, {4U, true, 2U}, {6U, true, 3U}}) {
        const Recording r = read(channels, 1, 16);
        EXPECT_EQ(r.type, complex ? SampleType::ci16 : SampleType::ri16) << channels;
        EXPECT_EQ(r.channels, of) << channels;
        EXPECT_EQ(r.length, 48U / (2 * channels)) << channels;
        EXPECT_THAT(r.warnings, IsEmpty());
    }
    EXPECT_EQ(read(2, 3, 32).type, SampleType::cf32);
    EXPECT_EQ(read(1, 3, 64).type, SampleType::rf64);
    EXPECT_EQ(read(2, 1, 32).type, SampleType::ci32);
    const Recording deep = read(2, 1, 24), shallow = read(1, 1, 8);
    EXPECT_EQ(deep.type, SampleType::ci32);
    EXPECT_EQ(deep.stored, Stored::packed24);
    EXPECT_EQ(deep.length, 8U);
    EXPECT_EQ(shallow.type, SampleType::ri8);
    EXPECT_EQ(shallow.stored, Stored::offset8);
}

TEST(Wav, ExtensibleFormatsAreWhatTheyExtend) {
    const Folder folder;
    const auto read = [&](unsigned tag, unsigned bits, unsigned valid) {
        const std::string guid = little(tag, 2) + std::string("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71", 14);
        const std::string format = little(0xfffe, 2) + little(2, 2) + little(48000, 4) + little(48000 * bits / 4, 4) +
                                   little(bits / 4, 2) + little(bits, 2) + little(22, 2) + little(valid, 2) + little(3, 4) +
                                   guid;
        return read_recording(folder.write(
            "a.wav", "RIFF" + little(0, 4) + "WAVE" + chunk("fmt ", format) + chunk("data", std::string(48, 'x'))));
    };
    EXPECT_EQ(read(1, 24, 24).stored, Stored::packed24);
    EXPECT_EQ(read(1, 24, 20).length, 8U);
    EXPECT_EQ(read(1, 32, 24).type, SampleType::ci32);
    EXPECT_EQ(read(1, 32, 24).stored, Stored::as_is) << "24 bits that are the upper ones of 32";
    EXPECT_EQ(read(3, 32, 32).type, SampleType::cf32);
}

TEST(Wav, RefusesWhatItCannotRead) {
    const Folder folder;
    EXPECT_THAT(refusal_of(folder, "RIFF"),
                HasSubstr("expected a whole WAV header, got a file of 4 bytes that ends in the middle of it"));
    EXPECT_THAT(refusal_of(folder, std::string(64, 'x')),
                HasSubstr("expected a WAV file, got a file that does not begin as one"));
    EXPECT_THAT(refusal_of(folder, wave("RIFF", 2, 2, 4, "", 0)),
                HasSubstr("expected PCM of 8, 16, 24 or 32 bits, or float of 32 or 64 bits, got format 2 of 8 bits"));
    EXPECT_THAT(refusal_of(folder, wave("RIFF", 1, 0, 16, "", 0)),
                HasSubstr("expected 1 channel (real), 2 (I and Q) or more, got 0 channels"));
    std::string still = wave("RIFF", 1, 2, 16, "", 0);
    still.replace(24, 4, 4, '\0');
    EXPECT_THAT(refusal_of(folder, still), HasSubstr("expected a sample rate of 1 Hz or more, got 0 Hz"));
}

TEST(Wav, OfEndlessEmptyChunksIsRefused) {
    const Folder folder;
    const std::string path = folder.write(
        "a.wav", "RIFF" + little(0, 4) + "WAVE" + [] {
            std::string chunks;
            for (int k = 0; k < 1001; ++k) chunks += chunk("JUNK", "");
            return chunks;
        }());
    EXPECT_EQ(sentence_of([&] { read_recording(path); }),
              path + ": expected samples behind at most 1000 other chunks, got more");
}

// Every head that is cut off is refused with a sentence, at every byte.
TEST(Wav, AHeadThatIsCutOffIsRefused) {
    const Folder folder;
    const std::string whole = wave("RIFF", 1, 2, 16, "abcdefgh", 8, chunk("LIST", "INFO"));
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        const std::string path = folder.write("a.wav", whole.substr(0, bytes));
        const std::string sentence = sentence_of([&] { read_recording(path); });
        EXPECT_THAT(sentence, testing::StartsWith(path + ": expected ")) << bytes;
        EXPECT_THAT(sentence, testing::Not(HasSubstr("internal"))) << bytes;
    }
    EXPECT_EQ(refusal_of(folder, whole), "");
}

TEST(WavSize, OfTheHeaderCountsWhereChunksFollowToTheEnd) {
    const Folder folder;
    for (const std::string& behind : {std::string(), chunk("LIST", "INFO"), chunk("id3 ", "abc") + chunk("LIST", "")}) {
        const Recording r = read_recording(folder.write("a.wav", wave("RIFF", 1, 2, 16, "abcdefgh", 8, "", behind)));
        EXPECT_EQ(r.length, 2U) << behind;
        EXPECT_THAT(r.warnings, IsEmpty()) << behind;
    }
    // An odd number of bytes, padded and not.
    EXPECT_EQ(
        read_recording(folder.write("a.wav", wave("RIFF", 1, 1, 8, "abc", 3, "", std::string(1, '\0') + chunk("LIST", "INFO"))))
            .length,
        3U);
    EXPECT_EQ(read_recording(folder.write("a.wav", wave("RIFF", 1, 1, 8, "abc", 3, "", chunk("LIST", "INFO")))).length, 3U);
    EXPECT_EQ(read_recording(folder.write("a.wav", wave("RIFF", 1, 1, 8, "abc", 3))).length, 3U);
    EXPECT_EQ(read_recording(folder.write("a.wav", wave("RIFF", 1, 2, 16, "", 0))).length, 0U);
}

TEST(WavSize, OfTheFileCountsWhereTheHeaderIsWrong) {
    const Folder folder;
    const std::string samples(4096, 'x');
    for (const std::uint64_t said : {std::uint64_t{0}, std::uint64_t{0xffffffff}, std::uint64_t{2048}, std::uint64_t{2047}}) {
        const Recording r = read_recording(folder.write("a.wav", wave("RIFF", 1, 2, 16, samples, said)));
        EXPECT_EQ(r.length, 1024U) << said;
        EXPECT_THAT(r.warnings,
                    ElementsAre(fmt::format("its header says {} bytes of samples, which is not where its chunks go on: "
                                            "all 4096 to its end are read",
                                            said)));
        EXPECT_THAT(describe_recording(r), HasSubstr("  warning      its header says ")) << said;
        EXPECT_EQ(recording_info(r).at("warnings").list().size(), 1U) << said;
    }
    // Zeros are samples, and no list of empty chunks.
    EXPECT_EQ(read_recording(folder.write("a.wav", wave("RIFF", 1, 2, 16, std::string(4096, '\0'), 0))).length, 1024U);
    const Recording odd = read_recording(folder.write("a.wav", wave("RIFF", 1, 2, 16, samples + "abc", 0)));
    EXPECT_EQ(odd.length, 1024U);
    EXPECT_THAT(odd.warnings, ElementsAre(HasSubstr("all 4099 to its end are read")));
    EXPECT_EQ(odd.tail_bytes, 3U);
    EXPECT_THAT(refusal_of(folder, wave("RIFF", 1, 2, 16, "abcd", 8)),
                HasSubstr("expected 8 bytes of samples, as its header says, got 4\n   hint: was the recorder interrupted?"));
    EXPECT_THAT(refusal_of(folder, wave("RIFF", 1, 2, 16, "abcd", 0xfffffffe)),
                HasSubstr("expected 4294967294 bytes of samples"));
}

std::string ds64(std::uint64_t bytes) { return chunk("ds64", little(0, 8) + little(bytes, 8) + little(0, 12)); }

TEST(WavSize, OfRf64StandsInDs64) {
    const Folder folder;
    for (const char* kind : {"RF64", "BW64"}) {
        const Recording r =
            read_recording(folder.write("a.wav", wave(kind, 3, 2, 32, "abcdefghabcdefgh", 0xffffffff, ds64(16))));
        EXPECT_EQ(r.length, 2U);
        EXPECT_EQ(r.type, SampleType::cf32);
        EXPECT_THAT(r.warnings, IsEmpty());
        const Recording died =
            read_recording(folder.write("a.wav", wave(kind, 3, 2, 32, "abcdefghabcdefgh", 0xffffffff, ds64(0))));
        EXPECT_EQ(died.length, 2U) << "a recorder that died";
        EXPECT_EQ(died.warnings.size(), 1U);
    }
    EXPECT_THAT(refusal_of(folder, wave("RF64", 1, 2, 16, "abcd", 0xffffffff, ds64(UINT64_MAX))),
                HasSubstr("bytes of samples, as its header says, got 4"));
}

// 5.2 GB as SDR++ and others leave it, sparse.
TEST(WavSize, ModuloFourGigabytesIsFound) {
    const Folder folder;
    const std::uint64_t bytes = 5'200'000'000;
    for (const bool list : {false, true}) {
        const std::string path = folder.write("a.wav", wave("RIFF", 1, 2, 16, "", bytes & 0xffffffff));
        const std::uint64_t head = std::filesystem::file_size(path);
        std::filesystem::resize_file(path, head + bytes);
        if (list) std::ofstream(path, std::ios::binary | std::ios::app) << chunk("LIST", "INFO");
        const Recording r = read_recording(path);
        EXPECT_EQ(r.length, bytes / 4);
        EXPECT_THAT(r.warnings, ElementsAre("its header says 905032704 bytes of samples, which is their number modulo 2^32: "
                                            "5200000000 are read"));
    }
}

TEST(WavAuxi, BinaryCountsWhereBothTimesArePlausible) {
    const Folder folder;
    const auto read = [&](const std::string& auxi, const std::string& name = "a.wav") {
        return read_recording(folder.write(name, wave("RIFF", 1, 2, 16, "abcdefgh", 8, chunk("auxi", auxi))));
    };
    const std::string start = system_time(2019, 8, 29, 19, 8, 20, 250), stop = system_time(2019, 8, 29, 19, 9, 20, 0);
    const Recording r = read(start + stop + little(98500000, 4) + little(0, 32));
    EXPECT_EQ(r.frequency, 98.5e6);
    EXPECT_EQ(r.captures[0].frequency, 98.5e6);
    EXPECT_EQ(rfc3339(*r.captures[0].utc), "2019-08-29T19:08:20.25Z");
    EXPECT_EQ(r.captures[0].utc_digits, 3);
    EXPECT_THAT(r.warnings, IsEmpty());
    for (const std::string& times : {std::string(32, '\0'), start + std::string(16, '\0'), std::string(16, '\0') + stop,
                                     start + system_time(2019, 13, 1, 0, 0, 0, 0), start + system_time(2019, 2, 30, 0, 0, 0, 0),
                                     start + system_time(2019, 2, 3, 24, 0, 0, 0), system_time(1601, 1, 1, 0, 0, 0, 0) + stop,
                                     start + system_time(2019, 2, 3, 0, 0, 0, 1000)}) {
        const Recording none = read(times + little(98500000, 4));
        EXPECT_FALSE(none.frequency.has_value());
        EXPECT_FALSE(none.captures[0].utc.has_value());
        EXPECT_THAT(none.warnings, ElementsAre("its chunk `auxi` says no plausible times: passed over"));
    }
    EXPECT_THAT(read("short").warnings, ElementsAre("its chunk `auxi` says no plausible times: passed over"));
    EXPECT_FALSE(read(start + stop + little(0, 4)).frequency.has_value()) << "0: nothing was tuned";
}

TEST(WavAuxi, BeyondFourGigahertzTheNameSaysHowOften) {
    const Folder folder;
    const std::string times = system_time(2022, 12, 12, 17, 8, 54, 0) + system_time(2022, 12, 12, 17, 9, 54, 0);
    const auto read = [&](std::uint64_t frequency) {
        return read_recording(folder.write("SDRSharp_20221212_170854Z_8457269859Hz_IQ.wav",
                                           wave("RIFF", 1, 2, 16, "abcd", 4, chunk("auxi", times + little(frequency, 4)))));
    };
    const Recording r = read(8457269859 & 0xffffffff);
    EXPECT_EQ(r.frequency, 8457269859.0);
    EXPECT_THAT(
        r.warnings,
        ElementsAre("its header says 4162302563 Hz, which is the 8457269859 Hz of its name modulo 2^32: the name counts"));
    const Recording other = read(162000000);
    EXPECT_EQ(other.frequency, 162e6);
    EXPECT_THAT(other.warnings,
                ElementsAre("its name says 8457269859 Hz of centre frequency, its header 162000000 Hz: the header counts"));
}

std::string utf16(const std::string& text, bool big) {
    std::string wide;
    for (const char c : text) wide += big ? std::string(1, '\0') + c : c + std::string(1, '\0');
    return wide;
}

// As SDR Console writes it.
const std::string console =
    R"(<?xml version="1.0"?><SDR-XML-Root xml:lang="EN" Description="Saved recording data" Created="05-Oct-2020 11:57">)"
    R"(<Definition CurrentTimeUTC="05-10-2020 11:57:35" Filename="C:\&amp;.wav" RadioCenterFreq="162000000" SampleRate="192000" )"
    R"(BitsPerSample="16" UTCSeconds="1601899055"></Definition></SDR-XML-Root>)";

TEST(WavAuxi, XmlOfSdrConsoleIsReadInAllItsEncodings) {
    const Folder folder;
    const std::string bom = "\xff\xfe", swapped = "\xfe\xff", mark = "\xef\xbb\xbf", end(4, '\0');
    for (const std::string& auxi : {console, mark + console, console + end, utf16(console, false), bom + utf16(console, false),
                                    utf16(console, false) + end, utf16(console, true), swapped + utf16(console, true)}) {
        const Recording r = read_recording(folder.write("a.wav", wave("RIFF", 1, 2, 16, "abcd", 4, chunk("auxi", auxi))));
        EXPECT_EQ(r.frequency, 162e6);
        EXPECT_EQ(rfc3339(r.captures[0].utc.value_or(Time())), "2020-10-05T11:57:35Z");
        EXPECT_THAT(r.warnings, IsEmpty());
    }
}

TEST(WavAuxi, XmlThatSaysLessOrOtherThingsIsReadAsFarAsItGoes) {
    const auto read = [](std::string attributes) {
        return wav::read_auxi("<?xml version=\"1.0\"?><R><Definition " + attributes + "/></R>");
    };
    EXPECT_EQ(rfc3339(*read("UTCSeconds='1601899055'").start), "2020-10-05T11:57:35Z");
    EXPECT_EQ(rfc3339(*read("CurrentTimeUTC='2020-10-05T11:57:35.5Z'").start), "2020-10-05T11:57:35.5Z");
    EXPECT_FALSE(read("CurrentTimeUTC='32-10-2020 11:57:35'").start.has_value());
    EXPECT_FALSE(read("RadioCenterFreq='162 MHz'").frequency.has_value());
    EXPECT_THAT(
        read("CurrentTimeUTC='05-10-2020 12:57:35' UTCSeconds='1601899055'").warnings,
        ElementsAre("its chunk `auxi` says 2020-10-05T12:57:35Z by CurrentTimeUTC and 2020-10-05T11:57:35Z by UTCSeconds: the "
                    "first counts"));
    EXPECT_THAT(wav::read_auxi("<?xml version=\"1.0\"?><R></R>").warnings,
                ElementsAre("its chunk `auxi` is XML without an element `Definition`: passed over"));
    EXPECT_THAT(wav::read_auxi("<?xml").warnings, testing::SizeIs(1));
    // Cut off at every byte: as much as a whole element says, or nothing.
    for (std::size_t bytes = 5; bytes < console.size(); ++bytes) {
        const wav::Auxi said = wav::read_auxi(console.substr(0, bytes));
        EXPECT_TRUE(!said.frequency || *said.frequency == 162e6) << bytes;
    }
    const Folder folder;
    const Recording r = read_recording(
        folder.write("a.wav", wave("RIFF", 1, 2, 16, "abcd", 4, chunk("auxi", "<?xml?><Definition SampleRate='96000'/>"))));
    EXPECT_THAT(r.warnings, testing::SizeIs(1));
}

TEST(WavNames, SayWhatTheHeaderDoesNot) {
    const Folder folder;
    const auto read = [&](const std::string& name) {
        return read_recording(folder.write(name, wave("RIFF", 1, 2, 16, "abcd", 4)));
    };
    const Recording sharp = read("HDSDR_20190829_190820Z_433920kHz_RF.wav");
    EXPECT_EQ(sharp.frequency, 433.92e6);
    EXPECT_EQ(sharp.captures[0].frequency, 433.92e6);
    EXPECT_EQ(rfc3339(*sharp.captures[0].utc), "2019-08-29T19:08:20Z");
    EXPECT_THAT(sharp.from_name, ElementsAre("frequency", "datetime"));
    EXPECT_THAT(sharp.warnings, IsEmpty());
    EXPECT_EQ(read("05-Oct-2020 115735.959 162.000MHz 000.wav").frequency, 162e6);
    const Recording other = read("2023-08-07_16-36-47_2400000SPS_100000000Hz.wav");
    EXPECT_EQ(other.sample_rate, Rational(192000));
    EXPECT_THAT(other.warnings, ElementsAre("its name says 2400000 Hz of rate, its header 192000 Hz: the header counts"));
    EXPECT_THAT(read("a_20190829_190820.wav").warnings,
                ElementsAre("its name says a time without its zone: read as UTC, 2019-08-29T19:08:20Z"));
}

TEST(WavNames, OfAudioSayTheFrequencyOfADial) {
    const Folder folder;
    const Recording r = read_recording(folder.write("03-98.100MHz.wav", wave("RIFF", 1, 1, 16, "abcd", 4)));
    EXPECT_FALSE(r.frequency.has_value());
    EXPECT_THAT(r.from_name, IsEmpty());
}

TEST(WavNames, ThatContradictTheHeaderAreWarnings) {
    const Folder folder;
    const std::string times = system_time(2019, 8, 29, 19, 8, 20, 0) + system_time(2019, 8, 29, 19, 9, 20, 0);
    const auto warnings = [&](const std::string& name, std::uint64_t frequency) {
        return read_recording(
                   folder.write(name, wave("RIFF", 1, 2, 16, "abcd", 4, chunk("auxi", times + little(frequency, 4)))))
            .warnings;
    };
    EXPECT_THAT(warnings("HDSDR_20190829_190820Z_433920kHz_RF.wav", 433920999), IsEmpty()) << "within the name's last digit";
    EXPECT_THAT(warnings("HDSDR_20190829_190821Z_433920kHz_RF.wav", 433920000), IsEmpty());
    EXPECT_THAT(warnings("HDSDR_20190829_200820Z_433920kHz_RF.wav", 434000000),
                ElementsAre("its name says 433920000 Hz of centre frequency, its header 434000000 Hz: the header counts",
                            "its name says 2019-08-29T20:08:20Z, its header 2019-08-29T19:08:20Z: the header counts"));
}

}  // namespace
}  // namespace flowspan::io
