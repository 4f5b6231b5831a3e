// What rank 0 decides, message by message. Three ranks on one thread; the clock and the I/O thread are the test's.
#include "run/star/coordinator.hpp"
#include "tests/unit/one_thread.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;
using tests::in_one_thread;
using tests::Ranks;
using namespace std::chrono_literals;

constexpr int ranks = 3;

/// Runs jobs when the test says so.
class Disk {
public:
    Step submit(std::function<void()> job) {
        jobs_.push_back(std::make_shared<Job>(std::move(job)));
        return {jobs_.back()};
    }
    void run_all() {
        for (const auto& job : jobs_) job->run();
        jobs_.clear();
    }
    std::size_t jobs() const { return jobs_.size(); }

private:
    struct Job final : Pending {
        explicit Job(std::function<void()> j) : job(std::move(j)) {}
        void run() {
            try {
                job();
            } catch (...) { failed = std::current_exception(); }
            done = true;
        }
        bool ready() override {
            if (failed) std::rethrow_exception(failed);
            return done;
        }
        std::function<void()> job;
        std::exception_ptr failed;
        bool done = false;
    };
    std::vector<std::shared_ptr<Job>> jobs_;
};

struct Scene {
    explicit Scene(const Ranks& all)
        : out(fmt::format("{}/flowspan-coordinator-{}", ::testing::TempDir(), getpid())),
          zero(*all[0]),
          one(*all[1]),
          two(*all[2]),
          coordinator(zero, ranks,
                      {out, "run-1", 30s, {"node0", "node1", "node2"}, {"source", "gain", "sink"}, [this] { return now; }},
                      [this](std::function<void()> job) { return disk.submit(std::move(job)); }) {
        fs::create_directories(out);
    }
    ~Scene() {
        for (ControlStar* star : {&zero, &one, &two}) star->close();
        fs::remove_all(out);
    }
    void from(int rank, const std::string& what, const Value& content = {}) { coordinator.handle({rank, what, content}); }
    void from_all(const std::string& what, const Value& content = {}) {
        for (int r = 0; r < ranks; ++r) from(r, what, content);
    }
    /// What the ranks have been told since the last time, the same for all: "publish leave".
    std::string told() {
        std::vector<std::string> heard;
        for (ControlStar* star : {&zero, &one, &two}) {
            std::string words;
            ControlMessage m;
            while (star->poll(m)) {
                EXPECT_EQ(m.from, 0);
                words += (words.empty() ? "" : " ") + m.what;
                content = m.content;
            }
            heard.push_back(words);
        }
        EXPECT_EQ(heard[1], heard[0]);
        EXPECT_EQ(heard[2], heard[0]);
        EXPECT_TRUE(zero.all_sent());
        return heard[0];
    }
    std::string turn() {
        const auto lost = coordinator.turn();
        return lost ? lost->line() : "";
    }
    fs::path out;
    Coordinator::Clock::time_point now{};
    Disk disk;
    ControlStar zero, one, two;
    Coordinator coordinator;
    Value content;  // of the last message that was told
};

void play(const std::function<void(Scene&)>& scene) {
    in_one_thread(ranks, [&](const Ranks& all) {
        Scene s(all);
        scene(s);
    });
}

Value done(const std::vector<std::string>& products = {}) {
    Value::List list;
    for (const std::string& p : products)
        list.emplace_back(Value::Map{{"path", p}, {"part", p + ".part"}, {"bytes", 5}, {"in_place", false}});
    return Value::Map{{"products", list}};
}

Value failed(int rank, const std::string& text, ExitCode code = ExitCode::block) {
    return Cause{code, rank, "node" + std::to_string(rank), "gain", text}.value();
}

/// What a rank says on which nothing moves.
Value quiet(int sent = 0, int received = 0, int activity = 1, const Value::List& wishes = {}, bool held = false,
            const Value& within = "wait") {
    return Value::Map{{"activity", activity}, {"sent", sent}, {"received", received},
                      {"wishes", wishes},     {"held", held}, {"within", within}};
}

Value wish(int from, int to, const std::string& why) { return Value::Map{{"from", from}, {"to", to}, {"why", why}}; }

