// What rank 0 decides, message by message. Three ranks on one thread; the clock and the I/O thread are the test's.
#include "run/star/coordinator.hpp"
#include "io/claim/folder.hpp"
#include "io/record/record.hpp"
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
        const auto last = jobs_.back();
        if (at_once) run_all();
        return {last};
    }
    void run_all() {
        for (const auto& job : jobs_) job->run();
        jobs_.clear();
    }
    std::size_t jobs() const { return jobs_.size(); }
    bool at_once = false;

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
          coordinator(
              zero, ranks,
              {"run-1", 30s, {"node0", "node1", "node2"}, {"source", "gain", "sink"}, std::nullopt, [this] { return now; }},
              [this](std::function<void()> job) { return disk.submit(std::move(job)); }) {
        fs::create_directories(out);
    }
    ~Scene() {
        for (ControlStar* star : {&zero, &one, &two}) star->close();
        fs::remove_all(out);
    }
    void from(int rank, Word word, const Value& content = {}) { coordinator.handle({rank, word, content}); }
    void from_all(Word word, const Value& content = {}) {
        for (int r = 0; r < ranks; ++r) from(r, word, content);
    }
    /// What the ranks have been told since the last time, the same for all: "publish leave".
    std::string told() {
        std::vector<std::string> heard;
        for (ControlStar* star : {&zero, &one, &two}) {
            std::string words;
            ControlMessage m;
            while (star->poll(m)) {
                EXPECT_EQ(m.from, 0);
                words += (words.empty() ? "" : " ") + std::string(name_of(m.word));
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
    /// All ranks are done, each with a product a0, a1, …; the files are there where `really`. `cut`: by a stop.
    void all_done(bool really = false, bool cut = false) {
        for (int r = 0; r < ranks; ++r) {
            const std::string name = "a" + std::to_string(r), part = io::PartName{name, "run-1", r, 0}.text();
            if (really) std::ofstream(out / part) << "12345";
            from(r, Word::made, Made{{{(out / name).string(), (out / part).string(), 5, true, false}}, cut && r == 1}.value());
            from(r, Word::done, Value::Map{});
        }
    }
    Cause told_cause() const {
        return Cause::from(content.is<Value::List>() && !content.list().empty() && content.list()[0].is<Value::List>()
                               ? content.list()[0]
                               : content);
    }
    bool told_committed() const { return content.list().at(1).boolean(); }
    std::string record() const { return io::record_path(out.string(), "run-1"); }
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

Value done() { return Value::Map{}; }

Value failed(int rank, const std::string& text, ExitCode code = ExitCode::block) {
    return Cause{code, rank, "node" + std::to_string(rank), "gain", text}.value();
}

/// What a rank says on which nothing moves.
Value quiet(std::uint64_t sent = 0, std::uint64_t received = 0, std::uint64_t activity = 1,
            const std::vector<Wish>& wishes = {}, bool held = false, const std::optional<std::string>& within = "wait") {
    return Quiet{activity, sent, received, wishes, held, within}.value();
}

/// What a rank says of its progress.
Value active(std::uint64_t activity, double samples = 0) {
    RankProgress p;
    p.samples = samples;
    p.activity = activity;
    return p.value();
}

Wish wish(int from, int to, const std::string& why) { return {from, to, why}; }

TEST(Coordinator, PublishesWhenAllAreDoneAndLetsAllLeaveWhenAllHavePublished) {
    play([](Scene& s) {
        s.from(1, Word::done, done());
        s.from(0, Word::done, done());
        EXPECT_EQ(s.told(), "") << "rank 2 is not done";
        s.from(2, Word::done, done());
        EXPECT_EQ(s.told(), "publish");
        s.from(2, Word::published);
        s.from(1, Word::published);
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "");
        s.from(0, Word::published);
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
        const std::string record = s.record();
        s.all_done();
        EXPECT_EQ(s.disk.jobs(), 1u);
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "");
        s.disk.run_all();
        EXPECT_TRUE(fs::exists(record));
        EXPECT_EQ(s.told(), "") << "before it has looked";
        s.turn();
        EXPECT_EQ(s.told(), "publish");
        s.from_all(Word::published);
        s.turn();
        EXPECT_TRUE(fs::exists(record));
        EXPECT_EQ(s.told(), "") << "the record is there: the next run would roll it forward";
        s.disk.run_all();
        EXPECT_FALSE(fs::exists(record));
        s.turn();
        EXPECT_EQ(s.told(), "leave");
        EXPECT_EQ(s.coordinator.reports().size(), std::size_t(ranks));
    });
}

TEST(Coordinator, ARecordThatCannotBeWrittenFailsTheRun) {
    play([](Scene& s) {
        fs::remove_all(s.out);
        s.all_done();
        s.disk.run_all();
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "abort");
        EXPECT_THAT(s.told_cause().line(), HasSubstr("rank 0 (node0): cannot "));
        s.from_all(Word::cleaned, Value::List{false, Value()});
        EXPECT_EQ(s.told(), "leave");
    });
}

