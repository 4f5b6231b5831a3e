#include "io/publish/product.hpp"

#include <gmock/gmock.h>

#include "folder.hpp"

namespace flowspan::io {
namespace {
using test::content_of;
using test::Folder;
using test::sentence_of;
using testing::ElementsAre;
using testing::IsEmpty;

void fill(Product& product, const std::string& text) {
    File file = File::create(product.part(), product.path());
    file.append(std::as_bytes(std::span(text)));
    file.close();
    product.complete();
}

TEST(Publisher, NothingHasItsFinalNameBeforePublishing) {
    const Folder folder;
    Publisher publisher("run-1");
    const auto a = publisher.create(folder / "a.wav"), b = publisher.create(folder / "deep/er/b.h5");
    fill(*a, "aaa");
    fill(*b, "");
    EXPECT_THAT(folder.names(), ElementsAre(".a.wav.run-1.0.0.part", "deep/er/.b.h5.run-1.0.0.part"));
    const auto entries = publisher.entries();
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].bytes, 3u);
    EXPECT_TRUE(entries[0].complete);
    EXPECT_EQ(entries[1].bytes, 0u);
    publisher.publish();
    EXPECT_THAT(folder.names(), ElementsAre("a.wav", "deep/er/b.h5"));
    EXPECT_EQ(content_of(folder / "a.wav"), "aaa");
}

TEST(Publisher, RefusesToPublishWhenOneProductIsNotComplete) {
    const Folder folder;
    Publisher publisher("r");
    const auto a = publisher.create(folder / "a"), b = publisher.create(folder / "b");
    fill(*a, "a");
    File::create(b->part()).append(std::as_bytes(std::span("b")));
    EXPECT_EQ(sentence_of([&] { publisher.publish(); }),
              "cannot publish " + (folder / "b") + ": its block has ended without completing it");
    EXPECT_THAT(folder.names(), ElementsAre(".a.r.0.0.part", ".b.r.0.0.part"));
    publisher.discard();
    EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(Publisher, KeepsWhatAStopLeftUnderAPartialName) {
    const Folder folder;
    Publisher publisher("r");
    const auto a = publisher.create(folder / "a.wav"), b = publisher.create(folder / "b");
    fill(*a, "a");
    File::create(b->part()).append(std::as_bytes(std::span("b")));
    EXPECT_THAT(publisher.keep_partial(), ElementsAre(folder / "a.partial.wav"));
    EXPECT_THAT(folder.names(), ElementsAre("a.partial.wav"));
}

TEST(Publisher, WritesWhatIsNoRegularFileInPlaceAndNeverRemovesIt) {
    Publisher publisher("r");
    const auto null = publisher.create("/dev/null"), again = publisher.create("/dev/null");
    EXPECT_EQ(null->part(), "/dev/null");
    fill(*null, "gone");
    fill(*again, "gone");
    EXPECT_TRUE(publisher.entries()[0].in_place);
    publisher.publish();
    publisher.discard();
    EXPECT_TRUE(std::filesystem::exists("/dev/null"));
}

TEST(Publisher, RefusesWhatCannotBeAProduct) {
    const Folder folder;
    Publisher publisher("r");
    EXPECT_EQ(sentence_of([&] { publisher.create(folder.path()); }), "cannot create " + folder.path() + ": Is a directory");
    folder.write("old.wav", "old");
    EXPECT_EQ(sentence_of([&] { publisher.create(folder / "old.wav"); }),
              "cannot create " + (folder / "old.wav") + ": it exists; give --overwrite to replace it");
    EXPECT_EQ(sentence_of([&] { publisher.create(folder / "old.wav/x"); }),
              "cannot create the folder " + (folder / "old.wav") + ": Not a directory");
    publisher.create(folder / "a");
    EXPECT_EQ(sentence_of([&] { publisher.create(folder / "a"); }),
              "cannot create " + (folder / "a") + ": this run makes it already");
}

TEST(Publisher, AFailedRunLeavesTheOldProductUntouched) {
    const Folder folder;
    folder.write("a.wav", "old");
    Publisher publisher("r", true);
    fill(*publisher.create(folder / "a.wav"), "new");
    publisher.discard();
    EXPECT_THAT(folder.names(), ElementsAre("a.wav"));
    EXPECT_EQ(content_of(folder / "a.wav"), "old");
}

TEST(Publisher, PartsHaveRankAndBlock) {
    const Folder folder;
    Publisher publisher("r", false, 3);
    EXPECT_EQ(publisher.create(folder / "a.wav", 17)->part(), folder / ".a.wav.r.3.17.part");
}

TEST(Publisher, ABlockAnnouncesOnlyWhatItHasDeclared) {
    const Folder folder;
    Publisher publisher("r");
    publisher.declare(1, {folder / "a.wav"}, {{folder / "bursts", {"b-", ProductPattern::Field::digits, ".wav"}}});
    publisher.create(folder / "a.wav", 1);
    publisher.create(folder / "bursts/b-17.wav", 1);
    for (const auto& [name, block] :
         std::vector<std::pair<std::string, int>>{{"c.wav", 1}, {"bursts/b-x.wav", 1}, {"b-18.wav", 1}, {"a.wav", 2}})
        EXPECT_EQ(sentence_of([&, n = name, b = block] { publisher.create(folder / n, b); }),
                  "cannot create " + (folder / name) + ": the block has not declared it (`products()`, `product_patterns()`)");
}

TEST(Publisher, AFolderIsTheSameByWhateverLinkItIsReached) {
    const Folder folder;
    std::filesystem::create_directory_symlink(folder.path(), folder / "link");
    Publisher publisher("r");
    publisher.create(folder / "a.wav");
    EXPECT_EQ(sentence_of([&] { publisher.create(folder / "link/a.wav"); }),
              "cannot create " + (folder / "link/a.wav") + ": this run makes it already");
}

TEST(Publisher, WhatCannotTakeItsNameIsToldAndTheRestIsPublished) {
    const Folder folder;
    Publisher publisher("r");
    for (const char* name : {"a", "b", "c"}) fill(*publisher.create(folder / name), name);
    std::filesystem::create_directory(folder / "b");
    const auto left = publisher.publish(20);
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0].path, folder / "b");
    EXPECT_EQ(left[0].why, "Is a directory");
    EXPECT_THAT(folder.names(), ElementsAre(".b.r.0.0.part", "a", "c"));
}

