// How workers end, and what is said of it.
#include "tests/unit/batch/worker/crew.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <string>

namespace flowspan::batch::test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;
using How = Ended::How;

void expect(const Ended& end, How how, int number, const std::string& text) {
    EXPECT_EQ(end.how, how);
    EXPECT_EQ(end.number, number);
    EXPECT_EQ(end.text, text);
}

TEST(WorkerEnds, ByASignal) {
    const Ended end = Crew().end_of(to_do("segfault"));
    expect(end, How::signal, SIGSEGV, "the worker was ended by SIGSEGV");
    EXPECT_EQ(end.unanswered, 1u);
    EXPECT_GT(end.peak_bytes, 100'000u);
}

TEST(WorkerEnds, AndThePlaceIsSaid) {
    expect(Crew().end_of(to_do("segfault there")), How::signal, SIGSEGV, "the worker was ended by SIGSEGV, in lowpass");
}

TEST(WorkerEnds, ByAWildPointer) {
    const Ended end = Crew().end_of(to_do("wild pointer"));  // where undefined behaviour is looked for, that is said first
    EXPECT_THAT(end.text, ::testing::AnyOf("the worker was ended by SIGSEGV", StartsWith("the worker left with exit code "),
                                           StartsWith("the worker was ended by SIGSEGV; its last words: ")));
}

TEST(WorkerEnds, ByAbortWithItsLastWords) {
    expect(Crew().end_of(to_do("abort")), How::signal, SIGABRT,
           "the worker was ended by SIGABRT; its last words: it\\x1b[31m is over");
}

TEST(WorkerEnds, ByAnExceptionThatNobodyCatches) {
    expect(Crew().end_of(to_do("terminate")), How::signal, SIGABRT,
           "the worker was ended by SIGABRT; its last words:   what():  nobody catches this");
}

TEST(WorkerEnds, ByExitWithoutWhatTheRankWouldDoAtItsOwn) {
    static bool in_the_rank = true;
    std::atexit([] {
        if (!in_the_rank) _exit(77);
    });
    in_the_rank = false;
    Crew crew;
    in_the_rank = true;
    expect(crew.end_of(to_do("exit")), How::left, 3, "the worker left with exit code 3");
    crew.end_of(to_do("print and exit"));
    EXPECT_THAT(crew.lines(), ::testing::Contains("stdout: half a line"));
}

TEST(WorkerEnds, ByKillFromOutside) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    worker->give(to_do("live loop"));
    crew.hear_until([&] { return worker->place() == "spin"; });
    kill(worker->process(), SIGKILL);
    const Ended& end = crew.one<Ended>();
    EXPECT_EQ(end.number, SIGKILL);
    if (end.how != How::memory) expect(end, How::signal, SIGKILL, "the worker was ended by SIGKILL, in spin");
    EXPECT_TRUE(worker->over());
}

TEST(WorkerEnds, OnRequest) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    worker->give(to_do("loop"));
    worker->give("never");
    crew.hear_until([&] { return worker->place() == "spin"; });
    worker->kill();
    const Ended& end = crew.one<Ended>();
    expect(end, How::killed, 0, "the worker was ended on request");
    EXPECT_EQ(end.unanswered, 2u);
    EXPECT_TRUE(goes(worker->process()));
}

TEST(WorkerEnds, AfterTheTimeout) {
    expect(Crew().end_of(to_do("live loop"), {.timeout_s = 0.3, .silence_s = 20}), How::timeout, 0,
           "it took longer than --timeout 0.3 s, in spin");
}

TEST(WorkerEnds, TheTimeoutIsATasksAndNotOfThemAll) {
    Crew crew;
    const auto worker = crew.nursery->fork({.timeout_s = 20});
    for (int k = 0; k < 3; ++k) {
        Value task = to_do("wait");
        task["seconds"] = 0.01;
        worker->give(task);
    }
    crew.hear_until([&] { return crew.all<Result>().size() == 3; });
    EXPECT_TRUE(crew.all<Ended>().empty());
}

