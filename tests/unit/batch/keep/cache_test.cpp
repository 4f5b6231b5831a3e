// Products by key: taken as they were put, never damaged, bounded.
#include "batch/keep/cache.hpp"

#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;
using flowspan::test::Folder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string key_a(32, 'a'), key_b(32, 'b'), key_c(32, 'c');

class Caching : public ::testing::Test {
protected:
    Cache::Warn warn() {
        return [this](const std::string& text) { warnings.push_back(text); };
    }
    /// As an attempt leaves its parts.
    Cache::Taken made(const std::string& run, const std::vector<std::pair<std::string, std::string>>& files) {
        Cache::Taken made;
        made.samples = 7;
        for (const auto& [name, text] : files) {
            const std::size_t slash = name.rfind('/') == std::string::npos ? 0 : name.rfind('/') + 1;
            const std::string part = name.substr(0, slash) + "." + name.substr(slash) + "." + run + ".0.1.part";
            out.write("u/" + part, text);
            made.parts.push_back({unit + "/" + name, unit + "/" + part, text.size()});
        }
        return made;
    }
    void put(const Cache& cache, const std::string& key, const std::string& text, const std::string& run) {
        cache.put(key, unit, run, made(run, {{"f.txt", text}}), warn());
    }
    std::string entry(const std::string& key) const { return folder.path() + "/" + key.substr(0, 2) + "/" + key; }
    void use(const std::string& key, int seconds) const {
        const timespec times[2] = {{.tv_sec = 1'000'000 + seconds, .tv_nsec = 0},
                                   {.tv_sec = 1'000'000 + seconds, .tv_nsec = 0}};
        ASSERT_EQ(::utimensat(AT_FDCWD, (entry(key) + "/manifest").c_str(), times, 0), 0);
    }
    Folder folder, out, other;
    std::string unit = out.path() + "/u";
    Cache cache{folder.path()};
    std::vector<std::string> warnings;
};

TEST_F(Caching, GivesWhatWasPut) {
    EXPECT_FALSE(cache.take(key_a, unit, "00000000000a", warn()));
    cache.put(key_a, unit, "00000000000a", made("00000000000a", {{"f.txt", "text"}, {"deep/er/g.bin", ""}}), warn());
    const auto taken = cache.take(key_a, other.path() + "/v", "00000000000b", warn());
    EXPECT_THAT(warnings, IsEmpty());
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->samples, 7U);
    ASSERT_EQ(taken->parts.size(), 2U);
    EXPECT_EQ(taken->parts[0].path, other.path() + "/v/f.txt");
    EXPECT_EQ(taken->parts[0].part, other.path() + "/v/.f.txt.00000000000b.0.1.part");
    EXPECT_EQ(flowspan::test::content_of(other / "v/.f.txt.00000000000b.0.1.part"), "text");
    EXPECT_EQ(taken->parts[1].part, other.path() + "/v/deep/er/.g.bin.00000000000b.0.1.part");
    EXPECT_TRUE(fs::exists(taken->parts[1].part));
    EXPECT_TRUE(fs::equivalent(taken->parts[0].part, unit + "/.f.txt.00000000000a.0.1.part")) << "no second copy";
    EXPECT_FALSE(cache.take(key_b, unit, "00000000000c", warn()));
}

TEST_F(Caching, AProductThatSomebodyHasChangedInPlaceIsNotGiven) {
    put(cache, key_a, "text", "00000000000a");
    struct stat before {};
    const std::string part = unit + "/.f.txt.00000000000a.0.1.part";
    ASSERT_EQ(::stat(part.c_str(), &before), 0);
    std::fstream(part, std::ios::in | std::ios::out) << "TEXT";
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, part.c_str(), times, 0), 0) << "as if nothing had been";
    EXPECT_FALSE(cache.take(key_a, other.path() + "/v", "00000000000b", warn()));
    EXPECT_THAT(warnings,
                ElementsAre(entry(key_a) + " is removed from the cache: f.txt has been changed; the unit is computed"));
    EXPECT_FALSE(fs::exists(entry(key_a)));
    EXPECT_FALSE(fs::exists(other.path() + "/v/.f.txt.00000000000b.0.1.part"));
}

TEST_F(Caching, DamagedEntriesGoAndAreSaid) {
    for (const char* what :
         {"truncated file", "missing file", "manifest cut", "manifest empty", "manifest gone", "another's"}) {
        warnings.clear();
        put(cache, key_a, "text", "00000000000a");
        const std::string manifest = entry(key_a) + "/manifest", w = what;
        if (w == "truncated file") fs::resize_file(entry(key_a) + "/0", 3);
        if (w == "missing file") fs::remove(entry(key_a) + "/0");
        if (w == "manifest cut") fs::resize_file(manifest, fs::file_size(manifest) - 2);
        if (w == "manifest empty") fs::resize_file(manifest, 0);
        if (w == "manifest gone") fs::remove(manifest);
        if (w == "another's") {
            fs::create_directories(folder.path() + "/bb");
            fs::rename(entry(key_a), entry(key_b));
            EXPECT_FALSE(cache.take(key_b, other.path(), "00000000000b", warn())) << what;
            EXPECT_FALSE(fs::exists(entry(key_b)));
        } else {
            EXPECT_FALSE(cache.take(key_a, other.path(), "00000000000b", warn())) << what;
            EXPECT_FALSE(fs::exists(entry(key_a))) << what;
        }
        ASSERT_EQ(warnings.size(), 1U) << what;
        EXPECT_THAT(warnings[0], HasSubstr(" is removed from the cache: "));
    }
}

