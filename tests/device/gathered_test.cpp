// Pieces of several calls in one launch.
#include "memory/device/gathered.hpp"

#include "kernels/arithmetic/arithmetic_device.hpp"
#include "kernels/copy/copy_device.hpp"
#include "kernels/fir/fir_device.hpp"
#include "kernels/spectrum/psd_device.hpp"
#include "tests/device/kernels.hpp"

#include <gmock/gmock.h>

#include <array>
#include <vector>

namespace flowspan::device {
namespace {

using kernels::DeviceScaling;
using testing::ElementsAre;

/// Notes what it is told.
struct Notes final : Stopwatch {
    std::size_t begin() override { return begun++; }
    void end(std::size_t which, std::span<const TimedCall> calls, double items) override {
        for (const TimedCall& call : calls) *call.work_s += call.calls * call.items / items;
        ended.push_back(which);
    }
    std::size_t begun = 0;
    std::vector<std::size_t> ended;
};

struct Late : testing::Test {
    Late() { behave("order=late"); }
    ~Late() override { behave(""); }
};

struct Gathering : Late {
    Gathering() { queue.gather(notes); }
    void scale(const Array<f32>& in, const Array<f32>& out, std::uint64_t n, f32 factor) {
        const DeviceScaling piece{in.data(), out.data(), n, factor};
        kernels::scale(queue, std::span(&piece, 1));
    }
    std::uint64_t launches() const { return queue.counts().launches; }

