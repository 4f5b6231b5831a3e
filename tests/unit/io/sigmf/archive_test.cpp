// Archives written out by hand, and by others (scripts/oracles/sigmf_archives.py).
#include <gmock/gmock.h>

#include <cstdio>

#include "io/recording/recording_reader.hpp"
#include "io/sigmf/archives/writer.hpp"
#include "tests/unit/io/folder.hpp"

namespace flowspan::io {
namespace {
using test::Folder;
using test::sentence_of;
using testing::HasSubstr;

std::string header(const std::string& more = "") {
    return R"({"global": {"core:version": "1.2.0", "core:datatype": "cu8")" + more + R"(}, "captures": [], "annotations": []})";
}

/// A tar of the old POSIX form, written out by hand.
std::string tar_member(const std::string& name, const std::string& content, const std::string& kind = "0") {
    std::string block(512, '\0');
    const auto put = [&](std::size_t at, const std::string& text) { block.replace(at, text.size(), text); };
    char size[13];
    std::snprintf(size, sizeof size, "%011zo", content.size());
    put(0, name);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, size);
    put(136, "00000000000");
    put(148, "        ");
    put(156, kind);
    put(257, "ustar");
    put(263, "00");
    unsigned sum = 0;
    for (const char c : block) sum += unsigned(static_cast<unsigned char>(c));
    char checksum[8];
    std::snprintf(checksum, sizeof checksum, "%06o", sum);
    put(148, std::string(checksum) + '\0' + ' ');
    return block + content + std::string((512 - content.size() % 512) % 512, '\0');
}

TEST(SigmfArchive, IsReadWhereItLies) {
    const Folder folder;
    const std::string end(1024, '\0'), data = "IQiqIQiqAB";
    folder.write("a.sigmf", tar_member("d/a.sigmf-meta", header()) + tar_member("d/a.sigmf-data", data) + end);
    const Recording r = read_recording(folder / "a.sigmf");
    EXPECT_EQ(r.data_path, folder / "a.sigmf");
    EXPECT_EQ(r.length, 5u);
    ASSERT_EQ(r.captures.size(), 1u);
    EXPECT_EQ(test::content_of(r.data_path).substr(r.captures[0].header_bytes, data.size()), data);

    folder.write("c.sigmf", "no archive at all");
    EXPECT_THAT(sentence_of([&] { read_recording(folder / "c.sigmf"); }),
                HasSubstr("cannot read " + (folder / "c.sigmf") + ": "));
}

std::string others(const std::string& name) { return std::string(FLOWSPAN_SOURCE_DIR) + "/tests/unit/io/data/" + name; }

/// The numbers of the samples, as little-endian ri16 pairs.
std::vector<int> numbers(const Recording& r) {
    const std::string bytes = test::content_of(r.data_path).substr(r.captures.at(0).header_bytes, 4 * r.length);
    std::vector<int> all;
    for (std::size_t k = 0; k + 1 < bytes.size(); k += 2)
        all.push_back(int(static_cast<unsigned char>(bytes[k])) + 256 * int(static_cast<signed char>(bytes[k + 1])));
    return all;
}
std::vector<int> range(int first, int end) {
    std::vector<int> all;
    for (int k = first; k < end; ++k) all.push_back(k);
    return all;
}

TEST(SigmfArchive, NamesInAnyAlphabetAndFilesOfMacosAreNoHindrance) {
    const std::string name =
        "Zürich/lange Namen lange Namen lange Namen lange Namen lange Namen lange Namen lange Namen lange "
        "Namen lange Namen lange Namen ä";
    EXPECT_EQ(numbers(read_recording(others("pax.sigmf#" + name))), range(0, 14));
    EXPECT_EQ(numbers(read_recording(others("pax.sigmf#b/c"))), range(200, 206));
    EXPECT_EQ(numbers(read_recording(others("pax.sigmf#c"))), range(200, 206));
    EXPECT_EQ(numbers(read_recording(others("ustar.sigmf"))), range(10, 18));
    EXPECT_EQ(numbers(read_recording(others("python.sigmf"))), range(40, 50));
    const Recording r = read_recording(others("pax.sigmf#c"));
    EXPECT_EQ(r.path, others("pax.sigmf#c"));
    EXPECT_EQ(r.data_path, others("pax.sigmf"));
    EXPECT_NE(r.identity, read_recording(others("pax.sigmf#" + name)).identity);
    EXPECT_EQ(sentence_of([&] { read_recording(others("pax.sigmf")); }),
              others("pax.sigmf") + ": expected the name of one of its 2 recordings, as in " + others("pax.sigmf") + "#" +
                  name + ", got none\n   hint: it holds " + name + ", b/c");
    EXPECT_EQ(sentence_of([&] { read_recording(others("pax.sigmf#d")); }),
              others("pax.sigmf") + ": expected the name of one of its recordings behind the #, got d\n   hint: it holds " +
                  name + ", b/c");
}

TEST(SigmfArchive, OfManyRecordingsTheNameTellsWhich) {
    const Folder folder;
    const std::string end(1024, '\0');
    folder.write("a.sigmf", tar_member("./x/a.sigmf-meta", header()) + tar_member("./x/a.sigmf-data", "1122") +
                                tar_member("y/a.sigmf-meta", header()) + tar_member("y/a.sigmf-data", "33") + end);
    EXPECT_EQ(read_recording(folder / "a.sigmf#x/a").length, 2u);
    EXPECT_EQ(read_recording(folder / "a.sigmf#y/a").length, 1u);
    EXPECT_EQ(read_recording(folder / "a.sigmf#./y/a").length, 1u);
    EXPECT_EQ(sentence_of([&] { read_recording(folder / "a.sigmf#a"); }),
              folder / "a.sigmf" +
                  ": expected the name of one of its recordings behind the #, got a, which 2 have\n"
                  "   hint: it holds x/a, y/a");
    // A file whose own name has the sign.
    folder.write("b.sigmf#y/c.sigmf", tar_member("c.sigmf-meta", header()) + tar_member("c.sigmf-data", "123456") + end);
    EXPECT_EQ(read_recording(folder / "b.sigmf#y/c.sigmf").length, 3u);
    // A member that is there twice was replaced.
    folder.write("d.sigmf", tar_member("a.sigmf-meta", "{}") + tar_member("a.sigmf-data", "1122") +
                                tar_member("a.sigmf-meta", header()) + tar_member("a.sigmf-data", "33") + end);
    EXPECT_EQ(read_recording(folder / "d.sigmf").length, 1u);
}

TEST(SigmfArchive, OneOfMoreThanOctalDigitsHold) {
    const Folder folder;
    const std::uint64_t bytes = 9'000'000'001;
    const std::string first = tar_header("ä.sigmf-data", bytes), text = header();
    EXPECT_EQ(first.size(), tar_header("ä.sigmf-data", 0).size());
    const std::string path = folder.write("a.sigmf", first);
    std::filesystem::resize_file(path, first.size() + bytes);  // (a hole)
    std::ofstream(path, std::ios::app) << tar_padding(bytes) << tar_header("ä.sigmf-meta", text.size()) << text
                                       << tar_padding(text.size()) << std::string(1024, '\0');
    const Recording r = read_recording(path);
    EXPECT_EQ(r.data_bytes, bytes);
    EXPECT_EQ(r.tail_bytes, 1U);
    EXPECT_EQ(r.captures.at(0).header_bytes, first.size());
}

TEST(SigmfArchive, SamplesAreWhereTheHeaderSays) {
    const Folder folder;
    const std::string end(1024, '\0');
    folder.write("a.sigmf", tar_member("d/a.sigmf-meta", header(R"(, "core:dataset": "a.bin", "core:trailing_bytes": 1)")) +
                                tar_member("d/a.bin", "11223") + end);
    EXPECT_EQ(read_recording(folder / "a.sigmf").length, 2u);
    folder.write("b.sigmf", tar_member("a.sigmf-meta", header(R"(, "core:metadata_only": true)")) + end);
    EXPECT_EQ(read_recording(folder / "b.sigmf").data_path, "");
    folder.write("c.sigmf", tar_member("a.sigmf-meta", header()) + tar_member("a.sigmf-data", "", "2") + end);
    EXPECT_EQ(sentence_of([&] { read_recording(folder / "c.sigmf"); }),
              folder / "c.sigmf" + ": expected an archive with the samples of a, got one without a.sigmf-data");
    folder.write("d.sigmf", tar_member("readme", "x") + end);
    EXPECT_EQ(sentence_of([&] { read_recording(folder / "d.sigmf"); }),
              folder / "d.sigmf" + ": expected an archive of recordings, got one without a .sigmf-meta");
    folder.write("e.sigmf", tar_member("a.sigmf-meta", header()) + tar_member("a.sigmf-data", "112") + end);
    EXPECT_EQ(read_recording(folder / "e.sigmf").tail_bytes, 1u);
}

}  // namespace
}  // namespace flowspan::io
