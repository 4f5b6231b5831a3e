// What workers answer and say.
#include "tests/unit/batch/worker/crew.hpp"

#include <flowspan/diagnostic.hpp>

#include <gmock/gmock.h>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <string>

namespace flowspan::batch::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Worker, AnswersAThousandTasksInOrder) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    for (int k = 0; k < 1000; ++k) worker->give(k);
    crew.hear_until([&] { return crew.all<Result>().size() == 1000; });
    const auto results = crew.all<Result>(worker.get());
    ASSERT_EQ(results.size(), 1000u);
    for (int k = 0; k < 1000; ++k) EXPECT_EQ(results[std::size_t(k)]->value, Value(k));
    EXPECT_EQ(worker->unanswered(), 0u);
}

TEST(Worker, WhatATaskThrowsIsItsFailureAndTheWorkerGoesOn) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    for (const char* what : {"throw", "throw an int", "large answer"}) {
        Value task = to_do(what);
        task["bytes"] = largest_message;  // and two quotes
        worker->give(task);
    }
    worker->give("next");
    EXPECT_EQ(crew.one<Result>(worker.get()).value, Value("next"));
    const auto failures = crew.all<Failed>(worker.get());
    ASSERT_EQ(failures.size(), 3u);
    EXPECT_EQ(failures[0]->cause, "cannot read a.wav: no");
    EXPECT_EQ(failures[0]->code, ExitCode::file);
    EXPECT_EQ(failures[1]->cause, "it threw what is no exception of the standard library");
    EXPECT_EQ(failures[1]->code, ExitCode::bug);
    EXPECT_EQ(failures[2]->cause, "its result has 67108866 bytes, at most 67108864 go");
}

TEST(Worker, OneThatIsSpentIsGivenNoOtherTask) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    worker->give("first");
    EXPECT_EQ(crew.one<Result>(worker.get()).value, Value("first"));
    EXPECT_FALSE(worker->spent());
    crew.heard.clear();
    worker->give(to_do("spend"));
    worker->give("not for it");
    EXPECT_EQ(crew.one<Result>(worker.get()).value, Value("spent"));
    EXPECT_TRUE(worker->spent());
    EXPECT_EQ(worker->unanswered(), 1U);
    for (int k = 0; k < 5; ++k) crew.nursery->poll(std::chrono::milliseconds(20));
    EXPECT_EQ(worker->unanswered(), 1U);
}

TEST(Worker, TheBlockWhoseCallItIsInIsItsPlace) {
    Crew crew;
    Ended end = crew.end_of(to_do("segfault in a block"));
    EXPECT_EQ(end.text, "the worker was ended by SIGSEGV, in inner");
    end = crew.end_of(to_do("segfault behind a block"));
    EXPECT_EQ(end.text, "the worker was ended by SIGSEGV, in outer");
}

TEST(Worker, ATaskThatIsTooLargeIsRefusedAtOnce) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    try {
        worker->give(std::string(largest_message, 'x'));
        FAIL();
    } catch (const Failure& e) { EXPECT_STREQ(e.what(), "a task has 67108866 bytes, at most 67108864 go"); }
    worker->give("next");
    EXPECT_EQ(crew.one<Result>(worker.get()).value, Value("next"));
}

TEST(Worker, LargeMessagesGoBothWaysAtOnce) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    const std::string large(5'000'000, 'y');
    for (int k = 0; k < 6; ++k) worker->give(Value::Map{{"number", k}, {"text", large}});
    crew.hear_until([&] { return crew.all<Result>().size() == 6; });
    for (const Result* result : crew.all<Result>()) EXPECT_EQ(result->value.at("text").string(), large);
}

TEST(Worker, OnlyTheLastProgressOfATurnIsTold) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    worker->give("here");
    crew.one<Result>();
    crew.heard.clear();
    worker->give(to_do("progress"));
    for (const auto until = Nursery::Clock::now() + std::chrono::minutes(1); worker->place() != "all said";)
        ASSERT_LT(Nursery::Clock::now(), until);
    EXPECT_EQ(crew.one<Result>().value, Value("there"));
    ASSERT_EQ(crew.all<Progress>().size(), 1u);
    EXPECT_EQ(crew.all<Progress>().back()->value, Value(100));
    EXPECT_TRUE(std::holds_alternative<Result>(crew.heard.back().what));
}

