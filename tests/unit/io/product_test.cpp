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
    EXPECT_THAT(folder.names(), ElementsAre(".a.wav.run-1.part", "deep/er/.b.h5.run-1.part"));
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
    EXPECT_THAT(folder.names(), ElementsAre(".a.r.part", ".b.r.part"));
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
              "cannot create " + (folder / "a") + ": another block of this run makes it");
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

TEST(Publisher, OverwritingRemovesFurtherStretchesOfTheEarlierRun) {
    const Folder folder;
    for (const char* name : {"a.wav", "a.2.wav", "a.3.wav", "a.b.wav", "b.2.wav"}) folder.write(name, "old");
    Publisher publisher("r", true);
    fill(*publisher.create(folder / "a.wav"), "new");
    fill(*publisher.create(folder / "a.2.wav"), "new");
    publisher.publish();
    EXPECT_THAT(folder.names(), ElementsAre("a.2.wav", "a.b.wav", "a.wav", "b.2.wav"));
    EXPECT_EQ(content_of(folder / "a.2.wav"), "new");
}

TEST(Products, ExistingOnesAreListedWithTheirFurtherStretches) {
    const Folder folder;
    for (const char* name : {"a.wav", "a.2.wav", "a.10.wav", "a.1.wav", "a.02.wav", "a.x.wav", "c.wav"}) folder.write(name, "");
    EXPECT_THAT(existing_products({folder / "b.wav", folder / "a.wav", "/dev/null", folder / "none/x"}),
                ElementsAre(folder / "a.10.wav", folder / "a.2.wav", folder / "a.wav"));
}

TEST(Products, AnInfixStandsBeforeTheExtension) {
    EXPECT_EQ(with_infix("a/b.c/audio.wav", "2"), "a/b.c/audio.2.wav");
    EXPECT_EQ(with_infix("audio", "partial"), "audio.partial");
}

}  // namespace
}  // namespace flowspan::io