TEST(Coordinator, ARecordThatCannotBeRemovedIsAWarning) {
    play([](Scene& s) {
        s.all_done();
        s.disk.run_all();
        s.turn();
        EXPECT_EQ(s.told(), "publish");
        fs::remove(s.record());
        fs::create_directories(fs::path(s.record()) / "in the way");
        s.from_all(Word::published, Value::List{});
        s.disk.run_all();
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "leave");
        EXPECT_FALSE(s.coordinator.failure()) << "all is published";
        EXPECT_THAT(s.coordinator.warnings(), ElementsAre(HasSubstr("/.flowspan.run-1.commit: Is a directory")));
        EXPECT_EQ(s.coordinator.products().size(), 3u);
    });
}

TEST(Coordinator, AProductThatCannotTakeItsNameEndsTheRunWithARecordOfItAlone) {
    play([](Scene& s) {
        s.all_done();
        s.disk.run_all();
        s.turn();
        EXPECT_EQ(s.told(), "publish");
        const std::string one = (s.out / "a1").string();
        s.from(0, Word::published, Value::List{});
        s.from(1, Word::published, value_of(std::vector<io::Unpublished>{{one, "Is a directory"}}));
        s.from(2, Word::published, Value::List{});
        s.disk.run_all();
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "leave");
        EXPECT_EQ(s.told_cause().code, ExitCode::file);
        EXPECT_EQ(s.told_cause().line(), "cannot publish " + one + ": Is a directory; the other 2 products are published; " +
                                             s.record() + " keeps it: mend that, then `flowspan recover " + s.out.string() +
                                             "` or the next run that writes there publishes it");
        const auto record = io::read_record(s.out.string(), "run-1").record;
        ASSERT_TRUE(record);
        ASSERT_EQ(record->products.size(), 1u);
        EXPECT_EQ(record->products[0].name, "a1");
        EXPECT_EQ(s.coordinator.products().size(), 2u);
    });
}

// Whether the products go or are published depends on the record alone; until it is there or not nobody removes anything.
TEST(Coordinator, AFailureWhileTheRecordIsWrittenWaitsAndThenAllIsPublished) {
    play([](Scene& s) {
        s.all_done(true);
        s.from(1, Word::failed, failed(1, "its program was ended"));
        EXPECT_EQ(s.told(), "");
        s.disk.run_all();
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "abort");
        EXPECT_TRUE(s.told_committed());
        s.from_all(Word::cleaned, Value::List{false, Value()});
        s.disk.run_all();
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "leave");
        EXPECT_EQ(s.told_cause().line(),
                  "rank 1 (node1): gain: its program was ended; the products had been committed and are published");
        EXPECT_EQ(s.coordinator.products().size(), 3u);
        EXPECT_TRUE(fs::exists(s.out / "a2"));
        EXPECT_FALSE(fs::exists(s.record()));
    });
}

TEST(Coordinator, AStopAfterTheCommitHasBegunChangesNothing) {
    play([](Scene& s) {
        s.all_done();
        s.from(0, Word::stop_asked);
        EXPECT_EQ(s.told(), "");
        EXPECT_FALSE(s.coordinator.stopped());
        EXPECT_TRUE(s.coordinator.late_stop());
        s.disk.run_all();
        s.turn();
        EXPECT_EQ(s.told(), "publish");
    });
}

TEST(Coordinator, AStopThatCutsNothingShortChangesNothing) {
    play([](Scene& s) {
        s.from(2, Word::stop_asked);
        EXPECT_EQ(s.told(), "stop");
        s.all_done();
        s.disk.run_all();
        s.turn();
        EXPECT_EQ(s.told(), "publish");
        EXPECT_FALSE(s.coordinator.stopped());
        EXPECT_TRUE(s.coordinator.late_stop());
    });
}

