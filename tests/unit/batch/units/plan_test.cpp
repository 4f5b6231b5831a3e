#include "batch/units/plan.hpp"

#include <gtest/gtest.h>

namespace flowspan::batch {
namespace {

using State = KnownUnit::State;

KnownUnit done(Texts parameters = {}) {
    return {State::done, "", std::move(parameters), {{"graph", "g1"}, {"recording", "r1"}}, {}};
}

Unit unit(const std::string& folder, Texts parameters = {}) {
    return {.folder = folder, .recording = "/data/" + folder, .parameters = std::move(parameters)};
}

TEST(Plan, SaysOfEachUnitWhatWillHappenAndWhy) {
    const std::vector<Unit> units{unit("new"),     unit("done"), unit("e/gain=2", {{"gain", "2"}}),
                                  unit("changed"), unit("lost"), unit("failed"),
                                  unit("half")};
    KnownUnits known{{"done", done({{"gain", "1"}, {"old", "x"}})},
                     {"e/gain=2", done({{"gain", "2"}})},
                     {"changed", done({{"gain", "3"}})},
                     {"lost", done({{"gain", "3"}})},
                     {"failed", done({{"gain", "3"}})},
                     {"half", {}},
                     {"not asked", done()}};
    known["changed"].fingerprint["recording"] = "r0";
    known["changed"].fingerprint["graph"] = "g0";
    known["lost"].missing = {"audio.wav", "a.png"};
    known["failed"].state = State::failed;
    known["failed"].cause = "cannot read\n/data/failed";
    known["half"].parameters = {{"gain", "3"}};
    known["half"].fingerprint = {{"graph", "g1"}, {"recording", "r1"}};
    const Asked asked{{{"gain", "3"}}, {{"graph", "g1"}}, [](const Unit&) { return Texts{{"recording", "r1"}}; }};
    EXPECT_EQ(plan_text(units, plan(units, known, asked)),
              "changed: run again: graph changed, recording changed\n"
              "done: run again: gain 1 -> 3, old x -> (not given)\n"
              "e/gain=2: nothing to do\n"
              "failed: run again: failed before: cannot read /data/failed\n"
              "half: run again: not finished before\n"
              "lost: run again: product audio.wav is missing, product a.png is missing\n"
              "new: run\n"
              "7 units: 1 new, 5 again, 1 as they are\n");
}

TEST(Plan, ComparesWhatIsGivenOnOneSideOnly) {
    const std::vector<Unit> units{unit("a")};
    const Asked asked{{{"gain", "3"}, {"on", ""}}, {{"graph", "g1"}, {"recording", "r1"}, {"flowspan", "2"}}, {}};
    EXPECT_EQ(plan_text(units, plan(units, {{"a", done({{"zero", "0"}})}}, asked)),
              "a: run again: gain (not given) -> 3, on (not given) -> , zero 0 -> (not given), flowspan changed\n1 unit: 0 "
              "new, 1 again, 0 as they are\n");
    EXPECT_EQ(plan_text({}, plan({}, {}, {})), "0 units: 0 new, 0 again, 0 as they are\n");
}

}  // namespace
}  // namespace flowspan::batch