TEST(WorkerEnds, AfterSilence) {
    expect(Crew().end_of(to_do("loop"), {.silence_s = 0.3}), How::silent, 0,
           "no sign of life for 0.3 s, half of --patience, in spin");
}

TEST(WorkerEnds, SignsOfLifeKeepIt) {
    Crew crew;
    const auto worker = crew.nursery->fork({.timeout_s = 2, .silence_s = 0.5});
    worker->give(to_do("live loop"));
    EXPECT_EQ(crew.one<Ended>().how, How::timeout);
}

TEST(WorkerEnds, WhenItIsStopped) {
    Crew crew;
    const auto worker = crew.nursery->fork({.silence_s = 0.5});
    worker->give(to_do("live loop"));
    crew.hear_until([&] { return worker->place() == "spin"; });
    kill(worker->process(), SIGSTOP);
    EXPECT_EQ(crew.one<Ended>().text, "no sign of life for 0.5 s, half of --patience, in spin");
}

TEST(WorkerEnds, AnIdleOneMayBeSilent) {
    Crew crew;
    const auto worker = crew.nursery->fork({.timeout_s = 0.05, .silence_s = 0.05});
    const auto other = crew.nursery->fork({.timeout_s = 0.3});
    other->give(to_do("loop"));
    EXPECT_EQ(crew.one<Ended>(other.get()).how, How::timeout);
    worker->give("still there");
    EXPECT_EQ(crew.one<Result>(worker.get()).value, Value("still there"));
}

TEST(WorkerEnds, ARankThatStoodStillBlamesNobody) {
    auto now = Nursery::Clock::time_point(std::chrono::hours(1));
    Crew crew([&now] { return now; });
    const auto worker = crew.nursery->fork({.timeout_s = 10, .silence_s = 5});
    worker->give(to_do("loop"));
    crew.hear_until([&] { return worker->place() == "spin"; });
    const auto turn = [&](std::chrono::milliseconds passes) {
        now += passes;
        for (Event& e : crew.nursery->poll(std::chrono::milliseconds(0))) crew.heard.push_back(std::move(e));
    };
    turn(std::chrono::hours(3));  // all were stopped
    turn(std::chrono::milliseconds(0));
    EXPECT_TRUE(crew.all<Ended>().empty());
    for (int k = 0; k < 49; ++k) turn(std::chrono::milliseconds(100));
    EXPECT_FALSE(worker->over());
    for (int k = 0; k < 3; ++k) turn(std::chrono::milliseconds(100));
    EXPECT_EQ(crew.one<Ended>().how, How::silent);
}

TEST(WorkerEnds, BySayingWhatIsNoMessage) {
    Crew crew;
    expect(crew.end_of(to_do("garbage")), How::garbage, 0,
           "the worker sent what is no message (68 65 6c 6c 6f 2c 20 74 68 69 73 20 69 73 20 6e)");
    expect(crew.end_of(to_do("garbage and exit")), How::garbage, 0, "the worker sent what is no message (68 65 6c 6c 6f)");
    expect(crew.end_of(to_do("huge message")), How::garbage, 0,
           "the worker sent a message of 268435456 bytes, at most 67108864 are taken");
    expect(crew.end_of(to_do("half a message")), How::left, 0, "the worker left with exit code 0 in the middle of a message");
    EXPECT_THAT(crew.end_of(to_do("no JSON")).text, StartsWith("the worker sent what cannot be read: "));
    expect(crew.end_of(to_do("close")), How::garbage, 0, "the worker has closed its socket");
}

TEST(WorkerEnds, AndTheNextOneServes) {
    Crew crew;
    for (const char* death : {"segfault", "abort", "exit", "garbage"}) {
        crew.end_of(to_do(death));
        crew.heard.clear();
        const auto worker = crew.nursery->fork({});
        worker->give(death);
        EXPECT_EQ(crew.one<Result>(worker.get()).value, Value(death));
    }
}