TEST(Publisher, ALinkToNowhereExists) {
    const Folder folder;
    std::filesystem::create_symlink("nowhere", folder / "a.wav");
    Publisher publisher("r");
    EXPECT_EQ(sentence_of([&] { publisher.create(folder / "a.wav"); }),
              "cannot create " + (folder / "a.wav") + ": it exists; give --overwrite to replace it");
}

TEST(Partial, NamesAreNumberedTogetherAndReplaceNothing) {
    const Folder folder;
    const std::vector<std::string> own{folder / "a.wav", folder / "b.sigmf-meta"};
    EXPECT_EQ(next_partial(own), 1);
    for (const char* name : {"c.partial.wav", "a.partial.h5", "a.partial.x.wav", "a.partialwav", ".partial"})
        folder.write(name, "another's");
    EXPECT_EQ(next_partial(own), 1);
    folder.write("a.partial.wav", "first");
    EXPECT_EQ(next_partial(own), 2);
    folder.write("b.partial.10.sigmf-meta", "tenth");
    EXPECT_EQ(next_partial(own), 11);
    EXPECT_EQ(partial_path("out/a.wav", 1), "out/a.partial.wav");
    EXPECT_EQ(partial_path("out/a.wav", 2), "out/a.partial.2.wav");

    Publisher publisher("r", true);
    for (const auto& path : own) fill(*publisher.create(path), "new");
    folder.write("a.partial.3.wav", "somebody else's, meanwhile");
    EXPECT_THAT(publisher.keep_partial(3), ElementsAre(folder / "a.partial.4.wav", folder / "b.partial.3.sigmf-meta"));
    EXPECT_EQ(content_of(folder / "a.partial.wav"), "first");
}

TEST(Products, AnInfixStandsBeforeTheExtension) {
    EXPECT_EQ(with_infix("a/b.c/audio.wav", "2"), "a/b.c/audio.2.wav");
    EXPECT_EQ(with_infix("audio", "partial"), "audio.partial");
}

}  // namespace
}  // namespace flowspan::io
