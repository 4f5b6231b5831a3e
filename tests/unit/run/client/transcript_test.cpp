#include "transcript.hpp"
#include "fake_run.hpp"

#include "tests/unit/io/folder.hpp"

#include <optional>

using namespace flowspan;

TEST(ControlTranscript, OfTheManualIsWhatTheServerSays) {
    const test::Folder folder;
    std::optional<test::FakeRun> run(folder / "run.sock");
    test::RawClient client(folder / "run.sock", [&] { run->poll(); });
    const auto transcript = test::transcript_in(test::content_of(std::string(FLOWSPAN_SOURCE_DIR) + "/docs/control.md"));
    ASSERT_GT(transcript.size(), 20U);
    EXPECT_EQ(test::replay(transcript, client), "");
    EXPECT_EQ(client.line(), "closed");
}

TEST(ControlTranscript, ThatDiffersIsSaidWithBothLines) {
    const test::Folder folder;
    test::FakeRun run(folder / "run.sock");
    const auto replayed = [&](const std::vector<std::string>& lines) {
        test::RawClient client(folder / "run.sock", [&] { run.poll(); });
        return test::replay(lines, client);
    };
    const std::string hello = R"(< {…"method":"hello"…})",
                      ask = R"(> {"jsonrpc":"2.0","id":1,"method":"unwatch","params":{"watch":7}})";
    EXPECT_EQ(replayed({hello, ask, "< {…}"}), "");
    EXPECT_EQ(
        replayed({hello, ask, R"(< {"id":1…})"}),
        R"(expected {"id":1…}, got {"error":{"code":-32602,"message":"watch: expected the number of a watch, got 7"},"id":1,"jsonrpc":"2.0"})");
    EXPECT_EQ(replayed({hello, "? "}), "expected a line of the transcript to begin with > or <, got ? ");
    EXPECT_EQ(test::transcript_in("```\nno\n```\n< no\n```\n< yes\n```\n"), std::vector<std::string>{"< yes"});
}

TEST(ControlTranscript, HasWildcards) {
    EXPECT_TRUE(test::matches("abc", "abc"));
    EXPECT_TRUE(test::matches("a…c", "abbc"));
    EXPECT_TRUE(test::matches("…b…", "abc"));
    EXPECT_TRUE(test::matches("a…", "a"));
    EXPECT_FALSE(test::matches("abc", "abcd"));
    EXPECT_FALSE(test::matches("a…c", "abcd"));
    EXPECT_FALSE(test::matches("a…b…c", "acb"));
    EXPECT_FALSE(test::matches("aa…aa", "aaa"));
}