TEST(Coordinator, AFailureAbortsAllAndAllLeaveWhenAllHaveCleaned) {
    play([](Scene& s) {
        s.from(0, Word::done, done());
        s.from(1, Word::failed, failed(1, "no space"));
        EXPECT_EQ(s.told(), "abort");
        EXPECT_EQ(s.told_cause().line(), "rank 1 (node1): gain: no space");
        s.from(2, Word::failed, failed(2, "its link broke"));
        EXPECT_EQ(s.told(), "") << "the first is the cause";
        s.from(1, Word::done, done());
        s.from(2, Word::done, done());
        EXPECT_EQ(s.told(), "") << "nothing is published after a failure";
        EXPECT_EQ(s.disk.jobs(), 0u);
        s.from(0, Word::stop_asked);
        EXPECT_EQ(s.told(), "");
        EXPECT_FALSE(s.coordinator.stopped());
        s.from(0, Word::cleaned, Value::List{false, Value()});
        s.from(2, Word::cleaned, Value::List{false, Value()});
        EXPECT_EQ(s.told(), "");
        s.from(1, Word::cleaned, Value::List{false, Value()});
        EXPECT_EQ(s.told(), "leave");
        ASSERT_TRUE(s.coordinator.failure());
        EXPECT_EQ(s.coordinator.failure()->line(), "rank 1 (node1): gain: no space");
        EXPECT_FALSE(s.coordinator.stuck());
    });
}

TEST(Coordinator, ABrokenLinkGivesWayToWhatBrokeIt) {
    play([](Scene& s) {
        s.from(2, Word::failed, failed(2, "a link broke", ExitCode::communication));
        s.from(1, Word::failed, failed(1, "no space"));
        EXPECT_EQ(s.told(), "abort") << "once";
        EXPECT_EQ(s.coordinator.failure()->text, "no space");
        s.from(2, Word::failed, failed(2, "another link broke", ExitCode::communication));
        EXPECT_EQ(s.coordinator.failure()->text, "no space");
    });
}

TEST(Coordinator, NobodyLeavesInOrderWhenLinksCannotBeClosed) {
    play([](Scene& s) {
        s.from(1, Word::failed, failed(1, "no space"));
        EXPECT_EQ(s.told(), "abort");
        s.from(0, Word::cleaned, Value::List{false, Value()});
        s.from(1, Word::cleaned, Value::List{true, Value()});
        s.from(2, Word::cleaned, Value::List{false, Value()});
        EXPECT_TRUE(s.coordinator.stuck());
        EXPECT_EQ(s.told(), "");
    });
}

TEST(Coordinator, AStopEndsSourcesOnceAndKeepsPartialProducts) {
    play([](Scene& s) {
        s.from(2, Word::stop_asked);
        s.from(1, Word::stop_asked);
        EXPECT_EQ(s.told(), "stop");
        EXPECT_TRUE(s.coordinator.stopped());
        s.all_done(false, true);
        std::ofstream(s.out / "a1.partial") << "of an earlier stop";
        s.disk.run_all();
        EXPECT_FALSE(fs::exists(s.record())) << "no commit record";
        EXPECT_EQ(s.turn(), "");
        EXPECT_EQ(s.told(), "keep_partial");
        EXPECT_EQ(s.content, Value(2)) << "the second of these products";
        s.from_all(Word::published);
        s.disk.run_all();
        s.turn();
        EXPECT_EQ(s.told(), "leave");
    });
}

TEST(Coordinator, ARankWithoutASignOfLifeForPatienceIsLost) {
    play([](Scene& s) {
        s.now += 30s;
        EXPECT_EQ(s.turn(), "");
        s.from(0, Word::alive);
        s.from(2, Word::alive);
        s.now += 1ms;
        EXPECT_EQ(s.turn(), "rank 1 (node1): no sign of life for 30 s: the rank is lost");
        s.from(1, Word::quiet, quiet());
        EXPECT_EQ(s.turn(), "") << "any message counts";
        s.now += 31s;
        s.coordinator.forgive();
        EXPECT_EQ(s.turn(), "") << "rank 0 itself stood still";
    });
}

TEST(Coordinator, WhoHasSaidItsLastWordIsNotLost) {
    play([](Scene& s) {
        s.from_all(Word::done, done());
        s.from(0, Word::published);
        s.from(1, Word::published);
        s.now += 31s;
        EXPECT_EQ(s.turn(), "rank 2 (node2): no sign of life for 30 s: the rank is lost");
        s.from(2, Word::published);
        s.now += 31s;
        EXPECT_EQ(s.turn(), "");
    });
    play([](Scene& s) {
        s.from(1, Word::failed, failed(1, "no space"));
        s.from(0, Word::cleaned, Value::List{false, Value()});
        s.from(2, Word::cleaned, Value::List{false, Value()});
        s.now += 31s;
        EXPECT_EQ(s.turn(), "rank 1 (node1): no sign of life for 30 s: the rank is lost");
    });
}

