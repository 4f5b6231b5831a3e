#include "io/recording/flat_reader.hpp"

#include <flowspan/diagnostic.hpp>

#include <gmock/gmock.h>

#include <string>

#include "folder.hpp"

namespace flowspan::io {
namespace {
using test::Folder;
using test::sentence_of;

Recording recording(const std::string& path, SampleType type, std::uint64_t length) {
    Recording r;
    r.path = r.data_path = path;
    r.format = "raw";
    r.type = type;
    r.length = length;
    return r;
}

Capture capture(std::uint64_t start, std::uint64_t header_bytes) {
    Capture c;
    c.start = start;
    c.header_bytes = header_bytes;
    return c;
}

std::string read(SampleReader& reader, std::uint64_t first, std::size_t bytes) {
    std::string to(bytes, '?');
    EXPECT_EQ(reader.read(first, std::as_writable_bytes(std::span(to))), bytes);
    return to;
}

TEST(FlatReader, PassesOverWhatStandsBetweenCaptures) {
    const Folder folder;
    Recording r = recording(folder.write("a", "--abcdefgh+++ijkl-mnop"), SampleType::ri16, 8);
    r.captures = {capture(0, 2), capture(2, 0), capture(4, 3), capture(6, 1)};
    const auto reader = open_flat(r, false);
    EXPECT_EQ(read(*reader, 0, 16), "abcdefghijklmnop");
    EXPECT_EQ(read(*reader, 3, 8), "ghijklmn");
    EXPECT_EQ(read(*reader, 4, 2), "ij");
    EXPECT_EQ(read(*reader, 7, 2), "op");
    EXPECT_EQ(read(*reader, 7, 0), "");
}

TEST(FlatReader, AnyCallSizesReadTheSame) {
    const Folder folder;
    std::string data;
    for (int k = 0; k < 300; ++k) data += char(k * 37);
    for (const auto& [stored, type] : {std::pair(Stored::as_is, SampleType::ci16),
                                       {Stored::packed24, SampleType::ri32},
                                       {Stored::offset8, SampleType::ci8}}) {
        Recording r = recording(folder.write("a", data), type, 0);
        r.stored = stored;
        r.captures = {capture(0, 3), capture(7, 5), capture(8, 1)};
        r.length = (data.size() - 9) / stored_bytes(r);
        const auto reader = open_flat(r, false);
        const std::string whole = read(*reader, 0, r.length * size_of(type));
        for (std::uint64_t n = 1; n < 12; ++n) {
            std::string parts;
            for (std::uint64_t k = 0; k < r.length; k += n)
                parts += read(*reader, k, std::min(n, r.length - k) * size_of(type));
            EXPECT_EQ(parts, whole) << n;
        }
    }
}

TEST(FlatReader, TurnsBytesAround) {
    const Folder folder;
    Recording r = recording(folder.write("a", "abcdefgh"), SampleType::ci16, 2);
    r.big_endian = true;
    EXPECT_EQ(read(*open_flat(r, false), 0, 8), "badcfehg");
    r = recording(r.path, SampleType::rf64, 1);
    r.big_endian = true;
    EXPECT_EQ(read(*open_flat(r, false), 0, 8), "hgfedcba");
    r = recording(r.path, SampleType::ci8, 4);
    r.big_endian = true;
    EXPECT_EQ(read(*open_flat(r, false), 0, 8), "abcdefgh");
}

TEST(FlatReader, WidensTwentyFourBits) {
    using namespace std::string_literals;
    const Folder folder;
    Recording r = recording(folder.write("a", "\x01\x02\x03\xff\xff\xff\x00\x00\x80"s), SampleType::ri32, 3);
    r.stored = Stored::packed24;
    EXPECT_EQ(read(*open_flat(r, false), 0, 12), "\0\x01\x02\x03\0\xff\xff\xff\0\0\0\x80"s);
    r.big_endian = true;
    EXPECT_EQ(read(*open_flat(r, false), 0, 12), "\0\x03\x02\x01\0\xff\xff\xff\0\x80\0\0"s);
}

TEST(FlatReader, TakesTheMiddleFromBytesThatCountFromZero) {
    using namespace std::string_literals;
    const Folder folder;
    Recording r = recording(folder.write("a", "\x00\x7f\x80\xff"s), SampleType::ci8, 2);
    r.stored = Stored::offset8;
    EXPECT_EQ(read(*open_flat(r, false), 0, 4), "\x80\xff\x00\x7f"s);
}

TEST(FlatReader, AFileThatIsShorterThanItsHeaderSaysIsRefused) {
    const Folder folder;
    Recording r = recording(folder.write("a", "12345678"), SampleType::ci16, 3);
    try {
        open_flat(r, false);
        ADD_FAILURE();
    } catch (const Failure& e) { EXPECT_EQ(e.what(), "cannot read " + r.path + ": it has 8 bytes, expected 12"); }
    r.captures = {capture(0, 1)};
    r.length = 2;
    EXPECT_THROW(open_flat(r, false), Failure);
}

}  // namespace
}  // namespace flowspan::io
