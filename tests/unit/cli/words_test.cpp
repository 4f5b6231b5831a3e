// What ranks tell the launcher among text for people, in pieces of any size.
#include "cli/launch/words.hpp"

#include "core/process/stat.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include <unistd.h>

namespace flowspan::cli {
namespace {

/// What the ranks of this process write to stderr.
std::string told(const std::function<void()>& tell) {
    setenv(launcher_variable, "1", 1);
    ::testing::internal::CaptureStderr();
    tell();
    unsetenv(launcher_variable);
    return ::testing::internal::GetCapturedStderr();
}

TEST(Words, AreTakenOutOfTextInPiecesOfAnySize) {
    const std::string lock =
        "/data/ a%\n\x1e"
        "b/.flowspan.1.lock";
    const std::string here = "12 " + std::to_string(getpid()) + " " + own_host();
    const std::string text = "one\n" + told([&] {
                                 announce_here(12);
                                 announce_leaving(12);
                                 announce_locks({lock});
                                 announce_committed();
                                 announce_ready();
                             }) +
                             "two" + told([] { leave_code(75); }) +
                             "\nthree\x1e"
                             "four\n";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        std::vector<std::string> words;
        WordFilter filter(
            [&](std::string_view name, const std::string& value) { words.push_back(std::string(name) + "=" + value); });
        std::string rest;
        for (std::size_t at = 0; at < text.size(); at += piece) rest += filter.filter(std::string_view(text).substr(at, piece));
        EXPECT_EQ(rest + filter.rest(),
                  "one\ntwo\nthree\x1e"
                  "four\n");
        EXPECT_EQ(words,
                  (std::vector<std::string>{"here=" + here, "leaving=12", "lock=" + lock, "committed=", "ready=", "code=75"}));
    }
}

TEST(Words, AreNotSaidWithoutALauncher) {
    ::testing::internal::CaptureStderr();
    announce_here(0);
    leave_code(3);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace flowspan::cli
