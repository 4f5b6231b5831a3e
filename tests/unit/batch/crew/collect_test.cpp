// Products on their way to rank 0: whole, in pieces, compared by their hashes; and what becomes of those that are not.
#include "batch/chief/collector.hpp"
#include "batch/crew/sender.hpp"

#include "io/publish/product.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;
using flowspan::test::Folder;
using ::testing::IsEmpty;

class Collect : public ::testing::Test {
protected:
    void give(Answer answer) { sender.offer(std::move(answer)); }
    Answer made(const std::string& run, const std::vector<std::pair<std::string, std::string>>& files) {
        Answer answer;
        answer.run = run;
        answer.what = Answer::What::made;
        for (const auto& [name, text] : files) {
            const std::string part = own + "/a.wav/." + name + "." + run + ".0.1.part";
            far.write("own/a.wav/." + name + "." + run + ".0.1.part", text);
            answer.parts.push_back({own + "/a.wav/" + name, part, text.size()});
        }
        return answer;
    }
    /// Until all is over.
    std::vector<Answer> answers() {
        std::vector<Answer> all;
        for (int k = 0; k < 20'000; ++k) {
            sender.turn([&](run::Word word, const Value& content) {
                Value sent = content;
                if (word == run::Word::piece && spoil) spoil(sent);
                most = std::max(most, collector_pieces);
                if (word == run::Word::piece) --collector_pieces;
                collector.take({3, word, sent});
            });
            for (auto& [rank, answer] : collector.turn()) {
                EXPECT_EQ(rank, 3);
                all.push_back(std::move(answer));
            }
            if (sender.idle() && collector.idle()) return all;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        ADD_FAILURE() << "it does not end";
        return all;
    }
    Folder far, near;
    std::string own = far.path() + "/own", out = near.path();
    io::Publisher none{"batch"};
    io::Thread there{none}, here{none};
    std::size_t collector_pieces = 0, most = 0;
    std::function<void(Value&)> spoil;
    Sender sender{there, own, out};
    Collector collector{here, [this](int, run::Word word, const Value& content) {
                            if (word == run::Word::want) ++collector_pieces;
                            sender.take({0, word, content});
                        }};
};

TEST_F(Collect, PartsComeWholeAndGoFromWhereTheyWere) {
    std::string large(std::size_t(5 * piece_bytes / 2), 'x');
    for (std::size_t k = 0; k < large.size(); ++k) large[k] = char('a' + k % 23);
    EXPECT_EQ(sender.here(out + "/a.wav"), own + "/a.wav");
    give(made("00000000000a", {{"large.cf32", large}, {"empty.json", ""}, {"small.txt", "text"}}));
    const std::vector<Answer> all = answers();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].what, Answer::What::made) << all[0].cause;
    ASSERT_EQ(all[0].parts.size(), 3U);
    EXPECT_EQ(all[0].parts[0].path, out + "/a.wav/large.cf32");
    EXPECT_EQ(all[0].parts[0].part, out + "/a.wav/.large.cf32.00000000000a.0.1.part");
    EXPECT_TRUE(flowspan::test::content_of(near / "a.wav/.large.cf32.00000000000a.0.1.part") == large);
    EXPECT_EQ(flowspan::test::content_of(near / "a.wav/.empty.json.00000000000a.0.1.part"), "");
    EXPECT_TRUE(fs::exists(near / "a.wav/.empty.json.00000000000a.0.1.part"));
    EXPECT_EQ(flowspan::test::content_of(near / "a.wav/.small.txt.00000000000a.0.1.part"), "text");
    EXPECT_FALSE(fs::exists(own + "/a.wav"));
    EXPECT_LE(most, Collector::most_pieces);
}

TEST_F(Collect, ManyUnitsAreFetchedAFewAtATime) {
    for (int k = 0; k < 12; ++k)
        give(made("00000000000" + std::string(1, char('a' + k % 6)) + std::to_string(k),
                  {{"f" + std::to_string(k), std::string(std::size_t(3 * piece_bytes), char('a' + k))}}));
    EXPECT_EQ(answers().size(), 12U);
    EXPECT_LE(most, Collector::most_at_once * Collector::most_pieces);
}

TEST_F(Collect, WhatIsNotWhatWasSentFailsAndLeavesNothing) {
    spoil = [](Value& piece) { piece.list()[4] = Value("tExt"); };
    give(made("00000000000a", {{"small.txt", "text"}}));
    const std::vector<Answer> all = answers();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].what, Answer::What::failed);
    EXPECT_EQ(all[0].cause, out + "/a.wav/.small.txt.00000000000a.0.1.part is not what was sent: its XXH3-128 is another");
    EXPECT_TRUE(all[0].may_be_tried_again);
    EXPECT_FALSE(fs::exists(near / "a.wav/.small.txt.00000000000a.0.1.part"));
    EXPECT_FALSE(fs::exists(own + "/a.wav"));
}

TEST_F(Collect, APartThatIsGoneFails) {
    Answer answer = made("00000000000a", {{"a.txt", "text"}, {"b.txt", "text"}});
    fs::remove(answer.parts[1].part);
    give(std::move(answer));
    const std::vector<Answer> all = answers();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].what, Answer::What::failed);
    EXPECT_EQ(all[0].cause, "cannot read " + own + "/a.wav/.b.txt.00000000000a.0.1.part: No such file or directory");
    EXPECT_FALSE(fs::exists(near / "a.wav/.a.txt.00000000000a.0.1.part"));
}

TEST_F(Collect, WhatCannotBeWrittenFailsAndGoesAwayThere) {
    near.write("a.wav", "a file where the folder would be");
    give(made("00000000000a", {{"a.txt", std::string(std::size_t(4 * piece_bytes), 'x')}}));
    const std::vector<Answer> all = answers();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].what, Answer::What::failed);
    EXPECT_EQ(all[0].code, ExitCode::file);
    EXPECT_FALSE(fs::exists(own + "/a.wav"));
}

}  // namespace
}  // namespace flowspan::batch
