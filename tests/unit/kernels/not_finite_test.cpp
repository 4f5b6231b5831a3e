#include "kernels/not_finite/not_finite.hpp"
#include "kernels/not_finite/filters_cpu.hpp"

#include "kernels/argument/argument.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/overlap_save/overlap_save.hpp"
#include "kernels/rotate/rotate.hpp"

#include "tests/unit/kernels/levels.hpp"
#include "tests/unit/oracle.hpp"

#include <random>

using namespace flowspan;
using namespace flowspan::kernels;

namespace {

constexpr f32 no_number = std::numeric_limits<f32>::quiet_NaN(), infinity = std::numeric_limits<f32>::infinity();

template <class S>
std::vector<S> samples_of(std::size_t n) {
    if constexpr (std::is_same_v<S, f32>)
        return real_noise(n);
    else
        return noise(n);
}

std::vector<double> random_taps(std::size_t n) {
    const auto random = real_noise(n);
    return {random.begin(), random.end()};
}

/// Noise with NaN of both signs and infinities at random places, in one part of a sample or in both.
template <class S>
std::vector<S> with_bad(std::size_t n, std::size_t bad, std::uint64_t seed) {
    auto x = samples_of<S>(n);
    std::mt19937_64 random(seed);
    for (std::size_t k = 0; k < bad; ++k) {
        const f32 value = std::array{no_number, -no_number, infinity, -infinity}[random() % 4];
        S& at = x[random() % n];
        part(at, 0) = value;
        if (NotFinite<S>::parts == 2 && random() % 2 == 0)
            part(at, random() % 2) = std::array{no_number, infinity}[random() % 2];
    }
    return x;
}

/// Part by part: NaN where NaN is expected, the same infinity, and else to 1e-6 of the largest finite one.
template <class S>
void expect_equal(const std::vector<S>& got, const std::vector<S>& expected, const std::string& what) {
    ASSERT_EQ(got.size(), expected.size()) << what;
    double largest = 1;
    for (const S& y : expected)
        for (std::size_t c = 0; c < NotFinite<S>::parts; ++c)
            if (std::isfinite(part(y, c))) largest = std::max(largest, std::abs(double(part(y, c))));
    for (std::size_t i = 0; i < got.size(); ++i) {
        for (std::size_t c = 0; c < NotFinite<S>::parts; ++c) {
            const f32 y = part(got[i], c), wanted = part(expected[i], c);
            if (std::isnan(wanted))
                ASSERT_TRUE(std::isnan(y)) << what << ", output " << i << " part " << c << " is " << y;
            else if (std::isinf(wanted))
                ASSERT_EQ(y, wanted) << what << ", output " << i << " part " << c;
            else
                ASSERT_LE(std::abs(double(y) - double(wanted)), 1e-6 * largest)
                    << what << ", output " << i << " part " << c << " is " << y;
        }
    }
}

template <class S>
void expect_filters_touch_what_sums_them(std::size_t n_taps, std::size_t up, std::size_t down) {
    const auto taps = random_taps(n_taps);
    const Fir<S> fir(taps, up, down);
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const std::size_t n = 500, first = seed * 7;
        const auto in = with_bad<S>(fir.history() + n * down / up + down + 1, seed, seed);
        std::vector<S> out(n), expected(n);
        fir(in.data() + fir.history(), out.data(), n, first);
        reference::fir<S>(in.data() + fir.history(), expected.data(), n, taps, up, down, first);
        expect_equal(out, expected, std::to_string(n_taps) + " taps " + std::to_string(up) + "/" + std::to_string(down));
    }
}

// The sum as it stands, with a plain complex product.
std::vector<cf32> plain_complex(const cf32* in, std::size_t n, const std::vector<cf64>& taps, std::size_t decimation) {
    std::vector<cf32> out;
    for (std::size_t i = 0; i < n; ++i) {
        double re = 0, im = 0;
        for (std::size_t k = 0; k < taps.size(); ++k) {
            const cf64 x(in[std::ptrdiff_t(i * decimation) - std::ptrdiff_t(k)]), h = taps[k];
            re += h.real() * x.real() - h.imag() * x.imag();
            im += h.real() * x.imag() + h.imag() * x.real();
        }
        out.emplace_back(f32(re), f32(im));
    }
    return out;
}

