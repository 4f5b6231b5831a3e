// Products that are folders: they take their names as files do, all or none of what lies in them.
#include "io/claim/folder.hpp"
#include "io/publish/commit.hpp"
#include "io/publish/product.hpp"
#include "io/publish/tree.hpp"
#include "io/record/recover.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "../folder.hpp"

namespace flowspan::io {
namespace {
using test::content_of;
using test::Folder;
using test::sentence_of;
using testing::ElementsAre;
using testing::IsEmpty;
namespace fs = std::filesystem;

/// A channel with one file, which has this text.
void fill(Product& product, const std::string& text) {
    fs::create_directories(product.part() + "/deep");
    for (const std::string name : {"/drf_properties.h5", "/deep/rf.h5"}) {
        File file = File::create(product.part() + name);
        file.append(std::as_bytes(std::span(text)));
        file.close();
    }
    product.complete();
}

TEST(FolderProduct, TakesItsNameAsAWhole) {
    const Folder folder;
    Publisher publisher("r1");
    publisher.hash_products();
    fill(*publisher.create(folder / "ch0"), "abc");
    EXPECT_THAT(folder.names(), ElementsAre(".ch0.r1.0.0.part/deep/rf.h5", ".ch0.r1.0.0.part/drf_properties.h5"));
    EXPECT_EQ(publisher.entries()[0].bytes, 6U);
    EXPECT_EQ(publisher.entries()[0].xxh3_128.size(), 32U);
    EXPECT_THAT(publisher.publish(), IsEmpty());
    EXPECT_THAT(folder.names(), ElementsAre("ch0/deep/rf.h5", "ch0/drf_properties.h5"));
}

TEST(FolderProduct, ReplacesAChannelAloneAndOnlyWithOverwrite) {
    const Folder folder;
    folder.write("ch0/drf_properties.h5", "old");
    folder.write("ch0/older/rf.h5", "old");
    folder.write("other/file", "kept");
    Publisher careful("r1"), publisher("r2", true);
    EXPECT_EQ(sentence_of([&] { careful.create(folder / "ch0"); }),
              "cannot create " + (folder / "ch0") + ": it exists; give --overwrite to replace it");
    EXPECT_EQ(sentence_of([&] { publisher.create(folder / "other"); }),
              "cannot create " + (folder / "other") + ": Is a directory");
    fill(*publisher.create(folder / "ch0"), "new");
    EXPECT_EQ(content_of(folder / "ch0/older/rf.h5"), "old");
    EXPECT_THAT(publisher.publish(), IsEmpty());
    EXPECT_THAT(folder.names(), ElementsAre("ch0/deep/rf.h5", "ch0/drf_properties.h5", "other/file"));
    EXPECT_EQ(content_of(folder / "ch0/deep/rf.h5"), "new");
}

TEST(FolderProduct, IsKeptAfterAStopAndRemovedAfterAFailure) {
    const Folder folder;
    Publisher publisher("r1");
    fill(*publisher.create(folder / "ch0"), "abc");
    const auto half = publisher.create(folder / "ch1");
    fs::create_directories(half->part() + "/deep");
    EXPECT_THAT(publisher.keep_partial(), ElementsAre(folder / "ch0.partial"));
    EXPECT_THAT(folder.names(), ElementsAre("ch0.partial/deep/rf.h5", "ch0.partial/drf_properties.h5"));
    Publisher failed("r2");
    fill(*failed.create(folder / "ch2"), "abc");
    failed.discard();
    EXPECT_EQ(names_in(folder.path()).size(), 1U);
}

/// A run that has got so far and is killed.
template <class Action>
void die_after(const Folder& folder, const std::string& run, Action action) {
    const pid_t child = fork();
    if (child == 0) {
        Claims claims;
        claims[canonical_folder(folder.path())] = {folder.path(), {}, {}, false};
        const RunLocks lock(run, claims);
        action();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
}

TEST(FolderProduct, IsRolledForwardOrRemovedAfterAKill) {
    const Folder folder;
    folder.write("ch0/drf_properties.h5", "old");
    die_after(folder, "r1", [&] {
        Publisher publisher("r1", true);
        fill(*publisher.create(folder / "ch0"), "new");
        Commit("r1").write(publisher.entries());
        // Killed while it takes the place of another.
        fs::rename(folder / "ch0", folder / ".ch0.old.r1.0.0.part");
    });
    EXPECT_THAT(recover({folder.path()}).published, ElementsAre(folder / "ch0"));
    EXPECT_THAT(folder.names(), ElementsAre("ch0/deep/rf.h5", "ch0/drf_properties.h5"));
    EXPECT_EQ(content_of(folder / "ch0/drf_properties.h5"), "new");
    die_after(folder, "r2", [&] {
        Publisher publisher("r2");
        fill(*publisher.create(folder / "ch1"), "abc");
    });
    EXPECT_THAT(recover({folder.path()}).removed, ElementsAre(folder / ".ch1.r2.0.0.part"));
    EXPECT_THAT(names_in(folder.path()), ElementsAre("ch0"));
}

}  // namespace
}  // namespace flowspan::io