TEST(Worker, WhatATaskPrintsAreLinesBeforeItsAnswer) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    for (const char* text : {"one\ntwo\n\nthree", "four\n"}) {
        Value task = to_do("print");
        task["text"] = text;
        worker->give(task);
    }
    crew.hear_until([&] { return crew.all<Result>().size() == 2; });
    std::vector<std::string> printed;
    for (const Event& e : crew.heard) {
        if (const auto* line = std::get_if<Line>(&e.what)) printed.push_back(line->line.text);
        if (std::holds_alternative<Result>(e.what)) printed.emplace_back("answer");
    }
    const auto until = std::find(printed.begin(), printed.end(), "answer");
    EXPECT_THAT(std::vector<std::string>(printed.begin(), until),
                ::testing::UnorderedElementsAre("stdout: one", "stdout: two", "stdout: ", "stdout: three", "stderr: oh"));
    EXPECT_THAT(std::vector<std::string>(until + 1, printed.end()),
                ::testing::UnorderedElementsAre("stdout: four", "stderr: oh", "answer"));
}

TEST(Worker, AFloodOfLinesIsBoundedAndTheRestCounted) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    worker->give(to_do("log flood"));
    crew.one<Result>();
    EXPECT_EQ(crew.all<Line>().size(), 1001u);
    EXPECT_EQ(crew.all<Line>()[999]->line.text, "line 999");
    EXPECT_EQ(crew.all<Line>()[999]->line.block, "chatty");
    EXPECT_EQ(crew.all<Line>()[1000]->line.text, "4000 more lines of a task were left out");
    EXPECT_EQ(crew.all<Line>()[1000]->line.level, run::LogLevel::warning);

    crew.heard.clear();
    worker->give(to_do("print flood"));
    crew.one<Result>();
    EXPECT_EQ(crew.lines().front(), "stdout: line 0");
    EXPECT_EQ(crew.lines().back(), "199000 more lines of a task were left out");

    crew.heard.clear();  // the bound is a task's
    worker->give(to_do("log flood"));
    crew.one<Result>();
    EXPECT_EQ(crew.all<Line>()[999]->line.text, "line 999");
}

TEST(Worker, HoldsItsSocketAndTheStandardDescriptorsAlone) {
    const Descriptor secret(dup(STDOUT_FILENO));  // what the rank has open is no business of workers
    Crew crew;
    std::vector<std::unique_ptr<Handle>> others;
    for (int k = 0; k < 3; ++k) {
        others.push_back(crew.nursery->fork({}));
        others.back()->give(k);
    }
    crew.hear_until([&] { return crew.all<Result>().size() == 3; });
    crew.heard.clear();
    const auto worker = crew.nursery->fork({});
    worker->give(to_do("descriptors"));
    std::vector<std::string> open;
    const Result& result = crew.one<Result>(worker.get());
    for (const Value& one : result.value.list()) open.push_back(one.string());
    std::vector<std::string> kinds;
    for (const std::string& one : open) kinds.push_back(one.substr(one.find(' ') + 1));
    EXPECT_THAT(kinds, ::testing::UnorderedElementsAre("/dev/null", "pipe", "pipe", "socket"))
        << ::testing::PrintToString(open);
    EXPECT_THAT(open, ::testing::IsSupersetOf({"0 /dev/null", "1 pipe", "2 pipe"}));
}

TEST(Worker, IsTheFirstChoiceOfTheOutOfMemoryKillerAndTheNurseryIsNot) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    worker->give(1);
    crew.one<Result>();
    const auto badness = [](pid_t process) {
        std::ifstream file("/proc/" + std::to_string(process) + "/oom_score_adj");
        int value = -1;
        file >> value;
        return value;
    };
    EXPECT_EQ(badness(worker->process()), 1000);
    EXPECT_EQ(badness(crew.nursery->process()), badness(getpid()));
}

TEST(Worker, SignalsForTheRankDoNothing) {
    Crew crew;
    const auto worker = crew.nursery->fork({});
    worker->give(to_do("signals"));
    EXPECT_EQ(crew.one<Result>().value, Value("deaf"));
    for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGPIPE}) {
        kill(worker->process(), s);
        kill(crew.nursery->process(), s);
    }
    crew.heard.clear();
    worker->give("after");
    EXPECT_EQ(crew.one<Result>(worker.get()).value, Value("after"));
    const auto another = crew.nursery->fork({});
    another->give("anew");
    EXPECT_EQ(crew.one<Result>(another.get()).value, Value("anew"));
}

}  // namespace
}  // namespace flowspan::batch::test
