#include "io/writing/thread.hpp"

#include <gmock/gmock.h>

#include <future>
#include <vector>

#include "folder.hpp"
#include "io/publish/product.hpp"

namespace flowspan::io {
namespace {
using namespace std::chrono_literals;
using test::sentence_of;

TEST(IoThread, RunsJobsInTheOrderOfSubmission) {
    Publisher publisher("r");
    Thread thread(publisher);
    std::vector<int> seen;
    std::vector<Step> steps;
    for (int k = 0; k < 1000; ++k) steps.push_back(thread.submit([&seen, k] { seen.push_back(k); }));
    thread.drain();
    EXPECT_EQ(thread.outstanding(), 0u);
    for (auto& step : steps) EXPECT_TRUE(step.token->ready());
    ASSERT_EQ(seen.size(), 1000u);
    for (int k = 0; k < 1000; ++k) EXPECT_EQ(seen[std::size_t(k)], k);
}

TEST(IoThread, ATokenIsReadyOnlyWhenItsJobHasRun) {
    Publisher publisher("r");
    Thread thread(publisher);
    std::promise<void> gate;
    const Step first = thread.submit([opened = gate.get_future().share()] { opened.wait(); });
    const Step second = thread.submit([] {});
    EXPECT_FALSE(first.token->ready());
    EXPECT_FALSE(second.token->ready());
    EXPECT_EQ(thread.outstanding(), 2u);
    gate.set_value();
    thread.drain();
    EXPECT_TRUE(first.token->ready());
    EXPECT_TRUE(second.token->ready());
}

TEST(IoThread, ReadyThrowsWhatTheJobThrewAndLaterJobsRun) {
    Publisher publisher("r");
    Thread thread(publisher);
    const Step bad = thread.submit([] { throw Failure(ExitCode::file, "cannot write a: No space left on device"); });
    const Step good = thread.submit([] {});
    thread.drain();
    EXPECT_EQ(sentence_of([&] { bad.token->ready(); }), "cannot write a: No space left on device");
    EXPECT_EQ(sentence_of([&] { bad.token->ready(); }), "cannot write a: No space left on device");
    EXPECT_TRUE(good.token->ready());
}

TEST(IoThread, WaitForProgressReturnsAtOnceForAJobThatFinishedBefore) {
    Publisher publisher("r");
    Thread thread(publisher);
    const Step step = thread.submit([] {});
    while (!step.token->ready()) thread.wait_for_progress(10s);  // one lost wake-up would cost ten seconds
    thread.drain();
    thread.wait_for_progress(0us);
    thread.wait_for_progress(1us);  // nothing to come: returns by itself
}

TEST(IoThread, AJobLetsGoOfWhatItHoldsBeforeItsTokenIsReady) {
    Publisher publisher("r");
    Thread thread(publisher);
    auto held = std::make_shared<int>(1);
    const Step step = thread.submit([held] {});
    while (!step.token->ready()) thread.wait_for_progress(1s);
    EXPECT_EQ(held.use_count(), 1);
}

TEST(IoThread, DroppedJobsNeverRunAndTheirTokensSaySo) {
    Publisher publisher("r");
    bool ran = false;
    Step dropped;
    std::promise<void> gate;
    {
        Thread thread(publisher);
        (void)thread.submit([opened = gate.get_future().share()] { opened.wait(); });
        dropped = thread.submit([&] { ran = true; });
        thread.discard();
        gate.set_value();
    }
    EXPECT_FALSE(ran);
    EXPECT_EQ(sentence_of([&] { dropped.token->ready(); }), "a file operation was given up because the run ends");
}

TEST(IoThread, ProductsGoToThePublisher) {
    const test::Folder folder;
    Publisher publisher("r");
    Thread thread(publisher);
    EXPECT_EQ(thread.product(folder / "a.wav")->part(), folder / ".a.wav.r.0.0.part");
    EXPECT_EQ(thread.of_block(7).product(folder / "b.wav")->part(), folder / ".b.wav.r.0.7.part");
    EXPECT_EQ(publisher.entries().size(), 2u);
}

}  // namespace
}  // namespace flowspan::io
