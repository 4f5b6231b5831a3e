// Arrays as NumPy 1.24 has written them: the bytes of the headers are its own.
#include "io/formats/npy.hpp"

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

std::string npy(const std::string& dictionary, const std::string& data, char version = 1) {
    const std::size_t before = version == 1 ? 10 : 12;
    std::string text = dictionary;
    while ((before + text.size() + 1) % 64 != 0) text += ' ';
    text += '\n';
    std::string header = "\x93NUMPY"s + version + '\0';
    for (std::size_t k = 0; k < before - 8; ++k) header += char(text.size() >> (8 * k) & 0xff);
    return header + text + data;
}

TEST(Npy, ReadsWhatNumPyWrites) {
    const Folder folder;
    const Recording r = read_recording(
        folder.write("a.npy", npy("{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }", std::string(24, 'x'))));
    EXPECT_EQ(r.format, "npy");
    EXPECT_EQ(r.type, SampleType::cf32);
    EXPECT_EQ(r.length, 3U);
    EXPECT_EQ(r.channels, 1U);
    EXPECT_EQ(r.captures.at(0).header_bytes, 128U);
    EXPECT_TRUE(r.warnings.empty());
    const Recording two = read_recording(
        folder.write("b", npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2, 3), }", "abcdefghijkl", 2)));
    EXPECT_EQ(two.type, SampleType::ri16);
    EXPECT_TRUE(two.big_endian);
    EXPECT_EQ(two.length, 2U);
    EXPECT_EQ(two.channels, 3U);
    std::string samples(12, '?');
    open_samples(two, false)->read(0, std::as_writable_bytes(std::span(samples)));
    EXPECT_EQ(samples, "badcfehgjilk");
}

TEST(Npy, RefusesWhatIsNoRecording) {
    const Folder folder;
    const auto sentence = [&](const std::string& content) {
        return sentence_of([&] { read_recording(folder.write("a.npy", content)); });
    };
    const std::string path = folder / "a.npy";
    EXPECT_EQ(sentence("PK\x03"), path + ": expected a .npy file, got a file that does not begin as one");
    EXPECT_EQ(sentence(npy("{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }", "")),
              path + ": expected numbers of type f4, f8, i1, i2, i4, u1, u2, u4, c8 or c16, got <i8");
    EXPECT_EQ(sentence(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "1234")),
              path + ": expected an array of shape (n,) or (n, channels), got ()");
    EXPECT_EQ(sentence(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", std::string(16, 'x'))),
              path + ": expected an array in C order, got one in Fortran order\n   hint: numpy.ascontiguousarray makes one");
    EXPECT_EQ(
        sentence(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "1234567")),
        path + ": expected the numbers of shape (2,) that its header says, got 7 bytes of them\n   hint: was it cut off?");
    EXPECT_EQ(
        sentence(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551615, 4294967295), }", "1234567")),
        path +
            ": expected the numbers of shape (18446744073709551615, 4294967295) that its header says, got 7 bytes of "
            "them\n   hint: was it cut off?");
}

TEST(Npy, IsRefusedCutAtAnyByteOfItsHeader) {
    const Folder folder;
    const std::string whole = npy("{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }", std::string(24, 'x'));
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes)
        EXPECT_THROW(read_npy(folder.write("a.npy", whole.substr(0, bytes))), Refused) << bytes;
}

TEST(Npy, WritesHeadersThatItReads) {
    const Folder folder;
    const Recording r = read_recording(folder.write("a.npy", npy_header(SampleType::cf64, 2, 1) + std::string(32, 'x')));
    EXPECT_EQ(r.type, SampleType::cf64);
    EXPECT_EQ(r.length, 2U);
    EXPECT_EQ(read_recording(folder.write("b.npy", npy_header(SampleType::ru8, 2, 3) + "123456")).channels, 3U);
}

}  // namespace
}  // namespace flowspan::io
