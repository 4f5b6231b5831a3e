// A rank's loop from the first sample to the leave: one rank turn by turn, two as threads.
#include "run/job/loop.hpp"
#include "comm/local/local.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>

namespace flowspan::run {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Fails at sample 3000.
struct Fragile final : Block {
    Input<cf32> in{*this, "in"};
    void describe() override {}
    void work(std::size_t n) override {
        if (in.index() + n > 3000) throw std::runtime_error("the glass broke");
    }
};

const std::string finite = "{type: signal_source, sample_rate: 1 MHz, length: 5000}";
const std::string endless = "{type: signal_source, sample_rate: 1 MHz}";

/// A job of `source -> sink`, the sink on the last rank.
struct Scene {
    explicit Scene(comm::Communicator& communicator, const std::string& source, const std::string& sink,
                   const std::string& out = fresh_folder())
        : folder(out) {
        Registry registry = built_in_blocks();
        registry.add<Fragile>("fragile", "Breaks.");
        JobRequest request;
        request.graph_file = "test.yaml";
        request.graph_text = "flowspan: 1\nblocks:\n  source: " + source + "\n  sink: " + sink +
                             "\nconnections:\n  - source -> sink\nranks: {0: source, 1: sink}\n";
        request.out = folder;
        request.until_stopped = source == endless;
        hooks.note = [this](const std::string& line) { lines.push_back(line.substr(line.find(' ') + 1)); };
        Team team(communicator);
        started = start_up(team, registry, request, hooks);
        loop = std::make_unique<Loop>(communicator, *started, hooks);
        started->tasks->open();
    }
    static std::string fresh_folder() {
        const std::string folder = ::testing::TempDir() + "/flowspan-loop-" + std::to_string(getpid());
        fs::remove_all(folder);
        return folder;
    }
    JobResult run() {
        while (!loop->turn()) {}
        return loop->result();
    }
    /// The files in the folder, but for locks.
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        if (!fs::exists(folder)) return names;
        for (const auto& entry : fs::directory_iterator(folder)) {
            const std::string name = entry.path().filename().string();
            if (name.find("lock") == std::string::npos) names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    }
    std::string folder;
    JobHooks hooks;
    std::vector<std::string> lines;
    std::unique_ptr<Started> started;
    std::unique_ptr<Loop> loop;
};

struct LoopOfOneRank : ::testing::Test {
    std::unique_ptr<comm::Communicator> alone = comm::single_rank();
};

TEST_F(LoopOfOneRank, StreamsPublishesAndLeaves) {
    Scene s(*alone, finite, "{type: file_sink, path: a.raw}");
    EXPECT_TRUE(s.loop->streaming());
    while (s.loop->streaming()) {
        EXPECT_FALSE(fs::exists(s.folder + "/a.raw")) << "before the end it has another name";
        ASSERT_FALSE(s.loop->turn());
    }
    const JobResult result = s.run();
    EXPECT_EQ(result.code, ExitCode::done) << result.cause;
    EXPECT_EQ(result.cause, "");
    EXPECT_THAT(s.files(), ElementsAre("a.raw")) << "no temporary and no commit record is left";
    EXPECT_EQ(fs::file_size(s.folder + "/a.raw"), 5000 * sizeof(cf32));
    EXPECT_THAT(result.products, ElementsAre(HasSubstr("a.raw")));
}

TEST_F(LoopOfOneRank, AStopEndsTheSourcesAndKeepsPartialProducts) {
    Scene s(*alone, endless, "{type: file_sink, path: a.raw}");
    for (int k = 0; k < 5; ++k) ASSERT_FALSE(s.loop->turn());
    s.loop->stop();
    const JobResult result = s.run();
    EXPECT_EQ(result.code, ExitCode::stopped) << result.cause;
    EXPECT_THAT(s.files(), ElementsAre("a.partial.raw"));
}

TEST_F(LoopOfOneRank, WhatIsCommittedIsPublishedByTheNextRunWhereItCannotBeNow) {
    const std::string folder = Scene::fresh_folder(), product = folder + "/a.raw";
    {
        Scene s(*alone, finite, "{type: file_sink, path: a.raw}", folder);
        while (s.loop->streaming()) ASSERT_FALSE(s.loop->turn());
        fs::create_directories(product + "/in the way");
        const JobResult result = s.run();
        EXPECT_EQ(result.code, ExitCode::file);
        EXPECT_THAT(result.cause, HasSubstr("/a.raw: Is a directory; "));
        EXPECT_THAT(result.products, IsEmpty());
    }
    fs::remove_all(product);
    Scene next(*alone, finite, "{type: file_sink, path: b.raw}", folder);
    EXPECT_EQ(next.run().code, ExitCode::done);
    EXPECT_THAT(next.files(), ElementsAre("a.raw", "b.raw"));
    EXPECT_EQ(fs::file_size(product), 5000 * sizeof(cf32));
}

TEST_F(LoopOfOneRank, AFailureOfABlockIsTheCauseAndLeavesNothing) {
    Scene s(*alone, finite, "{type: fragile}");
    const JobResult result = s.run();
    EXPECT_NE(result.code, ExitCode::done);
    EXPECT_EQ(result.cause, "sink: the glass broke");
    EXPECT_THAT(s.files(), IsEmpty());
}

TEST_F(LoopOfOneRank, AProgramThatGivesUpPublishesNothing) {
    Scene s(*alone, endless, "{type: file_sink, path: a.raw}");
    for (int k = 0; k < 5; ++k) ASSERT_FALSE(s.loop->turn());
    s.loop->give_up("no more");
    s.loop->give_up("once more");
    const JobResult result = s.run();
    EXPECT_EQ(result.code, ExitCode::block);
    EXPECT_EQ(result.cause, "no more");
    EXPECT_THAT(s.files(), IsEmpty());
}

TEST_F(LoopOfOneRank, EveryQuestionIsAnsweredAtTheLatestAtTheEnd) {
    Scene s(*alone, finite, "{type: null_sink}");
    std::vector<std::string> answers;
    const auto ask = [&](std::uint64_t index) {
        s.loop->requests().ask(runtime::Ask::What::hold, "sink", {}, at_sample(index),
                               [&](const auto& results) { answers.push_back(results.at(0).answer.refusal); });
    };
    ask(9000000);
    EXPECT_THAT(answers, IsEmpty());
    EXPECT_EQ(s.run().code, ExitCode::done);
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_NE(answers[0], "");
    ask(9000001);
    EXPECT_EQ(answers.back(), "the run is ending");
}

TEST_F(LoopOfOneRank, AStopOfAHeldBlockEndsTheRun) {
    Scene s(*alone, endless, "{type: null_sink}");
    std::string refusal = "none yet";
    s.loop->requests().ask(runtime::Ask::What::hold, "source", {}, at_sample(100000),
                           [&](const auto& results) { refusal = results.at(0).answer.refusal; });
    while (refusal == "none yet") ASSERT_FALSE(s.loop->turn());
    EXPECT_EQ(refusal, "");
    s.loop->stop();
    const JobResult result = s.run();
    EXPECT_EQ(result.code, ExitCode::stopped) << result.cause;
    EXPECT_EQ(result.report.at("ranks").list()[0].at("blocks").list()[0].at("items_out").integer(), 100000);
}

TEST_F(LoopOfOneRank, NotesLessImportantThanTheLevelAreLeftOut) {
    Scene s(*alone, finite, "{type: null_sink}");
    s.lines.clear();
    s.loop->note(LogLevel::debug, "whispered");
    s.loop->note(LogLevel::warning, "said");
    EXPECT_EQ(s.run().code, ExitCode::done);
    EXPECT_THAT(s.lines, ElementsAre(HasSubstr("] said")));
}

/// What became of both ranks; `turn` is called before each turn.
std::map<int, JobResult> on_two_ranks(const std::string& source, const std::string& sink,
                                      const std::function<void(Scene&, int rank, int turn)>& turn, std::uint64_t delays) {
    const std::string folder = Scene::fresh_folder();
    std::map<int, JobResult> results{{0, {}}, {1, {}}};
    comm::run_local(2,
                    [&](comm::Communicator& own) {
                        Scene s(own, source, sink, folder);
                        for (int k = 0;; ++k) {
                            turn(s, own.rank(), k);
                            if (s.loop->turn()) break;
                        }
                        results.at(own.rank()) = s.loop->result();
                        own.all_gather("both have left");
                        EXPECT_FALSE(own.anything_unreceived());
                    },
                    {.delay_seed = delays});
    return results;
}

constexpr std::uint64_t networks = 6;  // each with delays of its own

TEST(LoopOfTwoRanks, BothLeaveWhenAllIsPublished) {
    for (std::uint64_t delays = 0; delays < networks; ++delays) {
        const auto results = on_two_ranks(
            finite, "{type: file_sink, path: a.raw}", [](Scene&, int, int) {}, delays);
        for (const auto& [rank, result] : results) EXPECT_EQ(result.code, ExitCode::done) << rank << ": " << result.cause;
        EXPECT_THAT(results.at(0).products, ElementsAre(HasSubstr("a.raw")));
    }
}

// A rank may come late into its run: what its program has asked before it is with the blocks all the same.
TEST(LoopOfTwoRanks, NothingFlowsBeforeWhatAllRanksHaveAskedIsWithTheBlocks) {
    for (std::uint64_t delays = 0; delays < networks; ++delays) {
        std::atomic<bool> late = true;
        std::string refusal = "none";
        std::uint64_t held_at = 0;
        const auto results = on_two_ranks(
            finite, "{type: null_sink}",
            [&](Scene& s, int rank, int turn) {
                if (rank == 0) {
                    if (turn == 0) s.loop->begin_together();
                    late = late && turn < 100;
                    return;
                }
                if (turn > 0) return;
                while (late) std::this_thread::yield();
                s.loop->requests().ask(runtime::Ask::What::hold, "source", {}, at_sample(1000), [&](const auto& answers) {
                    refusal = answers.at(0).answer.refusal;
                    held_at = answers.at(0).answer.index;
                    s.loop->requests().ask(runtime::Ask::What::release, "source", {}, {}, [](const auto&) {});
                });
                s.loop->begin_together();
            },
            delays);
        for (const auto& [rank, result] : results) EXPECT_EQ(result.code, ExitCode::done) << rank << ": " << result.cause;
        EXPECT_EQ(refusal, "");
        EXPECT_EQ(held_at, 1000u);
    }
}

TEST(LoopOfTwoRanks, AStopOfAnyRankEndsBothInOrder) {
    for (std::uint64_t delays = 0; delays < networks; ++delays) {
        for (const int stopper : {0, 1}) {
            const auto results = on_two_ranks(
                endless, "{type: null_sink}",
                [&](Scene& s, int rank, int turn) { rank == stopper&& turn == 20 ? s.loop->stop() : void(); }, delays);
            for (const auto& [rank, result] : results)
                EXPECT_EQ(result.code, ExitCode::stopped) << rank << ": " << result.cause;
        }
    }
}

TEST(LoopOfTwoRanks, AFailureOfOneIsTheCauseOnBoth) {
    for (std::uint64_t delays = 0; delays < networks; ++delays) {
        const auto results = on_two_ranks(
            endless, "{type: fragile}", [](Scene&, int, int) {}, delays);
        for (const auto& [rank, result] : results) {
            EXPECT_NE(result.code, ExitCode::done) << rank;
            EXPECT_THAT(result.cause, HasSubstr("rank 1 ("));
            EXPECT_THAT(result.cause, HasSubstr("): sink: the glass broke")) << rank;
        }
    }
}

TEST(LoopOfTwoRanks, AProgramThatGivesUpEndsBoth) {
    for (const int who : {0, 1}) {
        const auto results = on_two_ranks(
            endless, "{type: null_sink}",
            [&](Scene& s, int rank, int turn) { rank == who&& turn == 20 ? s.loop->give_up("no more") : void(); }, 1);
        for (const auto& [rank, result] : results) {
            EXPECT_EQ(result.code, ExitCode::block) << rank;
            EXPECT_THAT(result.cause, HasSubstr("rank " + std::to_string(who))) << rank;
        }
    }
}

}  // namespace
}  // namespace flowspan::run