template <class S>
void expect_fast_filter_touches_what_sums_it(std::size_t n_taps, std::size_t decimation) {
    const auto taps = random_taps(n_taps);
    OverlapSave<S> fast(taps, decimation);
    const std::size_t n = 2 * fast.block() + fast.block() / 3 + 1;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const auto in = with_bad<S>(fast.history() + 3 * fast.block() * decimation, seed - 1, seed);
        std::vector<S> out(n), expected(n), pieces(n);
        fast(in.data() + fast.history(), out.data(), n);
        reference::fir<S>(in.data() + fast.history(), expected.data(), n, taps, 1, decimation);
        expect_equal(out, expected, std::to_string(n_taps) + " taps by " + std::to_string(decimation));
        for (std::size_t i = 0; i < n; i += fast.block())
            fast(in.data() + fast.history() + i * decimation, pieces.data() + i, std::min(fast.block(), n - i));
        EXPECT_TRUE(same_bytes(out, pieces));
    }
}

template <class S>
double error_of_direct(const std::vector<double>& taps, const std::vector<S>& in, std::size_t up, std::size_t down) {
    const Fir<S> fir(taps, up, down);
    const std::size_t n = std::min<std::size_t>(50, (in.size() - fir.history() - 1) * up / down);
    std::vector<S> out(n), expected(n);
    fir(in.data() + fir.history(), out.data(), n, 3);
    reference::fir<S>(in.data() + fir.history(), expected.data(), n, taps, up, down, 3);
    return oracle::relative_error(out, expected);
}

/// Taps that fall by a factor of e in `tau` samples, of sum 1.
std::vector<double> decaying(double tau) {
    std::vector<double> taps(std::size_t(16.2 * tau) + 1);
    double sum = 0;
    for (std::size_t k = 0; k < taps.size(); ++k) sum += taps[k] = std::exp(-double(k) / tau);
    for (double& h : taps) h /= sum;
    return taps;
}

}  // namespace

TEST(AllFinite, SeesEachNumber) {
    at_every_level([] {
        for (const std::size_t n : awkward_sizes) {
            std::vector<f32> x(n, std::numeric_limits<f32>::max());
            EXPECT_TRUE(all_finite(x.data(), n));
            for (std::size_t k = 0; k < n; ++k) {
                for (const f32 bad : {no_number, -no_number, infinity, -infinity}) {
                    x[k] = bad;
                    EXPECT_FALSE(all_finite(x.data(), n)) << bad << " at " << k << " of " << n;
                }
                x[k] = -1e-42F;
            }
            EXPECT_TRUE(all_finite(x.data(), n));
        }
    });
}

TEST(UnifyNan, MakesEachNaNTheSameAndLeavesTheRest) {
    for (const std::size_t n : awkward_sizes) {
        std::vector<f32> x(n, -1.5F), expected = x;
        for (std::size_t k = 0; k < n; k += 3) x[k] = k % 2 == 0 ? -no_number : std::nanf("77"), expected[k] = no_number;
        for (std::size_t k = 1; k < n; k += 3) x[k] = expected[k] = -infinity;
        unify_nan(x.data(), n);
        EXPECT_TRUE(same_bytes(x, expected)) << n;
    }
}

TEST(Fir, TouchesWithWhatIsNotFiniteTheOutputsThatSumIt) {
    at_every_level([] {
        for (const std::size_t taps : {1, 2, 5, 8, 17, 63, 130, 300, 1100}) {
            for (const auto& [up, down] : {std::pair{1, 1}, {1, 3}, {3, 2}, {5, 1}, {2, 7}}) {
                expect_filters_touch_what_sums_them<f32>(taps, std::size_t(up), std::size_t(down));
                expect_filters_touch_what_sums_them<cf32>(taps, std::size_t(up), std::size_t(down));
            }
        }
    });
}

