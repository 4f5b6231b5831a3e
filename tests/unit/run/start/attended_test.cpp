// Ranks that meet while a run begins: in order, again and again, and without one that does not come.
#include "run/signs/attended.hpp"

#include "comm/local/local.hpp"
#include "core/process/alive.hpp"
#include "run/agree/together.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "run/signs/signals.hpp"

namespace flowspan::run {
namespace {

TEST(Attended, MeetsBeforeEveryStepAgainAndAgain) {
    for (const std::uint64_t seed : {0, 1, 2, 3}) {
        comm::run_local(4,
                        [](comm::Communicator& inner) {
                            for (int time = 0; time < 20; ++time) {  // each leaves nothing for the next
                                Attended ranks(inner, 30, {});
                                const std::vector<std::string> all = ranks.all_gather(std::to_string(inner.rank()));
                                EXPECT_EQ(all, (std::vector<std::string>{"0", "1", "2", "3"}));
                                EXPECT_EQ(ranks.broadcast(std::to_string(inner.rank() + 7)), "7");
                                ranks.over();
                            }
                            EXPECT_FALSE(inner.anything_unreceived());
                        },
                        {.delay_seed = seed});
    }
}

TEST(Attended, NamesWhoGivesNoSignOfLife) {
    for (const int lost : {0, 1}) {
        ::testing::internal::CaptureStderr();
        std::vector<int> codes(2, -1);
        comm::run_local(2, [&](comm::Communicator& inner) {
            if (inner.rank() == lost) return;
            Attended ranks(inner, 0.2, [&](int code) { codes[std::size_t(inner.rank())] = code; });
            try {
                ranks.all_gather("");
                ADD_FAILURE() << "a rank that is not there has come";
            } catch (const ToldToLeave& told) { EXPECT_TRUE(told.said); }
        });
        const std::string who = "rank " + std::to_string(lost);
        EXPECT_EQ(::testing::internal::GetCapturedStderr(),
                  "flowspan: " + who + ": no sign of life for 0.2 s: the rank is lost; nothing is published\n");
        EXPECT_EQ(codes[std::size_t(1 - lost)], int(ExitCode::communication));
    }
}

// A step many times as long as patience, which gives signs of life.
TEST(Attended, WaitsForLongSteps) {
    comm::run_local(2, [](comm::Communicator& inner) {
        Attended ranks(inner, 0.2, {});
        together(ranks, [&] {
            if (inner.rank() == 1) return;
            const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
            while (std::chrono::steady_clock::now() < until) still_here();
        });
        ranks.over();
    });
}

// So does a worker of a batch, whose rank measures its silence while it hashes a large recording.
TEST(Attended, LetsWhoeverAttendedBeforeLookToo) {
    struct Before : Attendant {
        int looks = 0;
        void look() override { ++looks; }
    } before;
    Attendant* const none = attended_by(&before);
    comm::run_local(1, [&](comm::Communicator& inner) {
        Attendant* const own = attended_by(&before);  // (ranks may have threads of their own)
        {
            Attended ranks(inner, 30, {});
            for (int tries = 0; before.looks == 0 && tries < 5000; ++tries) {
                still_here();
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        }
        attended_by(own);
    });
    attended_by(none);
    EXPECT_GT(before.looks, 0);
}

TEST(Attended, AStopEndsTheStepOnAllRanks) {
    const Signals signals(true);
    std::raise(SIGUSR1);
    comm::run_local(2, [](comm::Communicator& inner) {
        Attended ranks(inner, 30, {});
        try {
            together(ranks, [&] {
                while (inner.rank() == 1) still_here();
            });
            ADD_FAILURE() << "nothing has ended the step";
        } catch (const Failure& e) {
            EXPECT_EQ(e.code(), ExitCode::stopped);
            EXPECT_STREQ(e.what(), "stopped on request; it came before the first sample, and nothing is made");
        }
        ranks.over();
    });
}

}  // namespace
}  // namespace flowspan::run
