// Spectra of frames on a device against the sum in double precision, and themselves in other pieces.
#include "kernels/fft/fft.hpp"
#include "kernels/fft/fft_device.hpp"
#include "memory/device/pieces.hpp"
#include "tests/device/kernels.hpp"

#include <flowspan/kernels/window.hpp>

namespace flowspan::device {
namespace {

using namespace flowspan::kernels;

std::vector<f32> window_of(std::size_t M) {
    const auto w = kernels::window("hamming", M, Symmetry::periodic);
    return {w.begin(), w.end()};
}
template <class S>
std::vector<S> input_of(std::size_t n) {
    if constexpr (std::is_same_v<S, f32>)
        return real_noise(n);
    else
        return noise(n);
}
std::size_t samples_of(std::size_t M, std::size_t hop, std::size_t n) { return n == 0 ? 0 : (n - 1) * hop + M; }

template <class S>
std::vector<cf32> made_of(const std::vector<S>& x, std::size_t M, std::size_t hop, std::size_t n, std::size_t most,
                          std::uint64_t index = 0) {
    Queue queue(0);
    const DeviceFft<S> fft(queue, window_of(M));
    const Array<S> in(queue, x);
    Array<cf32> out(M * n + 2 * margin);
    std::vector<typename DeviceFft<S>::Piece> pieces;
    for (std::size_t m = 0; m < n; m += most)
        pieces.push_back({in.data() + m * hop, out.data() + margin + m * M, std::min(most, n - m), index + m});
    fft(queue, pieces, hop);
    if (DeviceFft<S>::has_own(M))
        EXPECT_EQ(queue.counts().launches, n == 0 ? 0U
                                                  : (pieces.size() + most_pieces<typename DeviceFft<S>::Piece> - 1) /
                                                        most_pieces<typename DeviceFft<S>::Piece>);
    return unpoisoned(out.get(queue), 0, M * n);
}

template <class S>
std::vector<cf32> expected_of(const std::vector<S>& x, std::size_t M, std::size_t hop, std::size_t n) {
    std::vector<cf32> frame(M), bins(M), all(M * n);
    const auto w = window_of(M);
    for (std::size_t m = 0; m < n; ++m) {
        for (std::size_t i = 0; i < M; ++i) frame[i] = x[m * hop + i] * w[i];
        kernels::reference::dft(frame.data(), bins.data(), M, Direction::forward);
        for (std::size_t k = 0; k < M; ++k) all[m * M + ascending(k, M)] = bins[k];
    }
    return all;
}

template <class S>
void expect_right(std::size_t M, std::size_t hop, std::size_t n) {
    const auto x = input_of<S>(samples_of(M, hop, n));
    EXPECT_LE(relative_error(made_of(x, M, hop, n, n + 1), expected_of(x, M, hop, n)), 1e-6) << M << "/" << hop << ", " << n;
}

TEST(DeviceFft, IsTheSumWithin1eMinus6) {
    in_every_order([] {
        for (const std::size_t n : {0U, 1U, 63U, 65U}) expect_right<cf32>(64, 64, n);
        expect_right<cf32>(128, 50, 33);
        expect_right<f32>(256, 300, 17);
    });
    behave("order=random,seed=11");
    for (std::size_t M = 1; M <= 4096; M *= 2) {
        expect_right<cf32>(M, M, M < 1000 ? 3 : 2);
        expect_right<f32>(M, M / 2 + 1, M < 1000 ? 5 : 2);
    }
}

TEST(DeviceFft, TakesFramesOfAnySize) {
    if (!why_no_transforms().empty()) GTEST_SKIP() << why_no_transforms();
    in_every_order([] {
        for (const std::size_t n : {0U, 1U, 63U, 65U}) expect_right<cf32>(60, 60, n);
        expect_right<cf32>(3, 7, 33);
        expect_right<f32>(1000, 300, 5);
    });
    behave("order=random,seed=11");
    for (const std::size_t M : {6U, 127U, 1023U, 4095U, 4097U, 8192U, 10000U}) {
        expect_right<cf32>(M, M, M < 1000 ? 3 : 2);
        expect_right<f32>(M, M / 2 + 1, M < 1000 ? 5 : 2);
    }
}

TEST(DeviceFft, OfTheLibraryTiesFramesToRows) {
    if (!why_no_transforms().empty()) GTEST_SKIP() << why_no_transforms();
    // In batches of 17 rows, over the end of one, from any index.
    constexpr std::size_t M = 60000, n = 5;
    static_assert((1 << 20) / M == 17);
    const auto x = noise(samples_of(M, 100, n));
    behave("");
    const auto first = made_of(x, M, 100, n, n);
    for (const std::uint64_t index : {std::uint64_t(15), std::uint64_t(1) << 40}) {
        EXPECT_TRUE(same_bytes(made_of(x, M, 100, n, n, index), first)) << index;
        EXPECT_TRUE(same_bytes(made_of(x, M, 100, n, 2, index), first)) << index;
    }
}

TEST(DeviceFft, MakesTheSameBitsInAnyPieces) {
    for (const auto& [M, hop] : {std::pair(64U, 64U), {8U, 3U}, {256U, 100U}, {1024U, 1024U}, {30U, 20U}}) {
        if (!DeviceFft<cf32>::has_own(M) && !why_no_transforms().empty()) continue;
        constexpr std::size_t n = 70;
        const auto x = noise(samples_of(M, hop, n));
        behave("");
        const auto whole = made_of(x, M, hop, n, n);
        for (const std::size_t most : {1U, 7U, 64U}) {
            behave("order=random,seed=8");
            EXPECT_TRUE(same_bytes(made_of(x, M, hop, n, most), whole)) << M << ", " << most;
        }
    }
}

TEST(DeviceFft, HasOwnTransformsOfPowersOfTwo) {
    for (const std::size_t M : {1U, 2U, 4096U}) EXPECT_TRUE(DeviceFft<cf32>::has_own(M)) << M;
    for (const std::size_t M : {0U, 3U, 96U, 8192U}) EXPECT_FALSE(DeviceFft<cf32>::has_own(M)) << M;
    behave("transforms=off");
    if (why_no_transforms().empty()) GTEST_SKIP() << "this device has them";
    EXPECT_EQ(said_by([] {
                  Queue queue(0);
                  const DeviceFft<f32> fft(queue, std::vector<f32>(96));
              }),
              "device 0: loading cuFFT failed: FLOWSPAN_EMULATED says transforms=off");
}

}  // namespace
}  // namespace flowspan::device
