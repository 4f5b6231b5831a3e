#include "io/formats/formats.hpp"

#include "io/recording/recording_reader.hpp"

#include <gmock/gmock.h>

#include <string>

#include "folder.hpp"

namespace flowspan::io {
namespace {
using namespace std::string_literals;
using test::Folder;
using test::sentence_of;

TEST(Formats, WhatIsKnownAndNotReadIsRefusedByItsName) {
    const Folder folder;
    const std::string card = "BACKEND = 'GUPPI   '" + std::string(60, ' '),
                      size = "BLOCSIZE=               123648" + std::string(50, ' ');
    for (const auto& [name, content, expected] : {
             std::tuple("a.raw", card + size, "a GUPPI RAW file"),
             {"a.fil", "\x0c\0\0\0HEADER_START"s, "a SIGPROC filterbank"},
             {"a.raw", "\x0c\0\0\0HEADER_START"s, "a SIGPROC filterbank"},
             {"a.dada", "HEADER       DADA\nHDR_VERSION  1.0\nHDR_SIZE     4096\n"s, "a PSRDADA file"},
             {"a.tmp", "BLUEEEEIEEEI"s, "an X-Midas BLUE file"},
             {"a.vrt", "1234"s, "VITA-49 packets"},
             {"a.VDIF", "1234"s, "VDIF frames"},
             {"a.mat", "MATLAB 5.0 MAT-file, Platform: GLNXA64"s, "a MATLAB file"},
             {"a.sdriq", "1234"s, "an SDRangel .sdriq file"},
             {"a.bin", "\xd4\xc3\xb2\xa1\x02\x00"s, "a capture of packets (pcap)"},
             {"a.bin", "\x0a\x0d\x0d\x0a\x02\x00"s, "a capture of packets (pcapng)"},
             {"a.h5", "\x89HDF\r\n\x1a\n"s, "an HDF5 file"},
         }) {
        const std::string path = folder.write(name, content);
        EXPECT_THAT(
            sentence_of([&] { read_recording(path); }),
            testing::StartsWith(path + ": expected a recording in a format that flowspan reads, got " + expected + "\n"))
            << name;
    }
}

TEST(Formats, ContentIsBelievedBeforeTheName) {
    const Folder folder;
    const std::string array =
        "\x93NUMPY\x01\0\x46\0"s + "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }           \n\n" + "12345678";
    const Recording r = read_recording(folder.write("a.cu8", array));
    EXPECT_EQ(r.format, "npy");
    EXPECT_THAT(r.warnings, testing::ElementsAre("by its name it is something else; it is read as npy, as which it begins"));
    EXPECT_TRUE(read_recording(folder.write("a.bin", array)).warnings.empty());
}

struct OwnFormat final : RecordingFormat {
    std::string name() const override { return "own"; }
    bool holds(std::span<const std::byte> head) const override {
        return head.size() >= 3 && head[0] == std::byte('O') && head[2] == std::byte('N');
    }
    bool named(const std::string&) const override { return false; }
    Recording facts(const std::string& path) const override {
        Recording r;
        r.path = r.data_path = path;
        r.format = "own";
        return r;
    }
    std::unique_ptr<SampleReader> open(const Recording&, bool) const override { return nullptr; }
};

TEST(Formats, APluginMayAddOne) {
    const Folder folder;
    add_format(std::make_shared<OwnFormat>());
    EXPECT_EQ(read_recording(folder.write("a.bin", "OWN")).format, "own");
    EXPECT_THROW(add_format(std::make_shared<OwnFormat>()), std::invalid_argument);
}

}  // namespace
}  // namespace flowspan::io
