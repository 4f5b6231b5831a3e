// Small grids with a thread of the host for each thread of a block, under ThreadSanitizer: it ends this program at the first
// race.
#include "kernels/argument/argument_device.hpp"
#include "kernels/arithmetic/arithmetic_device.hpp"
#include "kernels/convert/convert_device.hpp"
#include "kernels/energy/energy_device.hpp"
#include "kernels/fft/fft_device.hpp"
#include "kernels/fir/fir_device.hpp"
#include "kernels/pfb/pfb.hpp"
#include "kernels/pfb/pfb_device.hpp"
#include "kernels/resample/resample_device.hpp"
#include "kernels/rotate/rotate_device.hpp"
#include "kernels/spectrum/psd_device.hpp"
#include "tests/device/kernels.hpp"
#include "tests/device/wrong/kernels.hpp"

#include <unistd.h>

namespace flowspan::device {
namespace {

using namespace flowspan::kernels;

TEST(Races, AreNotInTheFilterBank) {
    for (const std::size_t M : {64U, 512U}) {
        Queue queue(0);
        const auto prototype = pfb_prototype(M, 8, 80);
        const std::size_t n = M == 64 ? 65 : 9;
        const Array<cf32> in(queue, noise(prototype.size() + n * M)), out(M * n);
        std::vector<cf32*> outputs;
        for (std::size_t c = 0; c < M; ++c) outputs.push_back(out.data() + c * n);
        DevicePfb bank(queue, M, prototype);
        bank.write_to(queue, outputs);
        bank(queue, in.data() + prototype.size(), n, 3, 0);
        ASSERT_TRUE(queue.finish(60));
    }
}

TEST(Races, AreNotInTheFilter) {
    for (const std::size_t D : {1U, 10U, 300U}) {
        Queue queue(0);
        const DeviceFir fir(queue, std::vector<cf64>(81, {0.1, 0.2}), D, 12345);
        const std::size_t n = D == 300 ? 3 : 1100;
        const Array<cf32> in(queue, noise(80 + n * D)), out(n);
        const DeviceFir::Piece piece{in.data() + 80, out.data(), n, 0, 0};
        fir(queue, {&piece, 1});
        ASSERT_TRUE(queue.finish(60));
    }
}

TEST(Races, AreNotInConversions) {
    Queue queue(0);
    const Array<i16> integers(queue, std::vector<i16>(5000, 7));
    const Array<f32> floats(5000);
    const Array<i8> small(5000);
    const Array<ClippedOnDevice> counts(queue, std::vector<ClippedOnDevice>(1));
    const Conversion<i16, f32> up{integers.data(), floats.data(), 5000, 1};
    const Conversion<f32, i8> down{floats.data(), small.data(), 5000, 100};
    to_floats(queue, std::span(&up, 1));
    to_integers(queue, std::span(&down, 1), counts.data());
    EXPECT_EQ(counts.get(queue).front().clipped, 5000U);
}

TEST(Races, AreNotInFiltersByRatios) {
    for (const auto& [I, D] : {std::pair(3U, 2U), {1U, 300U}}) {
        Queue queue(0);
        const std::vector<f32> taps(65, 0.1F);
        const DeviceResampler<cf32> resampler(queue, std::span<const f32>(taps), I, D, 2);
        constexpr std::size_t n = 200;
        const Array<cf32> in(queue, noise(2 * (resampler.history() + n * D / I + 1))), out(2 * n);
        const DeviceResampler<cf32>::Piece piece{in.data() + 2 * resampler.history(), out.data(), n, 0};
        resampler(queue, {&piece, 1});
        ASSERT_TRUE(queue.finish(60));
    }
}

TEST(Races, AreNotInSpectra) {
    Queue queue(0);
    const std::vector<f32> window(256, 1.0F);
    const Array<cf32> in(queue, noise(256 * 20)), out(256 * 20);
    const Array<f32> item(256);
    const DeviceFft<cf32> fft(queue, window);
    const DeviceFft<cf32>::Piece piece{in.data(), out.data(), 20};
    fft(queue, {&piece, 1}, 256);
    DevicePsd<cf32> psd(queue, window);
    psd.reset(queue, 5);
    psd.add(queue, in.data(), 9, 256);
    psd.add(queue, in.data(), 20, 256);
    psd.leave_out(queue, 3);
    psd.write(queue, item.data(), 1, 3);
    ASSERT_TRUE(queue.finish(60));
}

TEST(Races, AreNotInSumsAndEnergies) {
    Queue queue(0);
    const Array<i16> integers(queue, std::vector<i16>(5000, 30000)), sum(5000);
    const Array<cf32> samples(queue, noise(5000));
    const Array<f32> angles(5000);
    const Array<double> frames(100);
    const Array<ClippedOnDevice> counts(queue, std::vector<ClippedOnDevice>(1));
    const std::vector<double> factors(2, 1);
    const std::vector<const i16*> both(2, integers.data());
    DeviceSum add(factors);
    add(queue, both, sum.data(), 5000, counts.data());
    const Array<std::uint32_t> counted(100);
    const DeviceEnergies energy{samples.data(), frames.data(), 5000, 50, counted.data()};
    energies(queue, {&energy, 1});
    const DeviceRotator rotator(queue, 12345);
    const Array<cf32> turned(5000);
    const DeviceRotator::Piece turn{samples.data(), turned.data(), 5000, 7, 0, 2};
    rotator(queue, {&turn, 1});
    const DeviceDemodulation angle{samples.data() + 1, angles.data(), 4999, 1, 1};
    kernels::quadrature_demod(queue, {&angle, 1});
    EXPECT_EQ(counts.get(queue).front().clipped, 5000U);
}

[[noreturn]] void filter_without_barriers() {
    Queue queue(0);
    const Array<cf32> in(queue, noise(80 + 3000)), out(300);
    fir_without_barriers(queue, std::vector<cf64>(81, 0.1), 10, in.data() + 80, out.data(), 300);
    _exit(0);
}

[[noreturn]] void sums_without_barriers() {
    Queue queue(0);
    const Array<cf32> in(queue, noise(256 * 20));
    const Array<f32> item(256);
    psd_without_barriers(queue, std::vector<f32>(256, 1), in.data(), 20, item.data());
    _exit(0);
}

[[noreturn]] void tiles_that_overlap() {
    Queue queue(0);
    const Array<float> out(1000);
    overlapping_tiles(queue, out.data(), 2);
    _exit(0);
}

TEST(Races, AreSeenInAFilterWithoutItsBarriers) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(filter_without_barriers(), testing::ExitedWithCode(66), "data race");
}

TEST(Races, AreSeenInSumsOfPowersWithoutTheirBarriers) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(sums_without_barriers(), testing::ExitedWithCode(66), "data race");
}

TEST(Races, AreSeenBetweenBlocks) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(tiles_that_overlap(), testing::ExitedWithCode(66), "data race");
}

}  // namespace
}  // namespace flowspan::device
