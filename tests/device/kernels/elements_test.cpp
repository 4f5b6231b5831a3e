// Products, sums, rotation, demodulation, copies and energies on a device have the bits of the host's kernels, in whatever
// pieces.
#include "kernels/argument/argument.hpp"
#include "kernels/argument/argument_device.hpp"
#include "kernels/arithmetic/arithmetic_device.hpp"
#include "kernels/copy/copy_device.hpp"
#include "kernels/energy/energy_device.hpp"
#include "kernels/not_finite/not_finite.hpp"
#include "kernels/rotate/rotate.hpp"
#include "kernels/rotate/rotate_device.hpp"
#include "kernels/volk/volk.hpp"
#include "tests/device/kernels.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace flowspan::device {
namespace {

using namespace flowspan::kernels;

constexpr f32 infinity = std::numeric_limits<f32>::infinity(), nan = std::numeric_limits<f32>::quiet_NaN();

/// (The last ones are more than a block of threads makes.)
std::vector<std::size_t> sizes() {
    std::vector<std::size_t> all(std::begin(awkward_sizes), std::end(awkward_sizes));
    all.insert(all.end(), {2049, 5003});
    return all;
}

/// Numbers among which are some that are not finite, or very small.
std::vector<f32> odd_numbers(std::size_t n) {
    auto x = real_noise(n);
    const f32 odd[] = {infinity, nan, -infinity, 1e-42F, -0.0F, 3e38F};
    for (std::size_t k = 0; k < std::size(odd) && 7 * k + 3 < n; ++k) x[7 * k + 3] = odd[k];
    return x;
}
std::vector<cf32> odd_samples(std::size_t n) {
    const auto x = odd_numbers(2 * n);
    std::vector<cf32> z(n);
    for (std::size_t i = 0; i < n; ++i) z[i] = {x[2 * i], x[2 * i + 1]};
    return z;
}
std::vector<f32> with_one_nan(std::vector<f32> x) {
    unify_nan(x.data(), x.size());
    return x;
}
std::vector<cf32> with_one_nan(std::vector<cf32> x) {
    unify_nan(reinterpret_cast<f32*>(x.data()), 2 * x.size());
    return x;
}

/// What `run(queue, pieces)` makes of x[before] …, in pieces of at most so many in one launch.
template <class Out, class In, class Make, class Run>
std::vector<Out> made_of(const std::vector<In>& x, std::size_t before, std::size_t most, Make piece_of, Run run) {
    Queue queue(0);
    const Array<In> in(queue, x);
    const std::size_t n = x.size() - before;
    Array<Out> out(n + 2 * margin);
    std::vector<decltype(piece_of(in.data(), out.data(), n))> pieces;
    for (std::size_t from = 0; from < n; from += most)
        pieces.push_back(piece_of(in.data() + before + from, out.data() + margin + from, std::min(most, n - from)));
    run(queue, pieces);
    return unpoisoned(out.get(queue), 0, n);
}

TEST(DeviceScale, MakesTheBitsOfMultiplyConst) {
    in_every_order([] {
        for (const std::size_t n : sizes()) {
            const auto x = odd_numbers(n);
            std::vector<f32> expected(n);
            kernels::reference::scale(x.data(), -0.37F, expected.data(), n);
            for (const std::size_t most : {n + 1, std::size_t(257)}) {
                const auto made = made_of<f32>(
                    x, 0, most,
                    [](const f32* in, f32* out, std::size_t count) {
                        return DeviceScaling{in, out, count, -0.37F};
                    },
                    [](Queue& queue, const auto& pieces) { kernels::scale(queue, std::span<const DeviceScaling>(pieces)); });
                EXPECT_TRUE(same_bytes(made, with_one_nan(expected))) << n << " in pieces of " << most;
            }
        }
    });
}

TEST(DeviceScale, TurnsComplexSamples) {
    in_every_order([] {
        for (const std::size_t n : sizes()) {
            const auto x = odd_samples(n);
            std::vector<cf32> expected(n);
            const f32 re = 0.5F, im = -1.25F;
            for (std::size_t i = 0; i < n; ++i)
                expected[i] = {x[i].real() * re - x[i].imag() * im, x[i].real() * im + x[i].imag() * re};
            const auto made = made_of<cf32>(
                x, 0, 301,
                [=](const cf32* in, cf32* out, std::size_t count) {
                    return DeviceComplexScaling{in, out, count, re, im};
                },
                [](Queue& queue, const auto& pieces) { kernels::scale(queue, std::span<const DeviceComplexScaling>(pieces)); });
            EXPECT_TRUE(same_bytes(made, with_one_nan(expected))) << n;
        }
    });
}

/// The sum of the block `add`: stream k is the noise rotated by k places.
void expect_sum(std::size_t n, const std::vector<double>& factors, std::size_t shift) {
    Queue queue(0);
    std::vector<std::vector<f32>> x;
    std::vector<Array<f32>> in;
    std::vector<const f32*> places;
    for (std::size_t k = 0; k < factors.size(); ++k) {
        x.push_back(odd_numbers(n + shift));
        std::rotate(x[k].begin(), x[k].begin() + std::ptrdiff_t(k % (n + 1)), x[k].end());
        in.emplace_back(queue, x[k]);
        places.push_back(in[k].data() + shift);
    }
    std::vector<f32> expected(n);
    for (std::size_t i = 0; i < n; ++i) {
        f32 sum = x[0][i + shift] * f32(factors[0]);
        for (std::size_t k = 1; k < factors.size(); ++k) sum = sum + x[k][i + shift] * f32(factors[k]);
        expected[i] = sum;
    }
    Array<f32> out(n + 2 * margin);
    const DeviceSum sum(factors);
    sum(queue, places, out.data() + margin, n);
    EXPECT_TRUE(same_bytes(unpoisoned(out.get(queue), 0, n), with_one_nan(expected))) << n << ", " << factors.size();
}

TEST(DeviceSum, AddsInOrder) {
    in_every_order([] {
        for (const std::size_t n : sizes()) {
            expect_sum(n, {1}, 0);
            expect_sum(n, {1, 1}, 0);
            expect_sum(n, {1, -1, 0.25}, 1);
        }
        expect_sum(300, std::vector<double>(8, 1), 0);
        expect_sum(300, std::vector<double>(9, 0.7), 0);
        expect_sum(300, std::vector<double>(23, 1.5), 1);
    });
}

TEST(DeviceSum, RoundsAndSaturatesIntegersOnceAndCounts) {
    in_every_order([] {
        for (const std::size_t n : sizes()) {
            const std::vector<double> factors = {1, 0.51, -0.25};
            Queue queue(0);
            std::mt19937 random{std::uint32_t(n)};
            std::vector<std::vector<i16>> x(3, std::vector<i16>(n));
            std::vector<Array<i16>> in;
            std::vector<const i16*> places;
            for (auto& stream : x) {
                for (i16& v : stream) v = i16(random());
                in.emplace_back(queue, stream);
                places.push_back(in.back().data());
            }
            std::vector<i16> expected(n);
            std::uint64_t clipped = 0;
            double peak = 0;
            for (std::size_t i = 0; i < n; ++i) {
                double sum = 0;
                for (std::size_t k = 0; k < 3; ++k) sum += factors[k] * double(x[k][i]);
                const double whole = std::nearbyint(sum), kept = std::clamp(whole, -32768.0, 32767.0);
                expected[i] = i16(kept);
                if (whole == kept) continue;
                ++clipped;
                peak = std::max(peak, whole / (whole > 0 ? 32767.0 : -32768.0));
            }
            Array<i16> out(n + 2 * margin);
            const Array<ClippedOnDevice> counts(queue, std::vector<ClippedOnDevice>(1));
            const DeviceSum sum(factors);
            sum(queue, places, out.data() + margin, n, counts.data());
            EXPECT_EQ(unpoisoned(out.get(queue), 0, n), expected) << n;
            const ClippedOnDevice seen = counts.get(queue).front();
            EXPECT_EQ(seen.clipped, clipped);
            EXPECT_EQ(std::bit_cast<double>(seen.peak_bits), peak);
        }
    });
}

TEST(DeviceDemodulation, MakesTheBitsOfTheHost) {
    in_every_order([] {
        for (const std::size_t n : sizes()) {
            const auto x = odd_samples(n + 1);
            std::vector<f32> expected(n);
            kernels::quadrature_demod(x.data() + 1, expected.data(), n, 1.7F);
            for (const std::size_t most : {n + 1, std::size_t(97)}) {
                const auto made = made_of<f32>(
                    x, 1, most,
                    [](const cf32* in, f32* out, std::size_t count) {
                        return DeviceDemodulation{in, out, count, 1, 1.7F};
                    },
                    [](Queue& queue, const auto& pieces) {
                        kernels::quadrature_demod(queue, std::span<const DeviceDemodulation>(pieces));
                    });
                EXPECT_TRUE(same_bytes(made, with_one_nan(expected))) << n << " in pieces of " << most;
            }
        }
    });
}

TEST(DeviceDemodulation, IsTheAngleToTheSampleBeforeOfTheSameChannel) {
    behave("order=random,seed=3");
    constexpr std::uint32_t channels = 3;
    const auto x = noise(channels * 400);
    const auto made = made_of<f32>(
        x, channels, channels * 50,
        [](const cf32* in, f32* out, std::size_t count) {
            return DeviceDemodulation{in, out, count, channels, 2};
        },
        [](Queue& queue, const auto& pieces) {
            kernels::quadrature_demod(queue, std::span<const DeviceDemodulation>(pieces));
        });
    for (std::size_t i = 0; i < made.size(); ++i)
        EXPECT_NEAR(made[i], 2 * std::arg(cf64(x[i + channels]) * std::conj(cf64(x[i]))), 2e-6) << i;
}

TEST(DeviceRotator, MakesTheBitsOfTheHostInEachChannel) {
    in_every_order([] {
        const std::uint64_t increment = kernels::phase_increment(0.1234567), phase = 98765;
        const kernels::Rotator rotate(increment);
        for (const std::size_t n : sizes()) {
            for (const std::uint32_t channels : {1U, 3U, 100U}) {
                for (const std::uint64_t first : {std::uint64_t(0), std::uint64_t(63), (std::uint64_t(1) << 62) + 5}) {
                    const std::size_t items = n / channels;
                    const auto x = odd_samples(items * channels);
                    std::vector<cf32> expected(x.size()), channel(items);
                    for (std::size_t c = 0; c < channels; ++c) {
                        for (std::size_t i = 0; i < items; ++i) channel[i] = x[i * channels + c];
                        rotate(channel.data(), channel.data(), items, first, phase);
                        for (std::size_t i = 0; i < items; ++i) expected[i * channels + c] = channel[i];
                    }
                    Queue queue(0);
                    const DeviceRotator rotator(queue, increment);
                    const Array<cf32> in(queue, x);
                    Array<cf32> out(x.size() + 2 * margin);
                    std::vector<DeviceRotator::Piece> pieces;
                    for (std::size_t i = 0; i < items; i += 1000)
                        pieces.push_back({in.data() + i * channels, out.data() + margin + i * channels,
                                          std::min<std::size_t>(1000, items - i) * channels, first + i, phase, channels});
                    rotator(queue, pieces);
                    EXPECT_TRUE(same_bytes(unpoisoned(out.get(queue), 0, x.size()), with_one_nan(expected)))
                        << n << ", " << channels << " from " << first;
                }
            }
        }
    });
}

TEST(DeviceCopy, CopiesBytesOfAnyAlignment) {
    in_every_order([] {
        for (const std::size_t n : sizes()) {
            for (const std::size_t at : {0U, 1U, 4U, 16U}) {
                std::vector<std::byte> x(n + at);
                for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::byte(i * 7 + 1);
                Queue queue(0);
                const Array<std::byte> in(queue, x);
                Array<std::byte> out(n + at + 2 * margin);
                std::vector<DeviceCopy> pieces;
                const std::size_t most = at == 16 ? 160 : 1000, behind = at == 16 ? 16 : margin + at;
                for (std::size_t from = 0; from < n; from += most)
                    pieces.push_back({in.data() + at + from, out.data() + behind + from, std::min(most, n - from)});
                kernels::copy(queue, pieces);
                const auto all = out.get(queue);
                EXPECT_TRUE(std::equal(x.begin() + std::ptrdiff_t(at), x.end(), all.begin() + std::ptrdiff_t(behind)));
                for (std::size_t i = 0; i < all.size(); ++i) EXPECT_TRUE((i >= behind && i < behind + n) || is_poison(all[i]));
            }
        }
    });
}

TEST(DeviceEnergies, HaveTheBitsOfTheHost) {
    in_every_order([] {
        for (const std::size_t n : sizes()) {
            for (const std::size_t frame : {1U, 3U, 4U, 64U, 300U}) {
                const auto x = n % 2 == 0 ? odd_samples(n) : noise(n);
                const std::size_t frames = (n + frame - 1) / frame;
                Queue queue(0);
                const Array<cf32> in(queue, x);
                Array<double> out(frames + 2 * margin);
                const DeviceEnergies piece{in.data(), out.data() + margin, n, frame};
                energies(queue, {&piece, 1});
                const auto made = unpoisoned(out.get(queue), 0, frames);
                for (std::size_t m = 0; m < frames; ++m) {
                    const double expected = kernels::energy(x.data() + m * frame, std::min(frame, n - m * frame));
                    if (std::isnan(expected))
                        EXPECT_TRUE(std::isnan(made[m]));
                    else
                        EXPECT_EQ(made[m], expected) << n << "/" << frame << ", " << m;
                }
            }
        }
    });
}

TEST(DeviceEnergies, CountTheZerosOfEachFrame) {
    in_every_order([] {
        for (const std::size_t n : sizes()) {
            for (const std::size_t frame : {1U, 3U, 4U, 64U, 300U}) {
                auto x = noise(n);
                // Zeros of both signs; what is no number, or has one part that is none, is none.
                for (std::size_t i = 0; i < n; ++i) {
                    if (i % 3 == 1) x[i] = {i % 2 == 0 ? 0.0F : -0.0F, 0.0F};
                    if (i % 7 == 3) x[i] = {0.0F, i % 2 == 0 ? 1e-42F : nan};
                }
                const std::size_t frames = (n + frame - 1) / frame;
                Queue queue(0);
                const Array<cf32> in(queue, x);
                Array<std::uint32_t> out(frames + 2 * margin);
                const Array<double> sums(frames);
                const DeviceEnergies piece{in.data(), sums.data(), n, frame, out.data() + margin};
                energies(queue, {&piece, 1});
                const auto made = unpoisoned(out.get(queue), 0, frames);
                for (std::size_t m = 0; m < frames; ++m) {
                    const auto begin = x.begin() + std::ptrdiff_t(m * frame),
                               end = m + 1 < frames ? begin + std::ptrdiff_t(frame) : x.end();
                    EXPECT_EQ(made[m], std::count(begin, end, cf32())) << n << "/" << frame << ", " << m;
                }
            }
        }
    });
}

TEST(DeviceElements, AreOneLaunchForManyPieces) {
    behave("");
    Queue queue(0);
    const Array<f32> numbers(queue, real_noise(3000));
    const Array<cf32> samples(queue, noise(3000));
    const Array<double> sums(30);
    std::vector<DeviceScaling> scalings;
    std::vector<DeviceDemodulation> demodulations;
    std::vector<DeviceEnergies> frames;
    std::vector<DeviceCopy> copies;
    for (std::size_t k = 0; k < 30; ++k) {
        scalings.push_back({numbers.data() + 50 * k, numbers.data() + 50 * k, 50, 2});
        demodulations.push_back({samples.data() + 50 * k + 1, numbers.data() + 50 * k, 49, 1, 1});
        frames.push_back({samples.data() + 50 * k, sums.data() + k, 50, 50});
        copies.push_back({reinterpret_cast<const std::byte*>(samples.data() + 2000 + k),
                          reinterpret_cast<std::byte*>(samples.data() + 1000 + k), sizeof(cf32)});
    }
    kernels::scale(queue, scalings);
    kernels::quadrature_demod(queue, demodulations);
    kernels::energies(queue, frames);
    kernels::copy(queue, copies);
    EXPECT_EQ(queue.counts().launches, 4U);
    kernels::scale(queue, std::span<const DeviceScaling>());
    kernels::copy(queue, {});
    EXPECT_EQ(queue.counts().launches, 4U);
    EXPECT_TRUE(queue.finish(10));
}

}  // namespace
}  // namespace flowspan::device