TEST(Fir, WithComplexTapsTouchesWithWhatIsNotFiniteTheOutputsThatSumIt) {
    at_every_level([] {
        for (const std::size_t n_taps : {1, 7, 81, 600}) {
            const auto random = noise(n_taps);
            const std::vector<cf64> taps(random.begin(), random.end());
            for (const std::size_t down : {1, 3}) {
                const ComplexFir fir(taps, down);
                for (std::uint64_t seed = 1; seed <= 4; ++seed) {
                    const auto in = with_bad<cf32>(fir.history() + 300 * down, seed, seed);
                    std::vector<cf32> out(300);
                    fir(in.data() + fir.history(), out.data(), out.size());
                    expect_equal(out, plain_complex(in.data() + fir.history(), out.size(), taps, down),
                                 std::to_string(n_taps) + " taps");
                }
            }
        }
    });
}

TEST(Fir, MakesTheSameBytesInPiecesOfWhatIsNotFinite) {
    at_every_level([] {
        for (const auto& [up, down] : {std::pair{1, 1}, {1, 3}, {3, 2}}) {
            const auto taps = random_taps(45);
            const Fir<cf32> fir(taps, std::size_t(up), std::size_t(down));
            const auto in = with_bad<cf32>(4000, 25, 3);
            const std::size_t total = std::size_t(3000 * up / down);
            std::vector<cf32> whole(total), pieces(total);
            fir(in.data() + fir.history(), whole.data(), total);
            std::mt19937 random_size(7);
            for (std::size_t m = 0; m < total;) {
                const std::size_t n = std::min<std::size_t>(random_size() % 60 + 1, total - m);
                fir(in.data() + fir.history() + m * std::size_t(down) / std::size_t(up), pieces.data() + m, n, m);
                m += n;
            }
            EXPECT_TRUE(same_bytes(whole, pieces)) << up << "/" << down;
        }
    });
}

TEST(Fir, SumsWhatWouldGoBeyondTheRangeOfAFloatOnItsWay) {
    const std::vector<double> taps{1, 1, -1, -1};
    const Fir<f32> fir(taps);
    const std::vector<f32> in(fir.history() + 100, 3e38F);
    std::vector<f32> out(100);
    fir(in.data() + fir.history(), out.data(), 100);
    for (const f32 y : out) EXPECT_EQ(y, 0);
}

TEST(OverlapSave, TouchesWithWhatIsNotFiniteTheOutputsThatSumIt) {
    for (const std::size_t taps : {129, 200, 301, 513, 1000}) {
        for (const std::size_t decimation : {1, 3, 10}) {
            expect_fast_filter_touches_what_sums_it<f32>(taps, decimation);
            expect_fast_filter_touches_what_sums_it<cf32>(taps, decimation);
        }
    }
}

TEST(OverlapSave, MakesOfWhatItDoesNotTouchTheBytesThatAZeroInItsPlaceGives) {
    OverlapSave<cf32> fast(random_taps(513));
    auto in = noise(fast.history() + fast.block());
    std::vector<cf32> clean(fast.block()), touched(fast.block());
    const std::size_t at = fast.history() + 700;
    in[at] = 0;
    fast(in.data() + fast.history(), clean.data(), fast.block());
    in[at] = {no_number, infinity};
    fast(in.data() + fast.history(), touched.data(), fast.block());
    for (std::size_t i = 0; i < fast.block(); ++i) {
        if (i >= 700 && i < 700 + 513)
            EXPECT_FALSE(is_finite(touched[i])) << i;
        else
            EXPECT_EQ(touched[i], clean[i]) << i;
    }
}

TEST(OverlapSave, FiltersTheLargestNumbersOfAFloat) {
    const std::vector<double> taps(200, 1.0 / 200);
    OverlapSave<cf32> fast(taps);
    const std::vector<cf32> in(fast.history() + fast.block(), cf32(3e38F, -2e38F));
    std::vector<cf32> out(fast.block());
    fast(in.data() + fast.history(), out.data(), out.size());
    for (const cf32 y : out) {
        EXPECT_NEAR(y.real(), 3e38, 1e33);
        EXPECT_NEAR(y.imag(), -2e38, 1e33);
    }
}

