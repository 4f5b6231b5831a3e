// Retunings find the first item that stands at or behind their place, whatever a call makes.
#include "runtime/flow/retuning_flow.hpp"
#include "tests/unit/runtime/stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace flowspan::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using tests::Stage;

constexpr memory::Deviation item = memory::Deviation(1) << 32;  // a place, in input items

/// One output that makes an item of four.
struct Flow {
    Flow()
        : stage({.ratio = {.decimation = 4}, .data_dependent = true, .need = 1, .at_most = 64, .room = 64, .stream = placed()}),
          places(stage.block, stage, stage.at),
          retunings(stage) {}
    static StreamDescription placed() {
        StreamDescription d = tests::stream();
        d.places = 1;
        return d;
    }
    /// A call makes so many items. Returns where they have new frequencies.
    std::vector<std::pair<std::uint64_t, double>> make(std::size_t n) {
        Access::stated(*stage.outs[0].port).clear();
        Access::place(*stage.outs[0].port, stage.behind().write_place(), stage.outs[0].anchor + stage.outs[0].made);
        places.state({n});
        retunings.move({n}, places);
        stage.outs[0].made += n;
        stage.behind().issue(n);
        stage.behind().complete(n);
        std::vector<std::pair<std::uint64_t, double>> found;
        memory::Reader& reader = *stage.readers[0];
        while (const memory::Retuning* r = reader.next_retuning()) {
            found.emplace_back(r->index, r->center_frequency.value_or(-1));
            reader.took_retunings(r->index);
        }
        return found;
    }
    Stage stage;
    Places places;
    RetuningFlow retunings;
};

TEST(RetuningFlow, GivesTheFirstItemAtOrBehindThePlaceTheFrequency) {
    Flow flow;
    flow.retunings.wait(0, 8 * item, 100e6);   // item 2 stands there
    flow.retunings.wait(0, 13 * item, 101e6);  // item 4 is the first behind
    EXPECT_THAT(flow.make(2), IsEmpty());
    EXPECT_THAT(flow.make(1), ElementsAre(Pair(2, 100e6)));
    EXPECT_THAT(flow.make(1), IsEmpty());
    EXPECT_THAT(flow.make(5), ElementsAre(Pair(4, 101e6)));
}

TEST(RetuningFlow, DoesNotDependOnWhatACallMakes) {
    for (const std::size_t n : {1, 2, 3, 7, 12}) {
        Flow flow;
        flow.retunings.wait(0, 5 * item, 1e6);
        flow.retunings.wait(0, 33 * item, std::nullopt);
        std::vector<std::pair<std::uint64_t, double>> all;
        for (std::size_t made = 0; made < 12; made += n)
            for (const auto& one : flow.make(n)) all.push_back(one);
        EXPECT_THAT(all, ElementsAre(Pair(2, 1e6), Pair(9, -1))) << n << " items a call";
    }
}

TEST(RetuningFlow, ForgetsWhatALaterWordReplaces) {
    Flow flow;
    flow.retunings.wait(0, 8 * item, 100e6);
    flow.retunings.forget(0);
    flow.retunings.wait(0, 12 * item, 102e6);
    EXPECT_THAT(flow.make(6), ElementsAre(Pair(3, 102e6)));
}

TEST(RetuningFlow, BeginsEachStretchWithNothing) {
    Flow flow;
    flow.retunings.wait(0, 8 * item, 100e6);
    flow.retunings.end_stretch();
    EXPECT_THAT(flow.make(6), IsEmpty());
}

}  // namespace
}  // namespace flowspan::runtime
