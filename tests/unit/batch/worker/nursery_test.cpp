// The process that workers come from: plug-ins, its own end, and that of its rank.
#include "tests/unit/batch/worker/crew.hpp"

#include "batch/worker/nursery/memory_kills.hpp"

#include <flowspan/diagnostic.hpp>

#include <gmock/gmock.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

namespace flowspan::batch::test {
namespace {

using ::testing::HasSubstr;
using How = Ended::How;

std::string plugins_of(Crew& crew, Handle& worker) {
    crew.heard.clear();
    worker.give(to_do("plug-ins"));
    return crew.one<Result>(&worker).value.json();
}

TEST(Nursery, LoadsPluginsForTheWorkersThatComeAfter) {
    Crew crew;
    crew.nursery->load(Value::List{"a.so", "b.so"});
    EXPECT_EQ(crew.one<Loaded>().error, "");
    const auto before = crew.nursery->fork({});
    EXPECT_EQ(plugins_of(crew, *before), R"(["a.so","b.so"])");
    crew.heard.clear();
    crew.nursery->load(Value::List{"c.so"});
    EXPECT_EQ(crew.one<Loaded>().error, "");
    const auto after = crew.nursery->fork({});
    EXPECT_EQ(plugins_of(crew, *after), R"(["a.so","b.so","c.so"])");
    EXPECT_EQ(plugins_of(crew, *before), R"(["a.so","b.so"])");
}

TEST(Nursery, SaysWhatIsWrongWithAPlugin) {
    Crew crew;
    crew.nursery->load(Value::List{"a.so", "bad.so"});
    const Loaded& answer = crew.one<Loaded>();
    EXPECT_EQ(answer.error, "bad.so: expected a plug-in, got a text");
    EXPECT_EQ(answer.code, ExitCode::usage);
    const auto worker = crew.nursery->fork({});
    EXPECT_EQ(plugins_of(crew, *worker), R"(["a.so"])");
}

TEST(Nursery, APluginThatKillsItIsNoHang) {
    Crew crew;
    crew.nursery->load(Value::List{"deadly.so"});
    EXPECT_EQ(crew.one<Lost>().text, "the nursery was ended by SIGSEGV");
    EXPECT_EQ(crew.nursery->lost(), "the nursery was ended by SIGSEGV");
    try {
        crew.nursery->load(Value::List{"a.so"});
        FAIL();
    } catch (const Failure& e) { EXPECT_STREQ(e.what(), "the nursery was ended by SIGSEGV"); }
}

TEST(Nursery, WhatAPluginPrintsAtItsLoadingIsNoLineOfATask) {
    Crew crew;
    crew.nursery->load(Value::List{"loud.so"});
    crew.one<Loaded>();
    const auto worker = crew.nursery->fork({});
    plugins_of(crew, *worker);
    EXPECT_TRUE(crew.lines().empty());
}

TEST(Nursery, DroppedWorkersLeave) {
    Crew crew;
    auto idle = crew.nursery->fork({}), busy = crew.nursery->fork({}), unborn = crew.nursery->fork({});
    unborn->give(to_do("loop"));
    unborn.reset();
    idle->give(1);
    busy->give(to_do("loop"));
    crew.one<Result>(idle.get());
    crew.hear_until([&] { return busy->place() == "spin"; });
    const pid_t first = idle->process(), second = busy->process();
    idle.reset();
    busy.reset();
    EXPECT_TRUE(goes(first));
    EXPECT_TRUE(goes(second));
    const auto worker = crew.nursery->fork({});
    worker->give(2);
    EXPECT_EQ(crew.one<Result>(worker.get()).value, Value(2));
}

TEST(Nursery, ARankThatMayOpenNothingMoreSaysSo) {
    Crew crew;
    struct rlimit before {};
    getrlimit(RLIMIT_NOFILE, &before);
    struct rlimit none = before;
    const int next = dup(STDOUT_FILENO);
    close(next);
    none.rlim_cur = rlim_t(next);
    setrlimit(RLIMIT_NOFILE, &none);
    const auto worker = crew.nursery->fork({});
    worker->give(1);
    const Ended end = crew.one<Ended>();
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(end.how, How::no_fork);
    EXPECT_EQ(end.text, "cannot take a worker's socket: this process has too many open files");
    EXPECT_TRUE(goes(worker->process()));
    const auto another = crew.nursery->fork({});
    another->give(2);
    EXPECT_EQ(crew.one<Result>(another.get()).value, Value(2));
}

TEST(Nursery, WhenItIsKilledItsWorkersGoAndTheRankKnows) {
    Crew crew;
    const auto busy = crew.nursery->fork({}), idle = crew.nursery->fork({});
    busy->give(to_do("live loop"));
    idle->give(1);
    crew.one<Result>(idle.get());
    crew.hear_until([&] { return busy->place() == "spin"; });
    kill(crew.nursery->process(), SIGKILL);
    crew.hear_until([&] { return crew.all<Ended>().size() == 2; });
    EXPECT_EQ(crew.one<Lost>().text, "the nursery was ended by SIGKILL");
    const Ended& end = crew.one<Ended>(busy.get());
    EXPECT_EQ(end.how, How::nursery);
    EXPECT_EQ(end.text, "the worker went with its nursery: the nursery was ended by SIGKILL");
    EXPECT_EQ(end.unanswered, 1u);
    EXPECT_TRUE(goes(busy->process()));
    EXPECT_TRUE(goes(idle->process()));
    const auto another = crew.nursery->fork({});
    another->give(2);
    EXPECT_EQ(crew.one<Ended>(another.get()).text, "the worker went with its nursery: the nursery was ended by SIGKILL");
}

TEST(Nursery, OneThatDoesNotAnswerCountsAsGone) {
    Crew crew(Nursery::Clock::now, 0.5);
    const auto worker = crew.nursery->fork({});
    worker->give(1);
    crew.one<Result>();
    kill(crew.nursery->process(), SIGSTOP);
    const auto another = crew.nursery->fork({});
    EXPECT_EQ(crew.one<Lost>().text, "the nursery has not answered for 0.5 s");
    EXPECT_TRUE(goes(worker->process()));
    EXPECT_TRUE(goes(crew.nursery->process()));
    crew.hear_until([&] { return worker->over() && another->over(); });
}

TEST(Nursery, OneThatDoesNotKillCountsAsGone) {
    Crew crew(Nursery::Clock::now, 0.5);
    const auto worker = crew.nursery->fork({});
    worker->give(to_do("loop"));
    crew.hear_until([&] { return worker->place() == "spin"; });
    kill(crew.nursery->process(), SIGSTOP);
    worker->kill();
    EXPECT_EQ(crew.one<Lost>().text, "the nursery has not answered for 0.5 s");
    EXPECT_EQ(crew.one<Ended>().text, "the worker was ended on request");
    EXPECT_TRUE(goes(worker->process()));
}

/// Runs `rank` in a process of its own, which is not awaited.
pid_t as_a_rank(const std::function<void(const Descriptor& report)>& rank, Descriptor& report) {
    auto [reads, writes] = pipe_pair();
    const pid_t process = fork();
    if (process == 0) {
        reads.close();
        rank(writes);
        _exit(0);
    }
    report = std::move(reads);
    return process;
}

TEST(Nursery, WhenItsRankIsKilledNothingIsLeft) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    Descriptor report;
    const pid_t rank = as_a_rank(
        [](const Descriptor& to) {
            Crew crew;
            const auto busy = crew.nursery->fork({}), idle = crew.nursery->fork({});
            busy->give(to_do("live loop"));
            idle->give(1);
            crew.one<Result>(idle.get());
            crew.hear_until([&] { return busy->place() == "spin"; });
            const std::array<pid_t, 3> all{crew.nursery->process(), busy->process(), idle->process()};
            if (write(to.get(), all.data(), sizeof all) < 0) _exit(1);
            for (;;) pause();
        },
        report);
    std::array<pid_t, 3> all{};
    ASSERT_EQ(read(report.get(), all.data(), sizeof all), ssize_t(sizeof all));
    for (const pid_t process : all) EXPECT_TRUE(is_alive(process));
    kill(rank, SIGKILL);
    EXPECT_EQ(waitpid(rank, nullptr, 0), rank);
    for (const pid_t process : all) EXPECT_TRUE(goes(process));
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST(Nursery, SignalsForTheGroupOfItsRankDoNotReachWorkers) {
    Descriptor report;
    const pid_t rank = as_a_rank(
        [](const Descriptor& to) {
            setpgid(0, 0);
            Crew crew;
            const auto worker = crew.nursery->fork({});
            worker->give(1);
            crew.one<Result>();
            for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1}) {
                std::signal(s, SIG_IGN);
                kill(0, s);
            }
            crew.heard.clear();
            worker->give("goes on");
            const std::string answer = crew.one<Result>().value.string();
            if (getpgid(worker->process()) != worker->process() || write(to.get(), answer.data(), answer.size()) < 0) _exit(1);
        },
        report);
    std::string answer(7, ' ');
    EXPECT_EQ(read(report.get(), answer.data(), answer.size()), 7);
    EXPECT_EQ(answer, "goes on");
    int status = 0;
    EXPECT_EQ(waitpid(rank, &status, 0), rank);
    EXPECT_EQ(status, 0);
}

TEST(MemoryKills, AreCountedInTheGroupsOfTheProcessAndOnTheHost) {
    namespace fs = std::filesystem;
    const fs::path root = fs::path(::testing::TempDir()) / ("memory_kills" + std::to_string(getpid()));
    const auto write = [&](const std::string& path, const std::string& text) {
        fs::create_directories((root / path).parent_path());
        std::ofstream(root / path) << text;
    };
    write("proc/vmstat", "nr_free_pages 17\noom_kill 9\npswpin 0\n");
    write("proc/self/cgroup", "12:cpuset:/\n4:memory:/job\n0::/user/step_0\n");
    write("sys/fs/cgroup/user/step_0/memory.events", "low 0\nhigh 0\nmax 3\noom 2\noom_kill 2\n");
    EXPECT_EQ(memory_kills(root).host, 9u);
    EXPECT_EQ(memory_kills(root).group, 2u);
    write("sys/fs/cgroup/memory/job/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n");
    EXPECT_EQ(memory_kills(root).group, 7u);
    fs::remove_all(root);
    EXPECT_EQ(memory_kills(root).host + memory_kills(root).group, 0u);
}

}  // namespace
}  // namespace flowspan::batch::test
