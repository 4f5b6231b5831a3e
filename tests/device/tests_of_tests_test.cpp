// Kernels with a barrier or a guard taken out are seen to be wrong.
#include "kernels/fft/fft.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/pfb/pfb.hpp"
#include "tests/device/kernels.hpp"
#include "tests/device/wrong/kernels.hpp"

#include <numeric>

namespace flowspan::device {
namespace {

using namespace flowspan::kernels;

/// In how many of the orders the error of what `make` makes is beyond the bound.
template <class Make>
int seen_wrong(const std::vector<cf32>& expected, Make make) {
    int wrong = 0;
    for (const std::string& order : orders) {
        behave(order);
        if (!(relative_error(make(), expected) <= 1e-6)) ++wrong;
    }
    behave("");
    return wrong;
}

TEST(TestsOfKernels, SeeAFilterBankWithoutItsBarriers) {
    constexpr std::size_t M = 64, n = 5;
    const auto prototype = pfb_prototype(M, 8, 80);
    const auto x = noise(prototype.size() + n * M);
    std::vector<cf32> expected(M * n);
    std::vector<cf32*> outputs;
    for (std::size_t c = 0; c < M; ++c) outputs.push_back(expected.data() + c * n);
    kernels::reference::pfb(x.data() + prototype.size(), outputs.data(), n, M, prototype, 0);
    EXPECT_EQ(seen_wrong(expected,
                         [&] {
                             Queue queue(0);
                             const Array<cf32> in(queue, x), out(M * n);
                             std::vector<cf32*> channels;
                             for (std::size_t c = 0; c < M; ++c) channels.push_back(out.data() + c * n);
                             pfb_without_barriers(queue, M, prototype, channels, in.data() + prototype.size(), n);
                             return out.get(queue);
                         }),
              3);
}

TEST(TestsOfKernels, SeeAFilterWithoutItsBarriers) {
    const std::vector<cf64> taps(81, 0.1);
    const auto x = noise(80 + 10 * 300);
    std::vector<cf32> expected(300);
    kernels::reference::fir(x.data() + 80, expected.data(), 300, taps, 10);
    EXPECT_EQ(seen_wrong(expected,
                         [&] {
                             Queue queue(0);
                             const Array<cf32> in(queue, x), out(300);
                             fir_without_barriers(queue, taps, 10, in.data() + 80, out.data(), 300);
                             return out.get(queue);
                         }),
              3);
}

TEST(TestsOfKernels, SeeAResamplerWithoutItsBarriers) {
    const std::vector<double> taps(65, 0.1);
    const auto x = noise(21 + 200);
    std::vector<cf32> expected(300);
    kernels::reference::fir(x.data() + 21, expected.data(), 300, taps, 3, 2);
    EXPECT_EQ(seen_wrong(expected,
                         [&] {
                             Queue queue(0);
                             const Array<cf32> in(queue, x), out(300);
                             resample_without_barriers(queue, std::vector<f32>(65, 0.1F), in.data() + 21, out.data(), 300);
                             return out.get(queue);
                         }),
              3);
}

TEST(TestsOfKernels, SeeSumsOfPowersWithoutTheirBarriers) {
    constexpr std::size_t M = 64, n = 70;
    const auto x = noise(M * n);
    std::vector<double> powers(M);
    for (std::size_t m = 0; m < n; ++m) {
        std::vector<cf32> bins(M);
        kernels::reference::dft(x.data() + m * M, bins.data(), M, Direction::forward);
        for (std::size_t k = 0; k < M; ++k) powers[ascending(k, M)] += std::norm(cf64(bins[k])) / n;
    }
    EXPECT_EQ(seen_wrong({powers.begin(), powers.end()},
                         [&] {
                             Queue queue(0);
                             const Array<cf32> in(queue, x);
                             const Array<f32> out(M);
                             psd_without_barriers(queue, std::vector<f32>(M, 1), in.data(), n, out.data());
                             const auto item = out.get(queue);
                             return std::vector<cf32>(item.begin(), item.end());
                         }),
              3);
}

TEST(TestsOfKernels, SeeEnergiesWithoutTheirBarriers) {
    const std::vector<cf32> x(640, {1, 0}), expected(10, 64);
    EXPECT_GT(seen_wrong(expected,
                         [&] {
                             Queue queue(0);
                             const Array<cf32> in(queue, x);
                             const Array<double> out(10);
                             energy_without_barriers(queue, in.data(), out.data(), 640, 64);
                             const auto energies = out.get(queue);
                             return std::vector<cf32>(energies.begin(), energies.end());
                         }),
              0);
}

TEST(TestsOfKernels, SeeAConversionWithoutItsGuards) {
    EXPECT_DEATH(
        {
            behave("");
            Queue queue(0);
            const Array<i16> in(queue, std::vector<i16>(100));
            const Array<f32> out(100);
            convert_without_guards(queue, in.data(), out.data(), 100);
        },
        "");
}

std::string said_of(Turned how) {
    return said_by([&] {
        Queue queue(0);
        std::vector<float> x(64);
        std::iota(x.begin(), x.end(), 0.0F);
        const Array<float> in(queue, x), out(64);
        turn_round(queue, in.data(), out.data(), how);
        std::reverse(x.begin(), x.end());
        EXPECT_TRUE(queue.finish(1));
        EXPECT_EQ(out.get(queue), x);
    });
}

TEST(TestsOfKernels, SeeBarriersThatNotAllReach) {
    behave("order=early");
    EXPECT_EQ(said_of(Turned::rightly), "nothing");
    EXPECT_EQ(said_of(Turned::with_a_barrier_for_some),
              "device 0: kernel turn failed: thread 32 of block 0, 0 has left while others wait at a barrier");
    behave("order=late");
    EXPECT_EQ(said_of(Turned::with_a_barrier_for_some),
              "device 0: kernel turn failed: thread 31 of block 0, 0 waits at a barrier, but others have left");
    behave("order=early");
    EXPECT_EQ(said_of(Turned::with_barriers_apart),
              "device 0: kernel turn failed: threads of block 0, 0 wait at different barriers");
}

TEST(TestsOfKernels, SeeTooLittleSharedMemory) {
    EXPECT_DEATH(
        {
            behave("");
            said_of(Turned::with_too_little_shared_memory);
        },
        "");
}

}  // namespace
}  // namespace flowspan::device
