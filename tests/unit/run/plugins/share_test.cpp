#include "run/plugins/share.hpp"

#include "comm/local/local.hpp"
#include "io/publish/digest.hpp"
#include "tests/unit/io/folder.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace flowspan;
using run::OfferedPlugin;
using run::PluginCopy;
using run::PluginFile;
using test::Folder;

namespace {

std::string some_bytes() {
    std::string bytes;
    for (int k = 0; k < 3'000'000; ++k) bytes += char(k * 7 % 251);
    return bytes;
}

PluginFile copied(const std::string& bytes, const std::string& hash) {
    PluginCopy copy(OfferedPlugin{"far/gain.so", bytes.size(), hash});
    for (std::size_t at = 0; at < bytes.size(); at += run::plugin_piece_bytes) {
        EXPECT_FALSE(copy.complete());
        copy.add(bytes.substr(at, run::plugin_piece_bytes));
    }
    EXPECT_TRUE(copy.complete());
    return copy.plugin();
}

}  // namespace

TEST(PluginCopy, IsAFileThatOtherProcessesCanReadAndNobodyCanChange) {
    const std::string bytes = some_bytes();
    const PluginFile plugin = copied(bytes, io::sha256(bytes));
    EXPECT_EQ(plugin.name, "far/gain.so");
    EXPECT_EQ(plugin.trouble, "");
    const pid_t child = fork();
    if (child == 0) _exit(test::content_of(plugin.file) == bytes ? 0 : 1);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    const int file = open(plugin.file.c_str(), O_WRONLY);
    EXPECT_LT(pwrite(file, "x", 1, 0), 0);
    close(file);
}

TEST(PluginCopy, SaysThatWhatCameIsNotWhatWasSent) {
    const std::string bytes = some_bytes();
    EXPECT_EQ(copied(bytes, io::sha256(bytes + "x")).trouble, "what came is not what was sent");
    run::Library library;
    try {
        library.load({copied(bytes, io::sha256("other"))});
        FAIL();
    } catch (const Refused& e) {
        EXPECT_STREQ(
            e.what(),
            "far/gain.so: expected a plug-in that is there, or a copy of rank 0's, got what came is not what was sent");
    }
}

TEST(PluginContent, IsOfferedOnceAndOnlyWhereItCanBeRead) {
    const Folder folder;
    folder.write("a.so", "first");
    folder.write("empty.so", "");
    const auto all =
        run::PluginContent::of({folder / "a.so", folder / "none.so", folder / "a.so", folder.path(), folder / "empty.so"});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].offered.name, folder / "a.so");
    EXPECT_EQ(all[0].offered.hash, io::sha256("first"));
    EXPECT_FALSE(run::is_lacking(folder / "a.so"));
    EXPECT_TRUE(run::is_lacking(folder / "none.so"));
    EXPECT_TRUE(run::is_lacking(folder / "a.so/x"));
    EXPECT_FALSE(run::is_lacking(folder.path())) << "it is there, and loading it says what it is";
}

TEST(SharePlugins, OneRankHasItsOwn) {
    const auto alone = comm::single_rank();
    const auto plugins = run::share_plugins(*alone, 30, {}, {"none.so"});
    ASSERT_EQ(plugins.size(), 1U);
    EXPECT_EQ(plugins[0].file, "none.so");
}