TEST(Coordinator, PublishesWhenAllAreDoneAndLetsAllLeaveWhenAllHavePublished) {
    play([](Scene& s) {
        s.from(1, "done", done());
        s.from(0, "done", done());
        EXPECT_EQ(s.told(), "") << "rank 2 is not done";
        s.from(2, "done", done());
        EXPECT_EQ(s.told(), "publish");
        s.from(2, "published");
        s.from(1, "published");
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "");
        s.from(0, "published");
        s.disk.run_all();
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "leave");
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "") << "once";
        EXPECT_FALSE(s.coordinator.failure());
    });
}

TEST(Coordinator, TellsNobodyToPublishBeforeTheCommitRecordIsOnDisk) {
    play([](Scene& s) {
        const std::string record = io::commit_record_path(s.out, "run-1");
        for (int r = 0; r < ranks; ++r) s.from(r, "done", done({(s.out / ("a" + std::to_string(r))).string()}));
        EXPECT_EQ(s.disk.jobs(), 1u);
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "");
        s.disk.run_all();
        EXPECT_TRUE(fs::exists(record));
        EXPECT_EQ(s.told(), "") << "before it has looked";
        s.turn();
        EXPECT_EQ(s.told(), "publish");
        s.from_all("published");
        s.turn();
        EXPECT_TRUE(fs::exists(record));
        EXPECT_EQ(s.told(), "") << "the record is there: the next run would roll it forward";
        s.disk.run_all();
        EXPECT_FALSE(fs::exists(record));
        s.turn();
        EXPECT_EQ(s.told(), "leave");
        EXPECT_EQ(s.coordinator.done_reports().size(), std::size_t(ranks));
    });
}

TEST(Coordinator, ARecordThatCannotBeWrittenFailsTheRun) {
    play([](Scene& s) {
        fs::remove_all(s.out);
        s.from_all("done", done({(s.out / "a").string()}));
        s.disk.run_all();
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "abort");
        EXPECT_THAT(Cause::from(s.content).line(), HasSubstr("rank 0 (node0): cannot "));
        s.from_all("cleaned", false);
        EXPECT_EQ(s.told(), "leave");
    });
}

TEST(Coordinator, ARecordThatCannotBeRemovedFailsTheRunAndAllLeave) {
    play([](Scene& s) {
        s.from_all("done", done({(s.out / "a").string()}));
        s.disk.run_all();
        s.turn();
        EXPECT_EQ(s.told(), "publish");
        const fs::path record = io::commit_record_path(s.out, "run-1");
        fs::remove(record);
        fs::create_directories(record / "in the way");
        s.from_all("published");
        s.disk.run_all();
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "abort");
        s.from_all("cleaned", false);
        EXPECT_EQ(s.told(), "leave");
    });
}

TEST(Coordinator, NobodyPublishesAfterAFailureWhileTheRecordWasWritten) {
    play([](Scene& s) {
        s.from_all("done", done({(s.out / "a").string()}));
        s.from(1, "failed", failed(1, "its program was ended"));
        EXPECT_EQ(s.told(), "abort");
        s.disk.run_all();
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "");
        s.from_all("cleaned", false);
        EXPECT_EQ(s.told(), "leave");
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "");
    });
}

TEST(Coordinator, AFailureAbortsAllAndAllLeaveWhenAllHaveCleaned) {
    play([](Scene& s) {
        s.from(0, "done", done());
        s.from(1, "failed", failed(1, "no space"));
        EXPECT_EQ(s.told(), "abort");
        EXPECT_EQ(Cause::from(s.content).line(), "rank 1 (node1): gain: no space");
        s.from(2, "failed", failed(2, "its link broke"));
        EXPECT_EQ(s.told(), "") << "the first is the cause";
        s.from(1, "done", done());
        s.from(2, "done", done());
        EXPECT_EQ(s.told(), "") << "nothing is published after a failure";
        EXPECT_EQ(s.disk.jobs(), 0u);
        s.from(0, "stop");
        EXPECT_EQ(s.told(), "");
        EXPECT_FALSE(s.coordinator.stopped());
        s.from(0, "cleaned", false);
        s.from(2, "cleaned", false);
        EXPECT_EQ(s.told(), "");
        s.from(1, "cleaned", false);
        EXPECT_EQ(s.told(), "leave");
        ASSERT_TRUE(s.coordinator.failure());
        EXPECT_EQ(s.coordinator.failure()->line(), "rank 1 (node1): gain: no space");
        EXPECT_FALSE(s.coordinator.stuck());
    });
}

