// Sums of powers on a device against the host's trees over the powers of single frames, bit for bit.
#include "kernels/fft/fft.hpp"
#include "kernels/fft/fft_device.hpp"
#include "kernels/spectrum/psd_device.hpp"
#include "kernels/tree_sum/tree_sum.hpp"
#include "tests/device/kernels.hpp"

#include <cmath>
#include <limits>

namespace flowspan::device {
namespace {

using namespace flowspan::kernels;

constexpr double scale = 0.37;

template <class S>
std::vector<S> input_of(std::size_t n) {
    if constexpr (std::is_same_v<S, f32>)
        return real_noise(n);
    else
        return noise(n);
}
std::vector<f32> window_of(std::size_t M) {
    std::vector<f32> w(M);
    for (std::size_t i = 0; i < M; ++i) w[i] = 0.5F + 0.5F * f32(i) / f32(M);
    return w;
}

/// Frames of a sum, side by side or overlapped.
struct Case {
    std::size_t M, hop, frames;
    std::uint64_t first = 0;
    std::vector<std::size_t> left_out;  // by the caller
};
template <class S>
std::vector<S> samples_of(const Case& c) {
    return input_of<S>((c.frames - 1) * c.hop + c.M);
}
bool is_left_out(const Case& c, std::size_t m) {
    return std::find(c.left_out.begin(), c.left_out.end(), m) != c.left_out.end();
}

/// In calls of at most so many frames.
template <class S>
std::vector<f32> made_of(const Case& c, const std::vector<S>& x, std::size_t most) {
    Queue queue(0);
    const Array<S> in(queue, x);
    Array<f32> out(c.M + 2 * margin);
    DevicePsd<S> psd(queue, window_of(c.M));
    // (What is not of this sum may not get into it.)
    psd.reset(queue, c.first / 2);
    psd.add(queue, in.data(), std::min<std::size_t>(c.frames, 21), c.hop);
    psd.reset(queue, c.first);
    for (std::size_t m = 0; m < c.frames;) {
        if (is_left_out(c, m)) {
            psd.leave_out(queue, 1);
            ++m;
            continue;
        }
        std::size_t end = m + 1;
        while (end < c.frames && end - m < most && !is_left_out(c, end)) ++end;
        psd.add(queue, in.data() + m * c.hop, end - m, c.hop);
        m = end;
    }
    EXPECT_EQ(psd.frames(), c.frames);
    psd.write(queue, out.data() + margin, scale, c.left_out.size());
    return unpoisoned(out.get(queue), 0, c.M);
}

/// The powers of frames as DeviceFft makes them, in the host's tree.
template <class S>
std::vector<f32> expected_of(const Case& c, const std::vector<S>& x) {
    Queue queue(0);
    const DeviceFft<S> fft(queue, window_of(c.M));
    const Array<S> in(queue, x);
    const Array<cf32> out(c.M * c.frames);
    const typename DeviceFft<S>::Piece piece{in.data(), out.data(), c.frames, c.first};
    fft(queue, {&piece, 1}, c.hop);
    const auto bins = out.get(queue);
    TreeSum sum(c.M, c.first);
    std::uint64_t left_out = 0;
    for (std::size_t m = 0; m < c.frames; ++m) {
        const cf32* frame = bins.data() + m * c.M;
        const cf32 zero = frame[c.M / 2];
        const bool counts = !is_left_out(c, m) && std::isfinite(zero.real()) && std::isfinite(zero.imag());
        if (!counts) ++left_out;
        sum.add([&](std::size_t k) {
            const cf32 z = frame[k];
            return counts ? double(z.real() * z.real() + z.imag() * z.imag()) : 0.0;
        });
    }
    std::vector<double> total(c.M);
    sum.write(total.data());
    std::vector<f32> item(c.M);
    for (std::size_t k = 0; k < c.M; ++k) item[k] = f32(total[k] * scale / double(c.frames - left_out));
    return item;
}

template <class S>
void expect_right(const Case& c, const std::vector<S>& x, std::size_t most) {
    EXPECT_TRUE(same_bytes(made_of(c, x, most), expected_of(c, x)))
        << c.M << "/" << c.hop << ", " << c.frames << " from " << c.first << ", by " << most;
}

TEST(DevicePsd, SumsInTheHostsTrees) {
    in_every_order([] {
        for (const std::size_t frames : {1U, 15U, 16U, 17U, 300U}) {
            for (const std::uint64_t first : {std::uint64_t(0), std::uint64_t(37), (std::uint64_t(1) << 40) - 9}) {
                const Case c{16, 16, frames, first, {}};
                const auto x = samples_of<cf32>(c);
                for (const std::size_t most : {std::size_t(1), std::size_t(13), frames}) expect_right(c, x, most);
            }
        }
    });
}

TEST(DevicePsd, TakesFramesOfAllSizes) {
    behave("order=random,seed=3");
    for (std::size_t M = 1; M <= 4096; M *= 2) {
        const Case c{M, M / 2 + 1, M < 1000 ? 40U : 18U, 5, {}};
        expect_right(c, samples_of<cf32>(c), 11);
        expect_right(c, samples_of<f32>(c), 100);
    }
}

TEST(DevicePsd, TakesFramesOfAnySize) {
    if (!why_no_transforms().empty()) GTEST_SKIP() << why_no_transforms();
    in_every_order([] {
        for (const std::size_t frames : {1U, 16U, 17U, 300U}) {
            const Case c{6, 6, frames, 37, {}};
            for (const std::size_t most : {std::size_t(13), frames}) expect_right(c, samples_of<cf32>(c), most);
        }
    });
    behave("order=random,seed=3");
    for (const std::size_t M : {3U, 127U, 1000U, 8192U, 60000U}) {
        const Case c{M, M / 2 + 1, M < 1000 ? 40U : 21U, (std::uint64_t(1) << 40) - 9, {4, 5}};
        expect_right(c, samples_of<cf32>(c), 11);
        expect_right(c, samples_of<f32>(c), 100);
    }
}

TEST(DevicePsd, OfManyFramesTakesSeveralLevels) {
    behave("");
    const Case c{2, 1, 9000, 4090, {}};
    expect_right(c, samples_of<cf32>(c), 9000);
    expect_right(c, samples_of<cf32>(c), 1000);
}

TEST(DevicePsd, LeavesOutFramesThatAreNotFiniteAndThoseOfTheCaller) {
    in_every_order([] {
        const Case c{32, 32, 60, 3, {7, 8, 31}};
        auto x = samples_of<cf32>(c);
        x[32 * 20 + 5] = {std::numeric_limits<f32>::quiet_NaN(), 0};
        x[32 * 47 + 31] = {0, std::numeric_limits<f32>::infinity()};
        for (const std::size_t most : {1U, 60U}) expect_right(c, x, most);
        Queue queue(0);
        const Array<cf32> in(queue, x);
        DevicePsd<cf32> psd(queue, window_of(32));
        psd.reset(queue, 0);
        psd.add(queue, in.data(), 30, 32);
        psd.reset(queue, 30);
        psd.add(queue, in.data() + 32 * 30, 30, 32);
        PinnedMemory seen(0, sizeof(DevicePsd<cf32>::NotFinite));
        queue.to_host(seen.data(), psd.not_finite(), seen.size());
        ASSERT_TRUE(queue.finish(10));
        DevicePsd<cf32>::NotFinite counts;
        std::memcpy(&counts, seen.data(), sizeof counts);
        EXPECT_EQ(counts.of_sum, 1U);
        EXPECT_EQ(counts.of_all, 2U);
    });
}

TEST(DevicePsd, OfNoFrameIsNotANumber) {
    behave("");
    const Case c{8, 8, 3, 0, {0, 1, 2}};
    for (const f32 power : made_of(c, samples_of<cf32>(c), 3)) EXPECT_TRUE(std::isnan(power));
}

TEST(DevicePsd, IsTheMeanOfPowers) {
    behave("");
    const Case c{256, 256, 20, 0, {}};
    const auto x = samples_of<cf32>(c);
    std::vector<double> mean(256);
    const auto w = window_of(256);
    for (std::size_t m = 0; m < c.frames; ++m) {
        std::vector<cf32> frame(256), bins(256);
        for (std::size_t i = 0; i < 256; ++i) frame[i] = x[m * 256 + i] * w[i];
        kernels::reference::dft(frame.data(), bins.data(), 256, Direction::forward);
        for (std::size_t k = 0; k < 256; ++k) mean[ascending(k, 256)] += std::norm(cf64(bins[k])) * scale / 20;
    }
    const auto made = made_of(c, x, 20);
    for (std::size_t k = 0; k < 256; ++k) EXPECT_NEAR(made[k] / mean[k], 1, 3e-6) << k;
}

}  // namespace
}  // namespace flowspan::device