TEST(Coordinator, ALossIsSaidOnceItIsKnownWhatHasBecomeOfTheFiles) {
    play([](Scene& s) {
        s.all_done(true);
        s.now += 31s;
        EXPECT_EQ(s.turn(), "") << "the record is being written";
        s.disk.run_all();
        EXPECT_EQ(s.turn(), "rank 1 (node1): no sign of life for 30 s: the rank is lost");
    });
    play([](Scene& s) {
        s.all_done(true);
        s.now += 61s;
        EXPECT_EQ(s.turn(), "rank 1 (node1): no sign of life for 30 s: the rank is lost") << "not for ever";
        EXPECT_EQ(s.coordinator.settle(1ms),
                  "whether its products are published is not known: `flowspan recover " + s.out.string() + "` says");
    });
}

TEST(Coordinator, RankZeroSettlesWhatOthersCannotDoAnyMore) {
    play([](Scene& s) {
        s.from(0, Word::made, Made{{{(s.out / "a").string(), (s.out / ".a.part").string(), 5, true, false}}}.value());
        EXPECT_EQ(s.coordinator.settle(1ms), "nothing is published");
    });
    play([](Scene& s) {
        s.all_done(true);
        s.disk.run_all();
        s.turn();
        EXPECT_EQ(s.told(), "publish");
        s.disk.at_once = true;
        EXPECT_EQ(s.coordinator.settle(1ms), "the products had been committed and are published");
        for (const char* name : {"a0", "a1", "a2"}) EXPECT_TRUE(fs::exists(s.out / name));
        EXPECT_FALSE(fs::exists(s.record()));
    });
    play([](Scene& s) {
        s.all_done(true);
        s.disk.run_all();
        s.turn();
        fs::create_directories(s.out / "a1" / "in the way");
        s.disk.at_once = true;
        EXPECT_EQ(s.coordinator.settle(1ms), "cannot publish " + (s.out / "a1").string() +
                                                 ": Is a directory; the other 2 products are published; " + s.record() +
                                                 " keeps it: mend that, then `flowspan recover " + s.out.string() +
                                                 "` or the next run that writes there publishes it");
    });
    play([](Scene& s) {
        s.all_done(true);
        s.disk.run_all();
        s.turn();
        EXPECT_EQ(s.coordinator.settle(1ms),
                  "the products had been committed: `flowspan recover " + s.out.string() + "` publishes what has no name yet")
            << "the file system takes its time";
    });
    play([](Scene& s) {
        s.from(2, Word::stop_asked);
        s.all_done(true, true);
        s.disk.run_all();
        s.turn();
        fs::rename(s.out / io::PartName{"a0", "run-1", 0, 0}.text(), s.out / "a0.partial");  // rank 0 has renamed its own
        EXPECT_EQ(s.coordinator.settle(1ms), "the run had been stopped, and what it made is kept as NAME.partial.EXT");
        for (const char* name : {"a0.partial", "a1.partial", "a2.partial"}) EXPECT_TRUE(fs::exists(s.out / name));
    });
    play([](Scene& s) {
        s.all_done();
        fs::remove_all(s.out);
        EXPECT_EQ(s.disk.jobs(), 1u);
        s.disk.run_all();
        EXPECT_EQ(s.coordinator.settle(1ms), "nothing is published") << "the record could not be written";
    });
}

TEST(Coordinator, ADeadlockNeedsReportsThatStayEqualAndNothingUnderWay) {
    const std::vector<Wish> cycle{wish(1, 2, "room before sink"), wish(2, 1, "samples of gain")};
    play([&](Scene& s) {
        const auto report = [&](int received) {
            s.from(0, Word::quiet, quiet(4, 1));
            s.from(1, Word::quiet, quiet(3, received, 1, cycle));
            s.from(2, Word::quiet, quiet(0, 2));
        };
        for (int k = 0; k < 5; ++k) report(3);
        EXPECT_EQ(s.told(), "") << "7 sent, 6 received";
        report(4);
        report(4);
        EXPECT_EQ(s.told(), "") << "changed since";
        s.from(0, Word::quiet, quiet(4, 1));
        EXPECT_EQ(s.told(), "");
        s.from(1, Word::quiet, quiet(3, 4, 1, cycle));
        EXPECT_EQ(s.told(), "abort");
        EXPECT_EQ(s.told_cause().line(),
                  "the flowgraph is in a deadlock:\n  gain waits for room before sink\n  sink waits for samples of gain\n"
                  "  the program of rank 0 waits within `wait`\n  the program of rank 1 waits within `wait`\n"
                  "  the program of rank 2 waits within `wait`");
        EXPECT_EQ(s.coordinator.failure()->code, ExitCode::block);
    });
}