TEST(Coordinator, ABrokenLinkGivesWayToWhatBrokeIt) {
    play([](Scene& s) {
        s.from(2, "failed", failed(2, "a link broke", ExitCode::communication));
        s.from(1, "failed", failed(1, "no space"));
        EXPECT_EQ(s.told(), "abort") << "once";
        EXPECT_EQ(s.coordinator.failure()->text, "no space");
        s.from(2, "failed", failed(2, "another link broke", ExitCode::communication));
        EXPECT_EQ(s.coordinator.failure()->text, "no space");
    });
}

TEST(Coordinator, NobodyLeavesInOrderWhenLinksCannotBeClosed) {
    play([](Scene& s) {
        s.from(1, "failed", failed(1, "no space"));
        EXPECT_EQ(s.told(), "abort");
        s.from(0, "cleaned", false);
        s.from(1, "cleaned", true);
        s.from(2, "cleaned", false);
        EXPECT_TRUE(s.coordinator.stuck());
        EXPECT_EQ(s.told(), "");
    });
}

TEST(Coordinator, AStopEndsSourcesOnceAndKeepsPartialProducts) {
    play([](Scene& s) {
        s.from(2, "stop");
        s.from(1, "stop");
        EXPECT_EQ(s.told(), "stop");
        EXPECT_TRUE(s.coordinator.stopped());
        s.from_all("done", done({(s.out / "a").string()}));
        EXPECT_EQ(s.told(), "keep_partial");
        EXPECT_EQ(s.disk.jobs(), 0u) << "no commit record";
        s.from_all("published");
        s.disk.run_all();
        s.turn();
        EXPECT_EQ(s.told(), "leave");
    });
}

TEST(Coordinator, ARankWithoutASignOfLifeForPatienceIsLost) {
    play([](Scene& s) {
        s.now += 30s;
        EXPECT_EQ(s.turn(), "");
        s.from(0, "alive");
        s.from(2, "alive");
        s.now += 1ms;
        EXPECT_EQ(s.turn(), "rank 1 (node1): no sign of life for 30 s: the rank is lost");
        s.from(1, "quiet", quiet());
        EXPECT_EQ(s.turn(), "") << "any message counts";
        s.now += 31s;
        s.coordinator.forgive();
        EXPECT_EQ(s.turn(), "") << "rank 0 itself stood still";
    });
}

TEST(Coordinator, WhoHasSaidItsLastWordIsNotLost) {
    play([](Scene& s) {
        s.from_all("done", done());
        s.from(0, "published");
        s.from(1, "published");
        s.now += 31s;
        EXPECT_EQ(s.turn(), "rank 2 (node2): no sign of life for 30 s: the rank is lost");
        s.from(2, "published");
        s.now += 31s;
        EXPECT_EQ(s.turn(), "");
    });
    play([](Scene& s) {
        s.from(1, "failed", failed(1, "no space"));
        s.from(0, "cleaned", false);
        s.from(2, "cleaned", false);
        s.now += 31s;
        EXPECT_EQ(s.turn(), "rank 1 (node1): no sign of life for 30 s: the rank is lost");
    });
}

TEST(Coordinator, ADeadlockNeedsReportsThatStayEqualAndNothingUnderWay) {
    const Value::List cycle{wish(1, 2, "room before sink"), wish(2, 1, "samples of gain")};
    play([&](Scene& s) {
        const auto report = [&](int received) {
            s.from(0, "quiet", quiet(4, 1));
            s.from(1, "quiet", quiet(3, received, 1, cycle));
            s.from(2, "quiet", quiet(0, 2));
        };
        for (int k = 0; k < 5; ++k) report(3);
        EXPECT_EQ(s.told(), "") << "7 sent, 6 received";
        report(4);
        report(4);
        EXPECT_EQ(s.told(), "") << "changed since";
        s.from(0, "quiet", quiet(4, 1));
        EXPECT_EQ(s.told(), "");
        s.from(1, "quiet", quiet(3, 4, 1, cycle));
        EXPECT_EQ(s.told(), "abort");
        EXPECT_EQ(Cause::from(s.content).line(),
                  "the flowgraph is in a deadlock:\n  gain waits for room before sink\n  sink waits for samples of gain\n"
                  "  the program of rank 0 waits within `wait`\n  the program of rank 1 waits within `wait`\n"
                  "  the program of rank 2 waits within `wait`");
        EXPECT_EQ(s.coordinator.failure()->code, ExitCode::block);
    });
}

