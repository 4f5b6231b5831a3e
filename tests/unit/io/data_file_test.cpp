#include "io/writing/data_file.hpp"

#include <gmock/gmock.h>

#include "folder.hpp"
#include "io/publish/product.hpp"

#include <sys/stat.h>

namespace flowspan::io {
namespace {
using test::content_of;
using test::Folder;
using test::sentence_of;

TEST(DataFile, WritesInOrderAndHashesWhatItWrites) {
    const Folder folder;
    Publisher publisher("r");
    DataFile file(publisher.create(folder / "a"), true);
    file.append(std::string("a"));
    file.append(std::string("bc"));
    EXPECT_EQ(file.bytes(), 3u);
    file.complete();
    publisher.publish();
    EXPECT_EQ(content_of(folder / "a"), "abc");
    // FIPS 180-4, the example of one block.
    EXPECT_EQ(file.sha512(),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
              "2a9ac94fa54ca49f");
}

TEST(DataFile, AnEmptyProductIsAFileToo) {
    const Folder folder;
    Publisher publisher("r");
    DataFile(publisher.create(folder / "a")).complete();
    publisher.publish();
    EXPECT_EQ(content_of(folder / "a"), "");
}

std::uint64_t bytes_on_disk(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? std::uint64_t(status.st_blocks) * 512 : 0;
}

TEST(DataFile, ReservesWhatALargeFileWillTakeAndGivesBackTheRest) {
    constexpr std::uint64_t expected = std::uint64_t{64} << 20;
    const Folder folder;
    Publisher publisher("r");
    DataFile file(publisher.create(folder / "a"), false, expected);
    file.append(std::string("abc"));
    const std::uint64_t reserved = bytes_on_disk(folder / ".a.r.0.0.part");
    file.complete();
    publisher.publish();
    EXPECT_EQ(content_of(folder / "a"), "abc");
    EXPECT_LE(bytes_on_disk(folder / "a"), 64U << 10);
    if (reserved < expected) GTEST_SKIP() << "this file system reserves nothing";
}

TEST(DataFile, WhatCannotBeReservedIsNoFailureYet) {
    const Folder folder;
    Publisher publisher("r");
    DataFile file(publisher.create(folder / "a"), false, std::uint64_t{1} << 60);
    file.append(std::string("abc"));
    file.complete();
    publisher.publish();
    EXPECT_EQ(content_of(folder / "a"), "abc");
}

TEST(DataFile, AFullDiskNamesTheProduct) {
    Publisher publisher("r");
    DataFile file(publisher.create("/dev/full"));
    EXPECT_EQ(sentence_of([&] { file.append(std::string("x")); }), "cannot write /dev/full: No space left on device");
}

TEST(DataFile, FailuresNameTheFinalPathAndNotTheTemporaryOne) {
    const Folder folder;
    Publisher publisher("r");
    DataFile file(publisher.create(folder / "sub/a"));
    std::filesystem::remove(folder / "sub");
    EXPECT_EQ(sentence_of([&] { file.open(); }), "cannot create " + (folder / "sub/a") + ": No such file or directory");
}

}  // namespace
}  // namespace flowspan::io
