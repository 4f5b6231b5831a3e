// The filter bank on a device against the sum in double precision, the host's, and itself in other pieces.
#include "kernels/pfb/pfb.hpp"
#include "kernels/pfb/pfb_device.hpp"
#include "tests/device/kernels.hpp"

namespace flowspan::device {
namespace {

using namespace flowspan::kernels;

/// All channels one after the other, in pieces of at most so many frames. Channel `unwanted` is not asked for.
std::vector<cf32> made_of(const std::vector<cf32>& x, std::size_t M, const std::vector<double>& prototype, std::size_t n,
                          std::size_t most, std::uint64_t first, std::size_t unwanted = SIZE_MAX) {
    Queue queue(0);
    const Array<cf32> in(queue, x);
    Array<cf32> out(M * n + 2 * margin);
    std::vector<cf32*> outputs;
    for (std::size_t c = 0; c < M; ++c) outputs.push_back(c == unwanted ? nullptr : out.data() + margin + c * n);
    DevicePfb bank(queue, M, prototype);
    bank.write_to(queue, outputs);
    EXPECT_EQ(bank.history(), prototype.size());
    for (std::size_t m = 0; m < n; m += most)
        bank(queue, in.data() + prototype.size() + m * M, std::min(most, n - m), first + m * M, m);
    return unpoisoned(out.get(queue), 0, M * n);
}

enum class Oracle { sum, host };
std::vector<cf32> expected_of(const std::vector<cf32>& x, std::size_t M, const std::vector<double>& prototype, std::size_t n,
                              std::uint64_t first, Oracle oracle) {
    std::vector<cf32> all(M * n);
    std::vector<cf32*> outputs;
    for (std::size_t c = 0; c < M; ++c) outputs.push_back(all.data() + c * n);
    if (oracle == Oracle::sum)
        kernels::reference::pfb(x.data() + prototype.size(), outputs.data(), n, M, prototype, first);
    else
        Pfb(M, prototype)(x.data() + prototype.size(), outputs.data(), n, first);
    return all;
}

void expect_right(std::size_t M, std::size_t T, std::size_t n, Oracle oracle) {
    const auto prototype = pfb_prototype(M, T, 80);
    const auto x = noise(prototype.size() + n * M);
    const std::uint64_t first = (std::uint64_t(1) << 40) + 77;
    const auto made = made_of(x, M, prototype, n, n, first);
    EXPECT_LE(relative_error(made, expected_of(x, M, prototype, n, first, oracle)), 1e-6)
        << M << " channels, " << T << " taps, " << n;
}

TEST(DevicePfb, IsTheSumWithin1eMinus6) {
    in_every_order([] {
        for (const std::size_t n : {1U, 31U, 33U}) expect_right(64, 8, n, Oracle::sum);
        expect_right(128, 12, 17, Oracle::sum);
        expect_right(256, 3, 5, Oracle::sum);
    });
    behave("order=random,seed=4");
    expect_right(512, 8, 2, Oracle::sum);
    expect_right(64, 2, 40, Oracle::sum);
    expect_right(64, 31, 40, Oracle::sum);
}

TEST(DevicePfb, TakesAnyNumberOfChannels) {
    if (!why_no_transforms().empty()) GTEST_SKIP() << why_no_transforms();
    in_every_order([] {
        for (const std::size_t n : {1U, 31U, 33U}) expect_right(10, 8, n, Oracle::sum);
        expect_right(2, 12, 70, Oracle::sum);
        expect_right(45, 3, 65, Oracle::sum);
    });
    behave("order=random,seed=4");
    expect_right(127, 8, 40, Oracle::sum);
    expect_right(1000, 4, 3, Oracle::host);
    expect_right(8192, 8, 2, Oracle::host);
}

TEST(DevicePfb, IsTheHostsForManyChannels) {
    behave("order=random,seed=4");
    expect_right(1024, 8, 9, Oracle::host);
    expect_right(2048, 12, 5, Oracle::host);
    expect_right(4096, 8, 5, Oracle::host);
    expect_right(4096, 5, 3, Oracle::host);
}

TEST(DevicePfb, MakesTheSameBitsInAnyPieces) {
    for (const auto& [M, T, n] : {std::tuple(64U, 8U, 75U), {256U, 12U, 37U}, {1024U, 7U, 11U}, {60U, 5U, 75U}}) {
        if (!DevicePfb::has_own(M) && !why_no_transforms().empty()) continue;
        const auto prototype = pfb_prototype(M, T, 80);
        const auto x = noise(prototype.size() + n * M);
        behave("");
        const auto whole = made_of(x, M, prototype, n, n, 5);
        for (const std::size_t most : {1U, 7U, 33U}) {
            behave("order=random,seed=8");
            EXPECT_TRUE(same_bytes(made_of(x, M, prototype, n, most, 5), whole)) << M << ", " << most;
        }
    }
}

TEST(DevicePfb, LeavesOutWhatNobodyWants) {
    behave("");
    const auto prototype = pfb_prototype(64, 8, 80);
    const auto x = noise(prototype.size() + 64 * 5);
    const auto all = made_of(x, 64, prototype, 5, 5, 0), some = made_of(x, 64, prototype, 5, 5, 0, 17);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i / 5 == 17)
            EXPECT_TRUE(is_poison(some[i]));
        else
            ASSERT_EQ(some[i], all[i]);
    }
}

TEST(DevicePfb, HasOwnTransformsOfPowersOfTwo) {
    for (const std::size_t M : {64U, 128U, 4096U}) EXPECT_TRUE(DevicePfb::has_own(M));
    for (const std::size_t M : {2U, 32U, 96U, 8192U}) EXPECT_FALSE(DevicePfb::has_own(M));
}

}  // namespace
}  // namespace flowspan::device
