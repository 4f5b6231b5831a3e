#include "core/files/file_kind.hpp"

#include "special.hpp"

#include <fcntl.h>

namespace flowspan {
namespace {
using test::Folder;
using test::sentence_of;

TEST(FileKind, IsTheSameForAPathAndForWhatIsOpen) {
    const Folder folder;
    EXPECT_EQ(kind_of(folder.write("a", "x")), FileKind::regular);
    EXPECT_EQ(kind_of(folder.path()), FileKind::folder);
    EXPECT_EQ(kind_of(folder / "none"), FileKind::none);
    EXPECT_EQ(kind_of(test::make_fifo(folder, "fifo")), FileKind::fifo);
    EXPECT_EQ(kind_of(test::make_socket(folder, "socket")), FileKind::socket);
    EXPECT_EQ(kind_of("/dev/null"), FileKind::character_device);
    std::filesystem::create_symlink("fifo", folder / "link");
    EXPECT_EQ(kind_of(folder / "link"), FileKind::fifo);
    const int descriptor = ::open("/dev/zero", O_RDONLY);
    EXPECT_EQ(kind_of(descriptor), FileKind::character_device);
    ::close(descriptor);
    EXPECT_EQ(kind_of(descriptor), FileKind::none);
}

TEST(FileKind, OfARecordingIsRegularOrRefusedAtOnce) {
    const Folder folder;
    const auto refusal = [](const std::string& path) { return sentence_of([&] { ::close(open_regular(path)); }); };
    EXPECT_EQ(refusal(folder.write("a", "x")), "");
    const std::string fifo = test::make_fifo(folder, "fifo"), socket = test::make_socket(folder, "socket");
    EXPECT_EQ(refusal(fifo), "cannot read " + fifo + ": it is a FIFO, expected a regular file");
    EXPECT_EQ(refusal(socket), "cannot read " + socket + ": it is a socket, expected a regular file");
    EXPECT_EQ(refusal("/dev/zero"), "cannot read /dev/zero: it is a character device, expected a regular file");
    EXPECT_EQ(refusal(folder.path()), "cannot read " + folder.path() + ": Is a directory");
    EXPECT_EQ(refusal(folder / "none"), "cannot read " + (folder / "none") + ": No such file or directory");
    EXPECT_EQ(refusal(std::string(300, 'a')), "cannot read " + std::string(300, 'a') + ": File name too long");
    EXPECT_EQ(refusal((folder / "a") + std::string("\0b", 2)),
              "cannot read " + (folder / "a") + "\\0b: a path has no NUL byte");
}

TEST(FileKind, KnowsThePathsOfOwnDescriptors) {
    EXPECT_EQ(descriptor_of("/dev/stdin"), 0);
    EXPECT_EQ(descriptor_of("/dev/stdout"), 1);
    EXPECT_EQ(descriptor_of("/dev/fd/63"), 63);
    EXPECT_EQ(descriptor_of("/proc/self/fd/7"), 7);
    for (const char* other : {"/dev/null", "/dev/fd/", "/dev/fd/x", "/dev/fd/-1", "/dev/fd/1x", "stdin", ""})
        EXPECT_EQ(descriptor_of(other), std::nullopt) << other;
}

TEST(FileKind, SaysWhatIsWrittenInPlace) {
    const Folder folder;
    EXPECT_FALSE(is_written_in_place(folder.path()));  // it is replaced, or refused
    EXPECT_FALSE(is_written_in_place(folder / "none"));
    EXPECT_FALSE(is_written_in_place(folder.write("a", "")));
    EXPECT_TRUE(is_written_in_place(test::make_fifo(folder, "fifo")));
    EXPECT_TRUE(is_written_in_place("/dev/null"));
    EXPECT_TRUE(is_written_in_place("/dev/stdout"));  // even where it is a regular file: its name is not ours to take
}

}  // namespace
}  // namespace flowspan
