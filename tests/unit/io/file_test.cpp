#include <flowspan/io.hpp>

#include <gmock/gmock.h>

#include <array>

#include "folder.hpp"

namespace flowspan {
namespace {
using test::content_of;
using test::Folder;
using test::sentence_of;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(File, ReadsExactlyTheBytesAskedFor) {
    const Folder folder;
    const File file = File::open_to_read(folder.write("a", "0123456789"));
    std::string text(4, ' ');
    file.read(3, std::as_writable_bytes(std::span(text)));
    EXPECT_EQ(text, "3456");
    EXPECT_EQ(file.size(), 10u);
    file.read(10, {});
}

TEST(File, SaysWhereAFileEndsThatIsTooShort) {
    const Folder folder;
    const File file = File::open_to_read(folder.write("a", "0123456789"));
    std::array<std::byte, 7> to{};
    EXPECT_EQ(sentence_of([&] { file.read(5, to); }),
              "cannot read " + (folder / "a") + ": it ends at byte 10, expected 12 bytes");
}

TEST(File, WritesAtAnOffsetAndAtTheEnd) {
    const Folder folder;
    File file = File::create(folder / "a");
    file.append(bytes_of("hello "));
    file.append(bytes_of("world"));
    file.write(0, bytes_of("J"));
    file.close();
    EXPECT_EQ(content_of(folder / "a"), "Jello world");
}

TEST(File, NamesThePathAndTheReasonOfEveryFailure) {
    const Folder folder;
    EXPECT_EQ(sentence_of([&] { File::open_to_read(folder / "none"); }),
              "cannot read " + (folder / "none") + ": No such file or directory");
    EXPECT_EQ(sentence_of([&] { File::open_to_read(folder.path()); }), "cannot read " + folder.path() + ": Is a directory");
    EXPECT_EQ(sentence_of([&] { File::create(folder / "no/folder", "final"); }),
              "cannot create final: No such file or directory");
    const File full = File::create("/dev/full");
    EXPECT_EQ(sentence_of([&] { full.append(bytes_of("x")); }), "cannot write /dev/full: No space left on device");
    EXPECT_EQ(sentence_of([&] { full.write(0, bytes_of("x")); }), "cannot write /dev/full: No space left on device");
    try {
        full.append(bytes_of("x"));
        FAIL();
    } catch (const Failure& failure) { EXPECT_EQ(failure.code(), ExitCode::file); }
}

TEST(File, MovesItsDescriptor) {
    const Folder folder;
    File first = File::open_to_read(folder.write("a", "xy"));
    File second = std::move(first);
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that is the point
    EXPECT_TRUE(second);
    EXPECT_EQ(second.path(), folder / "a");
    EXPECT_EQ(second.size(), 2u);
}

}  // namespace
}  // namespace flowspan