TEST(Coordinator, ARankThatIsBusyOrHasMovedIsNoDeadlock) {
    play([](Scene& s) {
        for (int k = 0; k < 5; ++k) {
            s.from(0, Word::quiet, quiet());
            s.from(1, Word::quiet, quiet());
        }
        EXPECT_EQ(s.told(), "") << "rank 2 has said nothing";
        s.from(2, Word::quiet, quiet());
        s.from(2, Word::quiet, quiet());
        s.from(1, Word::alive, active(2));
        for (int k = 0; k < 5; ++k) {
            s.from(0, Word::quiet, quiet());
            s.from(2, Word::quiet, quiet());
        }
        EXPECT_EQ(s.told(), "") << "rank 1 has moved since";
        s.from(1, Word::quiet, quiet(0, 0, 2));
        s.from(1, Word::alive, active(2));
        s.from(1, Word::quiet, quiet(0, 0, 2));
        EXPECT_EQ(s.told(), "");
        s.from(1, Word::quiet, quiet(0, 0, 2));
        EXPECT_EQ(s.told(), "abort");
        EXPECT_THAT(s.told_cause().line(), HasSubstr("the flowgraph cannot go on:"));
    });
}

TEST(Coordinator, AllThatAreDoneAreNoDeadlock) {
    play([](Scene& s) {
        s.all_done();
        for (int k = 0; k < 5; ++k) s.from_all(Word::quiet, quiet());
        EXPECT_EQ(s.told(), "");
        EXPECT_FALSE(s.coordinator.failure());
    });
}

TEST(Coordinator, AHeldBlockIsADeadlockOnlyWhenAllProgramsWait) {
    play([](Scene& s) {
        const std::vector<Wish> held{wish(1, 1, "its release: it is held at 7")};
        for (int k = 0; k < 5; ++k) {
            s.from(0, Word::quiet, quiet(0, 0, 1, held, true));
            s.from(1, Word::quiet, quiet());
            s.from(2, Word::quiet, quiet(0, 0, 1, {}, false, {}));
        }
        EXPECT_EQ(s.told(), "") << "the program of rank 2 may release it";
        for (int k = 0; k < 3; ++k) s.from(2, Word::quiet, quiet(0, 0, 1, {}, false, "gain.get(constant)"));
        EXPECT_EQ(s.told(), "abort");
        EXPECT_THAT(s.coordinator.failure()->text, HasSubstr("gain waits for its release: it is held at 7"));
        EXPECT_THAT(s.coordinator.failure()->text, HasSubstr("the program of rank 2 waits within `gain.get(constant)`"));
    });
}

TEST(Coordinator, LetsBlocksRunWhenAllHaveBegun) {
    play([](Scene& s) {
        s.from(0, Word::begun);
        s.from(2, Word::begun);
        EXPECT_EQ(s.told(), "");
        s.from(1, Word::begun);
        EXPECT_EQ(s.told(), "go");
    });
}

TEST(Coordinator, KeepsTheNewestProgressOfEachRank) {
    play([](Scene& s) {
        s.from(1, Word::alive, active(1, 5));
        s.from(1, Word::alive, active(2, 8));
        s.from(1, Word::alive);
        EXPECT_EQ(s.coordinator.progress()[1]->samples, 8);
        EXPECT_FALSE(s.coordinator.progress()[2].has_value());
    });
}

TEST(Coordinator, AMessageThatItDoesNotKnowIsABug) {
    play([](Scene& s) {
        try {
            s.from(2, Word(200));
            ADD_FAILURE() << "it was taken";
        } catch (const Failure& e) {
            EXPECT_STREQ(e.what(), "control message `?` from rank 2");
            EXPECT_EQ(e.code(), ExitCode::bug);
        }
    });
}

}  // namespace
}  // namespace flowspan::run