TEST(WorkerEnds, WithAllThatItHasStarted) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    worker->give(to_do("leave a child"));
    const auto child = pid_t(crew.one<Progress>().value.integer());
    EXPECT_TRUE(is_alive(child));
    kill(worker->process(), SIGKILL);
    crew.one<Ended>();
    EXPECT_TRUE(goes(child));
}

TEST(WorkerEnds, ByTheOutOfMemoryKiller) {
    Report report = Report::from(
        Value::Map{{"signal", SIGKILL}, {"group", 1}, {"host", 1}, {"peak_bytes", std::int64_t(3) << 29}, {"cpu_s", 2.5}});
    expect(explain(report, {.place = "psd"}), How::memory, SIGKILL,
           "the out-of-memory killer ended the worker, at 1536 MiB, in psd");
    EXPECT_EQ(explain(report, {}).cpu_s, 2.5);
    report.group_killed = false;
    expect(explain(report, {}), How::memory, SIGKILL,
           "the worker was ended by SIGKILL while the out-of-memory killer of the host was at work, at 1536 MiB");
    report.number = SIGSEGV;  // another process was killed
    expect(explain(report, {}), How::signal, SIGSEGV, "the worker was ended by SIGSEGV");
    report = Report::from(Value::Map{{"exit", SIGKILL}, {"group", 1}, {"host", 1}, {"peak_bytes", 1}, {"cpu_s", 0}});
    expect(explain(report, {}), How::left, SIGKILL, "the worker left with exit code 9");
}

Value with_bytes(const char* what, std::size_t bytes) {
    Value task = to_do(what);
    task["bytes"] = bytes;
    return task;
}
constexpr std::size_t mib = std::size_t(1) << 20;

TEST(WorkerMemory, RingsBeyondTheLimitFailTheTask) {
    Crew crew;
    const auto worker = crew.nursery->fork({.memory = 64 * mib});
    worker->give(with_bytes("rings", 80 * mib));
    worker->give(with_bytes("rings", 40 * mib));
    worker->give(with_bytes("rings", 40 * mib));  // those before are gone
    crew.hear_until([&] { return crew.all<Result>().size() == 2; });
    ASSERT_EQ(crew.all<Failed>().size(), 1u);
    EXPECT_EQ(crew.all<Failed>()[0]->cause,
              "out of memory: it needs more than --unit-memory 64 MiB: stream buffers of 83886080 bytes");
    EXPECT_EQ(crew.all<Failed>()[0]->code, ExitCode::block);
    EXPECT_EQ(crew.all<Result>()[1]->value, Value(1));
}

TEST(WorkerMemory, WithoutALimitThereIsNone) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    worker->give(with_bytes("rings", 80 * mib));
    worker->give(with_bytes("allocate", 80 * mib));
    crew.hear_until([&] { return crew.all<Result>().size() == 2; });
}

TEST(WorkerMemory, AllocationsBeyondTheLimitFailTheTask) {
    if (under_address_sanitizer()) GTEST_SKIP() << "AddressSanitizer ends a process whose memory is refused";
    Crew crew;
    const auto worker = crew.nursery->fork({.memory = 64 * mib});
    worker->give(with_bytes("allocate", 80 * mib));
    worker->give(with_bytes("allocate", 40 * mib));
    EXPECT_EQ(crew.one<Result>().value, Value(1));
    ASSERT_EQ(crew.all<Failed>().size(), 1u);
    EXPECT_EQ(crew.all<Failed>()[0]->cause, "out of memory: it needs more than --unit-memory 64 MiB");
}

TEST(WorkerMemory, WhoDiesOfItIsSaidTo) {
    if (under_address_sanitizer()) GTEST_SKIP() << "AddressSanitizer ends a process whose memory is refused";
    expect(
        Crew().end_of(to_do("terminate by memory"), {.memory = 64 * mib}), How::signal, SIGABRT,
        "out of memory: it needs more than --unit-memory 64 MiB: the worker was ended by SIGABRT; its last words:   what():  "
        "std::bad_alloc");
}

}  // namespace
}  // namespace flowspan::batch::test
