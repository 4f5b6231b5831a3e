#include "core/mistakes/failure_of.hpp"

#include "core/mistakes/sane.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace flowspan {
namespace {

void expect(const std::exception& e, ExitCode code, const std::string& text) {
    const Failure failure = failure_of(e);
    EXPECT_EQ(failure.code(), code) << text;
    EXPECT_EQ(std::string(failure.what()), text);
}

TEST(FailureOf, TellsWhatTheSystemRefusesFromABug) {
    expect(std::bad_alloc(), ExitCode::block, "out of memory");
    expect(std::length_error("vector::_M_default_append"), ExitCode::block, "out of memory");
    expect(std::filesystem::filesystem_error("status", "a/b", std::error_code(ENAMETOOLONG, std::generic_category())),
           ExitCode::file, "cannot look at a/b: File name too long");
    expect(std::system_error(EAGAIN, std::generic_category()), ExitCode::block,
           "the system refuses what the run needs: Resource temporarily unavailable");
    expect(Failure(ExitCode::communication, "gone"), ExitCode::communication, "gone");
    expect(Refused(Diagnostic{{}, "k", "a", "b", "", {}}, ExitCode::file), ExitCode::file, "k: expected a, got b");
    expect(std::logic_error("odd"), ExitCode::bug, "odd");
}

TEST(Sane, IsShortAndSteersNoTerminal) {
    EXPECT_EQ(sane("plain µ\n\t", 100), "plain µ\n\t");
    EXPECT_EQ(sane(std::string("a\0b\x1b[2J\r\x7f", 9), 100), "a\\0b\\x1b[2J\\x0d\\x7f");
    EXPECT_EQ(sane("µµµµ", 3), "µµµ…");
}

TEST(Sane, MessagesAreCutWhereverTheLengthComesFrom) {
    const std::string huge(100'000'000, 'x');
    EXPECT_LT(std::string(failure_of(Failure(ExitCode::file, huge)).what()).size(), 20000u);
    EXPECT_LT(std::string(failure_of(std::logic_error(huge)).what()).size(), 20000u);
    EXPECT_LT((Diagnostic{{huge, 0, 0, {}}, huge, huge, huge, huge, {huge}}).text().size(), 20000u);
}

}  // namespace
}  // namespace flowspan