TEST(Fir, KeepsToAMillionthAtAnyLength) {
    at_every_level([] {
        for (const std::size_t n_taps : {65, 128, 129, 300, 513, 1025, 5000, 32401, 128000}) {
            const auto random = random_taps(n_taps);
            const std::vector<double> mean(n_taps, 1.0 / double(n_taps));
            const std::size_t n = n_taps + 2000;
            for (const auto& [up, down] : {std::pair{1, 1}, {1, 7}, {3, 2}}) {
                const std::vector<f32> constant(n, 0.3F);
                const std::vector<cf32> complex_constant(n, cf32(0.3F, -0.7F));
                EXPECT_LE(error_of_direct(random, real_noise(n), std::size_t(up), std::size_t(down)), 1e-6) << n_taps;
                EXPECT_LE(error_of_direct(random, noise(n), std::size_t(up), std::size_t(down)), 1e-6) << n_taps;
                EXPECT_LE(error_of_direct(mean, constant, std::size_t(up), std::size_t(down)), 1e-6) << n_taps;
                EXPECT_LE(error_of_direct(mean, complex_constant, std::size_t(up), std::size_t(down)), 1e-6) << n_taps;
            }
        }
        for (const double tau : {3.0, 12.0, 48.0, 333.0, 2000.0, 10007.0}) {
            const auto taps = decaying(tau);
            const std::size_t n = taps.size() + 2000;
            EXPECT_LE(error_of_direct(taps, std::vector<f32>(n, 0.3F), 1, 1), 1e-6) << tau;
            EXPECT_LE(error_of_direct(taps, std::vector<f32>(n, 1.0F), 1, 1), 1e-6) << tau;
            EXPECT_LE(error_of_direct(taps, real_noise(n), 1, 1), 1e-6) << tau;
        }
    });
}

TEST(Fir, WithComplexTapsKeepsToAMillionthAtAnyLength) {
    at_every_level([] {
        for (const std::size_t n_taps : {129, 1025, 128000}) {
            for (const bool steady : {false, true}) {
                const auto random = noise(n_taps);
                std::vector<cf64> taps(random.begin(), random.end());
                if (steady) taps.assign(n_taps, cf64(0.6, 0.8) / double(n_taps));
                const ComplexFir fir(taps, 2);
                const auto in = steady ? std::vector<cf32>(n_taps + 200, cf32(0.3F, -0.7F)) : noise(n_taps + 200);
                std::vector<cf32> out(50), expected(50);
                fir(in.data() + fir.history(), out.data(), 50);
                reference::fir(in.data() + fir.history(), expected.data(), 50, taps, 2);
                EXPECT_LE(oracle::relative_error(out, expected), 1e-6) << n_taps;
            }
        }
    });
}

TEST(Argument, OfNaNIsNaN) {
    for (const cf32 z : {cf32(no_number, 1), cf32(1, no_number), cf32(no_number, no_number), cf32(no_number, 0),
                         cf32(infinity, no_number), cf32(infinity, infinity)})
        EXPECT_TRUE(std::isnan(argument(z))) << z;
    EXPECT_EQ(argument({infinity, 1}), 0);
    EXPECT_NEAR(argument({1, -infinity}), -pi / 2, 1e-6);
    at_every_level([] {
        for (const std::size_t n : {1, 7, 8, 16, 33}) {
            std::vector<cf32> in(n + 1, cf32(1, 1));
            for (std::size_t at = 0; at <= n; ++at) {
                in[at] = {1, no_number};
                std::vector<f32> out(n);
                quadrature_demod(in.data() + 1, out.data(), n, 1);
                for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(std::isnan(out[i]), i == at || i + 1 == at) << i << " " << at;
                in[at] = {1, 1};
            }
        }
    });
}