TEST(Coordinator, ARankThatIsBusyOrHasMovedIsNoDeadlock) {
    play([](Scene& s) {
        for (int k = 0; k < 5; ++k) {
            s.from(0, "quiet", quiet());
            s.from(1, "quiet", quiet());
        }
        EXPECT_EQ(s.told(), "") << "rank 2 has said nothing";
        s.from(2, "quiet", quiet());
        s.from(2, "quiet", quiet());
        s.from(1, "alive", Value::Map{{"activity", 2}});
        for (int k = 0; k < 5; ++k) {
            s.from(0, "quiet", quiet());
            s.from(2, "quiet", quiet());
        }
        EXPECT_EQ(s.told(), "") << "rank 1 has moved since";
        s.from(1, "quiet", quiet(0, 0, 2));
        s.from(1, "alive", Value::Map{{"activity", 2}});
        s.from(1, "quiet", quiet(0, 0, 2));
        EXPECT_EQ(s.told(), "");
        s.from(1, "quiet", quiet(0, 0, 2));
        EXPECT_EQ(s.told(), "abort");
        EXPECT_THAT(Cause::from(s.content).line(), HasSubstr("the flowgraph cannot go on:"));
    });
}

TEST(Coordinator, AllThatAreDoneAreNoDeadlock) {
    play([](Scene& s) {
        s.from_all("done", done({(s.out / "a").string()}));
        for (int k = 0; k < 5; ++k) s.from_all("quiet", quiet());
        EXPECT_EQ(s.told(), "");
        EXPECT_FALSE(s.coordinator.failure());
    });
}

TEST(Coordinator, AHeldBlockIsADeadlockOnlyWhenAllProgramsWait) {
    play([](Scene& s) {
        const Value::List held{wish(1, 1, "its release: it is held at 7")};
        for (int k = 0; k < 5; ++k) {
            s.from(0, "quiet", quiet(0, 0, 1, held, true));
            s.from(1, "quiet", quiet());
            s.from(2, "quiet", quiet(0, 0, 1, {}, false, {}));
        }
        EXPECT_EQ(s.told(), "") << "the program of rank 2 may release it";
        for (int k = 0; k < 3; ++k) s.from(2, "quiet", quiet(0, 0, 1, {}, false, "gain.get(constant)"));
        EXPECT_EQ(s.told(), "abort");
        EXPECT_THAT(s.coordinator.failure()->text, HasSubstr("gain waits for its release: it is held at 7"));
        EXPECT_THAT(s.coordinator.failure()->text, HasSubstr("the program of rank 2 waits within `gain.get(constant)`"));
    });
}

TEST(Coordinator, LetsBlocksRunWhenAllHaveBegun) {
    play([](Scene& s) {
        s.from(0, "begun");
        s.from(2, "begun");
        EXPECT_EQ(s.told(), "");
        s.from(1, "begun");
        EXPECT_EQ(s.told(), "go");
    });
}

TEST(Coordinator, KeepsTheNewestProgressOfEachRank) {
    play([](Scene& s) {
        s.from(1, "alive", Value::Map{{"samples", 5}, {"activity", 1}});
        s.from(1, "alive", Value::Map{{"samples", 8}, {"activity", 2}});
        s.from(1, "alive");
        EXPECT_EQ(s.coordinator.progress()[1].at("samples").integer(), 8);
        EXPECT_TRUE(s.coordinator.progress()[2].is_null());
    });
}

TEST(Coordinator, AMessageThatItDoesNotKnowIsABug) {
    play([](Scene& s) {
        try {
            s.from(2, "hello");
            ADD_FAILURE() << "it was taken";
        } catch (const Failure& e) {
            EXPECT_STREQ(e.what(), "control message `hello` from rank 2");
            EXPECT_EQ(e.code(), ExitCode::bug);
        }
    });
}

}  // namespace
}  // namespace flowspan::run