TEST_F(Caching, WhereNoLinkCanBeMadeBytesAreCopied) {
    const std::string shm = "/dev/shm/flowspan-cache-test-" + std::to_string(::getpid());
    fs::create_directories(shm);
    struct stat a {
    }, b{};
    if (::stat(shm.c_str(), &a) == 0 && ::stat(unit.c_str(), &b) != 0) fs::create_directories(unit);
    if (::stat(unit.c_str(), &b) == 0 && a.st_dev == b.st_dev) GTEST_SKIP() << "one file system";
    const Cache far(shm);
    put(far, key_a, "text", "00000000000a");
    const auto taken = far.take(key_a, other.path() + "/v", "00000000000b", warn());
    fs::remove_all(shm);
    EXPECT_THAT(warnings, IsEmpty());
    ASSERT_TRUE(taken);
    EXPECT_EQ(flowspan::test::content_of(other / "v/.f.txt.00000000000b.0.1.part"), "text");
}

TEST_F(Caching, KeepsToItsLimitAndTheLeastRecentlyUsedGo) {
    const std::string text(10'000, 'x');
    const Cache small(folder.path(), 25'000);
    put(small, key_a, text, "00000000000a");
    put(small, key_b, text, "00000000000b");
    use(key_a, 2);
    use(key_b, 1);
    put(small, key_c, text, "00000000000c");
    EXPECT_TRUE(fs::exists(entry(key_a)));
    EXPECT_FALSE(fs::exists(entry(key_b)));
    EXPECT_TRUE(fs::exists(entry(key_c)));
    put(small, key_b, std::string(30'000, 'x'), "00000000000d");
    EXPECT_FALSE(fs::exists(entry(key_b))) << "larger than all";
    EXPECT_TRUE(fs::exists(entry(key_a)) && fs::exists(entry(key_c)));
    use(key_a, 3);
    Cache(folder.path(), 15'000).prune(0);
    EXPECT_EQ(fs::exists(entry(key_a)) + fs::exists(entry(key_c)), 1);
    EXPECT_THAT(warnings, IsEmpty());
    EXPECT_EQ(flowspan::test::content_of(out / "u/.f.txt.00000000000a.0.1.part"), text) << "products stay";
}

TEST_F(Caching, WhatElseLiesThereStays) {
    folder.write("aa/rec.cf32/manifest", "a product");
    folder.write("aa/" + key_b + "/manifest", "in the wrong place");
    put(cache, key_a, "text", "00000000000a");
    use(key_a, 1);
    Cache(folder.path(), 1).prune(1);
    EXPECT_FALSE(fs::exists(entry(key_a)));
    EXPECT_TRUE(fs::exists(folder / "aa/rec.cf32/manifest"));
    EXPECT_TRUE(fs::exists(folder / ("aa/" + key_b + "/manifest")));
}

TEST_F(Caching, TakingIsUse) {
    put(cache, key_a, "text", "00000000000a");
    put(cache, key_b, "text", "00000000000b");
    use(key_a, 1);
    use(key_b, 1);
    ASSERT_TRUE(cache.take(key_a, other.path(), "00000000000c", warn()));
    cache.prune(3600);
    EXPECT_TRUE(fs::exists(entry(key_a)));
    EXPECT_FALSE(fs::exists(entry(key_b)));
}

TEST_F(Caching, ProductsThatLieElsewhereAreNotKept) {
    Cache::Taken made;
    made.parts.push_back({"/dev/null", "/dev/null", 0});
    cache.put(key_a, unit, "00000000000a", made, warn());
    EXPECT_FALSE(fs::exists(entry(key_a)));
    EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(Caching, WhatCannotBeKeptIsSaid) {
    folder.write("aa", "a file");
    put(cache, key_a, "text", "00000000000a");
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_THAT(warnings[0], HasSubstr("the products are not kept in the cache: "));
}

TEST_F(Caching, SeveralMayPutAndTakeAtOnce) {
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    const std::string text(100'000, 'x');
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            Folder own;
            const Cache shared(folder.path(), 350'000);
            for (int k = 0; k < 50; ++k) {
                const std::string key(32, char('a' + k % 6)),
                    run = "0000" + std::to_string(t) + "000" + std::to_string(100 + k);
                const auto ignore = [](const std::string&) {};
                const std::string path = own.path() + "/f.txt", part = own.path() + "/.f.txt." + run + ".0.1.part";
                if (const auto taken = shared.take(key, own.path(), run, ignore)) {
                    wrong += flowspan::test::content_of(part) != text;
                } else {
                    own.write(".f.txt." + run + ".0.1.part", text);
                    shared.put(key, own.path(), run, {{{path, part, text.size()}}, 1}, ignore);
                }
                fs::remove(part);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    std::uint64_t sum = 0;
    for (const auto& file : fs::recursive_directory_iterator(folder.path()))
        if (file.is_regular_file() && file.path().filename() == "0") sum += file.file_size();
    EXPECT_LE(sum, 350'000U);
    EXPECT_GT(sum, 0U);
}

}  // namespace
}  // namespace flowspan::batch