    Notes notes;
    Queue queue{0};
    Array<f32> in{queue, std::vector<f32>{1, 2, 3, 4, 5, 6}};
};

TEST_F(Gathering, CallsOfOneKindAreOneLaunch) {
    std::vector<Array<f32>> outs;
    for (int k = 0; k < 700; ++k) outs.emplace_back(6);
    for (int k = 0; k < 700; ++k) scale(in, outs[std::size_t(k)], k % 2 == 0 ? 6 : 4, f32(k));
    EXPECT_EQ(launches(), 0U);
    queue.flush();
    EXPECT_EQ(launches(), 1U);
    EXPECT_THAT(outs[699].get(queue), ElementsAre(699, 2 * 699, 3 * 699, 4 * 699, testing::_, testing::_));
    EXPECT_THAT(outs[698].get(queue), ElementsAre(698, 2 * 698, 3 * 698, 4 * 698, 5 * 698, 6 * 698));
    queue.flush();
    EXPECT_EQ(launches(), 1U) << "nothing waited";
}

TEST_F(Gathering, WhatIsIssuedLaterSeesThem) {
    const Array<f32> once(6), twice(6);
    scale(in, once, 6, 2);
    queue.copy(twice.data(), once.data(), 6 * sizeof(f32));
    EXPECT_THAT(twice.get(queue), ElementsAre(2, 4, 6, 8, 10, 12));
    scale(in, once, 6, 3);
    Fence fence(0);
    queue.record(fence);
    wait_for(fence);
    EXPECT_EQ(launches(), 2U);
    EXPECT_THAT(once.get(queue), ElementsAre(3, 6, 9, 12, 15, 18));
}

TEST_F(Gathering, OtherKindsAndShapesAreLaunchesOfTheirOwn) {
    const Array<f32> a(6), b(6);
    const Array<cf32> x(queue, std::vector<cf32>(40, cf32(1, 0))), y(8), z(8), w(8);
    const kernels::DeviceFir two(queue, std::vector<cf64>{1, 1}, 2), three(queue, std::vector<cf64>{1, 1, 1}, 2),
        other_two(queue, std::vector<cf64>{2, 2}, 2);
    scale(in, a, 6, 2);
    two(queue, std::array{kernels::DeviceFir::Piece{x.data() + 8, y.data(), 8}});
    three(queue, std::array{kernels::DeviceFir::Piece{x.data() + 8, z.data(), 8}});
    scale(in, b, 6, 3);
    other_two(queue, std::array{kernels::DeviceFir::Piece{x.data() + 8, w.data(), 8}});
    queue.flush();
    EXPECT_EQ(launches(), 3U);
    EXPECT_EQ(b.get(queue)[5], 18);
    EXPECT_EQ(y.get(queue)[7], cf32(2, 0));
    EXPECT_EQ(z.get(queue)[7], cf32(3, 0));
    EXPECT_EQ(w.get(queue)[7], cf32(4, 0));
}

/// Sums of 12 streams, two launches each, of several blocks.
TEST_F(Gathering, LaterStagesComeBehindEarlierOnes) {
    const kernels::DeviceSum sum(std::vector<double>(12, 1.0)), pair(std::vector<double>(2, 1.0));
    std::vector<Array<f32>> outs;
    for (int k = 0; k < 5; ++k) outs.emplace_back(6);
    const std::vector<const f32*> ins(12, in.data());
    for (int k = 0; k < 5; ++k)
        k == 2 ? pair(queue, std::span(ins).first(2), outs[2].data(), 6) : sum(queue, ins, outs[std::size_t(k)].data(), 6);
    queue.flush();
    EXPECT_EQ(launches(), 2U);
    for (int k = 0; k < 5; ++k) EXPECT_EQ(outs[std::size_t(k)].get(queue)[5], (k == 2 ? 2 : 12) * 6.0F);
}

TEST_F(Gathering, ManySpectraTakeTheLaunchesOfOne) {
    std::vector<cf32> samples(64 * 40);
    for (std::size_t k = 0; k < samples.size(); ++k) samples[k] = cf32(f32(k % 7), f32(k % 5));
    const Array<cf32> x(queue, samples);
    const std::vector<f32> window(64, 1.0F);
    const auto items_of = [&](std::size_t copies, bool together) {
        std::vector<kernels::DevicePsd<cf32>> all;
        std::vector<Array<f32>> items;
        for (std::size_t c = 0; c < copies; ++c) {
            all.emplace_back(queue, window);
            items.emplace_back(2 * 64);
            all[c].reset(queue, 3 * c);
        }
        const std::uint64_t before = launches();
        for (std::size_t c = 0; c < copies; ++c)
            for (std::size_t item = 0; item < 2; ++item) {  // an item of 20 frames, and one of all 40
                all[c].add(queue, x.data() + 64 * 20 * item, 20, 64);
                all[c].write(queue, items[c].data() + 64 * item, 1.0, 0);
                if (!together) queue.flush();
            }
        queue.flush();
        const std::uint64_t taken = launches() - before;
        std::vector<std::vector<f32>> got;
        for (const auto& item : items) got.push_back(item.get(queue));
        return std::pair(got, taken);
    };
    const auto [one, launches_of_one] = items_of(1, false);
    const auto [many, launches_of_many] = items_of(5, true);
    EXPECT_LE(launches_of_many, 3 * launches_of_one);  // (where groups of frames are full is another thing for each)
    const auto [apart, launches_apart] = items_of(5, false);
    EXPECT_GE(launches_apart, 5 * launches_of_one);
    EXPECT_EQ(many, apart);
}

TEST_F(Gathering, CallsShareTheTimeOfTheirLaunchByItems) {
    const Array<f32> a(6), b(6), c(6);
    double of_a = 0, of_c = 0;
    queue.gathered()->begin_timed(of_a, 1);
    scale(in, a, 6, 2);
    queue.gathered()->end_timed();
    scale(in, b, 2, 2);
    queue.gathered()->begin_timed(of_c, 4);  // stands for four calls
    scale(in, c, 4, 2);
    queue.gathered()->end_timed();
    EXPECT_EQ(notes.begun, 0U);
    queue.flush();
    EXPECT_THAT(notes.ended, ElementsAre(0));
    EXPECT_DOUBLE_EQ(of_a, 6.0 / 12);
    EXPECT_DOUBLE_EQ(of_c, 4 * 4.0 / 12);
}

TEST_F(Gathering, ACallThatIssuesForItselfHasItsOwnTime) {
    const Array<f32> a(6), b(6);
    double of_copy = 0, of_scale = 0;
    queue.gathered()->begin_timed(of_scale, 1);
    scale(in, a, 6, 2);
    queue.gathered()->end_timed();
    queue.gathered()->begin_timed(of_copy, 1);
    queue.copy(b.data(), in.data(), 6 * sizeof(f32));
    queue.copy(b.data(), in.data(), 6 * sizeof(f32));
    queue.gathered()->end_timed();
    EXPECT_THAT(notes.ended, ElementsAre(0, 1));
    EXPECT_DOUBLE_EQ(of_copy, 1);
    EXPECT_DOUBLE_EQ(of_scale, 1);
}

TEST_F(Gathering, NothingIsMadeOfNothing) {
    const Array<f32> a(6);
    scale(in, a, 0, 2);
    queue.flush();
    EXPECT_EQ(launches(), 0U);
}

}  // namespace
}  // namespace flowspan::device
