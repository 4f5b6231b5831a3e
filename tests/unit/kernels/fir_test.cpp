#include "kernels/fir/fir.hpp"

#include "tests/unit/kernels/levels.hpp"
#include "tests/unit/oracle.hpp"

#include <random>

using namespace flowspan;
using namespace flowspan::kernels;

namespace {

const oracle::File& vectors() {
    static const oracle::File file("tests/unit/kernels/data/kernels.txt");
    return file;
}

/// `in` with zeros before it, as at the start of a stretch.
template <class S>
struct Padded {
    explicit Padded(const std::vector<S>& in, std::size_t history) : samples(history, S{}), start(history) {
        samples.insert(samples.end(), in.begin(), in.end());
    }
    const S* data() const { return samples.data() + start; }
    std::vector<S> samples;
    std::size_t start;
};

template <class S>
std::vector<S> filtered(const Fir<S>& fir, const std::vector<S>& in, std::size_t n) {
    std::vector<S> out(n);
    fir(Padded<S>(in, fir.history()).data(), out.data(), n);
    return out;
}

template <class S>
std::vector<S> samples_of(std::size_t n) {
    if constexpr (std::is_same_v<S, f32>)
        return real_noise(n);
    else
        return noise(n);
}

template <class S>
void expect_reference_at_awkward_sizes() {
    const auto in = samples_of<S>(6000);
    for (const std::size_t n_taps : {1, 2, 7, 8, 17, 64, 129}) {
        const auto random = real_noise(n_taps);
        const std::vector<double> taps(random.begin(), random.end());
        for (const auto& [up, down] : {std::pair{1, 1}, {1, 2}, {1, 5}, {3, 1}, {3, 2}, {2, 7}, {160, 147}}) {
            const Fir<S> fir(taps, std::size_t(up), std::size_t(down));
            const Padded<S> padded(in, 2000);
            for (const std::size_t n : awkward_sizes) {
                if (n * std::size_t(down) / std::size_t(up) >= in.size()) continue;
                std::vector<S> out(n), expected(n);
                fir(padded.data(), out.data(), n);
                reference::fir<S>(padded.data(), expected.data(), n, taps, std::size_t(up), std::size_t(down));
                EXPECT_LE(oracle::relative_error(out, expected), 1e-6)
                    << n_taps << " taps, " << up << "/" << down << ", n " << n;
            }
        }
    }
}

template <class S>
void expect_chunks_do_not_matter(std::size_t up, std::size_t down) {
    const auto random = real_noise(45);
    const std::vector<double> taps(random.begin(), random.end());
    const Fir<S> fir(taps, up, down);
    const Padded<S> in(samples_of<S>(4000), fir.history());
    const std::size_t total = 3000 * up / down;
    std::vector<S> whole(total), pieces(total);
    fir(in.data(), whole.data(), total);
    std::mt19937 random_size(7);
    for (std::size_t m = 0; m < total;) {
        const std::size_t n = std::min<std::size_t>(random_size() % 200 + 1, total - m);
        fir(in.data() + m * down / up, pieces.data() + m, n, m);
        m += n;
    }
    EXPECT_TRUE(same_bytes(whole, pieces)) << up << "/" << down;
}

std::vector<double> random_table(std::size_t phases, std::uint64_t taps, std::uint64_t up) {
    const auto random = real_noise(InterpolatedFir<f32>::table_size(phases, taps, up));
    return {random.begin(), random.end()};
}

/// `length`: of the filter, in samples of the input.
template <class S>
void expect_interpolated_reference() {
    const auto in = samples_of<S>(3000);
    for (const auto& [length, phases] : {std::pair{1.5, 1}, {7.0, 1}, {8.4, 8}, {18.01, 64}, {1.2, 128}, {5.9999, 1024}}) {
        for (const auto& [up, down] : {std::pair<std::uint64_t, std::uint64_t>{400000, 16025641},
                                       {16025641, 400000},
                                       {1'000'000'007, 1'000'000'009},
                                       {90'000'000'000'000'001, 90'000'000'000'000'000},
                                       {441, 80000},
                                       {7, 1}}) {
            const auto taps = std::uint64_t(length * double(up)) + 1;
            const auto table = random_table(std::size_t(phases), taps, up);
            const InterpolatedFir<S> fir(table, std::size_t(phases), taps, up, down);
            const Padded<S> padded(in, 2000);
            for (const std::size_t n : awkward_sizes) {
                if (double(n) * double(down) / double(up) >= 2900) continue;
                for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{123'456'789'012'345}}) {
                    std::vector<S> out(n), expected(n);
                    fir(padded.data(), out.data(), n, first);
                    reference::interpolated_fir<S>(padded.data(), expected.data(), n, table, std::size_t(phases), taps, up,
                                                   down, first);
                    EXPECT_LE(oracle::relative_error(out, expected), 2e-6)
                        << length << " samples, " << phases << " phases, " << up << "/" << down << ", n " << n << " from "
                        << first;
                }
            }
        }
    }
}

}  // namespace

TEST(InterpolatedFir, EqualsItsReferenceAtEveryLevel) {
    at_every_level([] {
        expect_interpolated_reference<f32>();
        expect_interpolated_reference<cf32>();
    });
}

// Products that do not cancel: the worst for a long sum.
TEST(InterpolatedFir, LongSumsKeepToOneInAMillion) {
    at_every_level([] {
        const std::uint64_t up = 5, down = 100'003, taps = 5 * 128'000;
        const std::vector<double> table(InterpolatedFir<cf32>::table_size(1, taps, up), 0.7);
        const InterpolatedFir<cf32> fir(table, 1, taps, up, down);
        const std::vector<cf32> in(150'000, cf32{0.1F, 0.9F});
        const Padded<cf32> padded(in, fir.history());
        std::vector<cf32> out(4), expected(4);
        fir(padded.data(), out.data(), out.size(), 0);
        reference::interpolated_fir<cf32>(padded.data(), expected.data(), expected.size(), table, 1, taps, up, down, 0);
        EXPECT_LE(oracle::relative_error(out, expected), 1e-6);
    });
}

TEST(InterpolatedFir, WithATableOfAllTapsIsTheFilterItself) {
    for (const std::uint64_t taps : {1, 2, 5, 45, 46, 160}) {
        const auto random = real_noise(taps + 1);
        const std::vector<double> table(random.begin(), random.end());
        const std::span<const double> filter(table.data(), taps);
        const std::uint64_t up = 5, down = 3;
        const InterpolatedFir<cf32> fir(table, up, taps, up, down);
        const Padded<cf32> in(noise(400), 200);
        std::vector<cf32> out(600), expected(600);
        fir(in.data(), out.data(), out.size());
        reference::fir<cf32>(in.data(), expected.data(), expected.size(), filter, up, down);
        EXPECT_LE(oracle::relative_error(out, expected), 1e-6) << taps;
    }
}

TEST(InterpolatedFir, WhereACallEndsDoesNotMatter) {
    at_every_level([] {
        const std::uint64_t up = 1'000'003, down = 2'500'009, taps = 46'888'000;
        const auto table = random_table(64, taps, up);
        const InterpolatedFir<cf32> fir(table, 64, taps, up, down);
        const Padded<cf32> in(noise(5000), fir.history());
        const std::size_t total = 1900;
        std::vector<cf32> whole(total), pieces(total);
        fir(in.data(), whole.data(), total);
        std::mt19937 random_size(7);
        for (std::size_t m = 0; m < total;) {
            const std::size_t n = std::min<std::size_t>(random_size() % 50 + 1, total - m);
            fir(in.data() + m * down / up, pieces.data() + m, n, m);
            m += n;
        }
        EXPECT_TRUE(same_bytes(whole, pieces));
    });
}

TEST(Fir, EqualsScipysFilterToOneInAMillion) {
    at_every_level([] {
        const auto in = vectors().samples("fir.in");
        const auto& taps = vectors().reals("fir.taps");
        EXPECT_LE(oracle::relative_error(filtered(Fir<cf32>(taps), in, 300), vectors().complexes("fir.out")), 1e-6);
        EXPECT_LE(oracle::relative_error(filtered(Fir<cf32>(taps, 1, 5), in, 60), vectors().complexes("fir.out.by5")), 1e-6);
        EXPECT_LE(oracle::relative_error(filtered(Fir<cf32>(taps, 3, 2), in, 450), vectors().complexes("fir.out.3over2")),
                  1e-6);
        EXPECT_LE(oracle::relative_error(filtered(Fir<cf32>(taps, 2, 7), in, 86), vectors().complexes("fir.out.2over7")), 1e-6);
    });
}

TEST(Fir, WithComplexTapsEqualsScipysFilter) {
    at_every_level([] {
        const ComplexFir fir(vectors().complexes("fir.complex_taps"), 3);
        const Padded<cf32> in(vectors().samples("fir.in"), fir.history());
        std::vector<cf32> out(100);
        fir(in.data(), out.data(), out.size());
        EXPECT_LE(oracle::relative_error(out, vectors().complexes("fir.out.complex.by3")), 1e-6);
    });
}

TEST(Fir, EqualsThePlainLoopAtAwkwardSizes) {
    at_every_level([] {
        expect_reference_at_awkward_sizes<f32>();
        expect_reference_at_awkward_sizes<cf32>();
    });
}

TEST(Fir, WithComplexTapsEqualsThePlainLoopAtAwkwardSizes) {
    at_every_level([] {
        for (const std::size_t n_taps : {1, 7, 8, 81}) {
            const auto random = noise(n_taps);
            const std::vector<cf64> taps(random.begin(), random.end());
            const ComplexFir fir(taps, 3);
            const Padded<cf32> in(noise(3200), 200);
            for (const std::size_t n : awkward_sizes) {
                std::vector<cf32> out(n), expected(n);
                fir(in.data(), out.data(), n);
                reference::fir(in.data(), expected.data(), n, taps, 3);
                EXPECT_LE(oracle::relative_error(out, expected), 1e-6) << n_taps << " taps, n " << n;
            }
        }
    });
}

TEST(Fir, MakesTheSameBytesInPiecesAsAtOnce) {
    at_every_level([] {
        for (const auto& [up, down] : {std::pair{1, 1}, {1, 3}, {3, 2}, {2, 7}, {48, 125}}) {
            expect_chunks_do_not_matter<f32>(std::size_t(up), std::size_t(down));
            expect_chunks_do_not_matter<cf32>(std::size_t(up), std::size_t(down));
        }
    });
}

TEST(Fir, MakesTheSameBytesAtEveryLevelWithFusedMultiplyAdd) {
    const auto& taps = vectors().reals("fir.taps");
    const auto in = vectors().samples("fir.in");
    expect_same_at_levels([&] { return filtered(Fir<cf32>(taps), in, 299); }, true);
    expect_same_at_levels([&] { return filtered(Fir<cf32>(taps, 1, 3), in, 99); }, true);
    expect_same_at_levels([&] { return filtered(Fir<f32>(taps, 3, 2), real_noise(300), 400); }, true);
    expect_same_at_levels([&] { return filtered(Fir<f32>(taps), real_noise(300), 299); }, true);
    expect_same_at_levels(
        [&] {
            const ComplexFir fir(vectors().complexes("fir.complex_taps"), 3);
            std::vector<cf32> out(99);
            fir(Padded<cf32>(in, fir.history()).data(), out.data(), out.size());
            return out;
        },
        true);
}

TEST(Fir, ReadsNothingOutsideItsHistoryAndTheLastOutputsSample) {
    at_every_level([] {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        for (const std::size_t down : {1, 4}) {
            const std::vector<double> taps(19, 0.5);
            const Fir<cf32> fir(taps, 1, down);
            for (const std::size_t n : {1, 5, 8, 40, 65, 130}) {
                const std::size_t used = fir.history() + (n - 1) * down + 1;
                std::vector<cf32> in(64 + used + 64, cf32(nan, nan)), out(n);
                std::fill_n(in.begin() + 64, used, cf32(1, -1));
                fir(in.data() + 64 + fir.history(), out.data(), n);
                for (const cf32 y : out) EXPECT_EQ(y, cf32(9.5F, -9.5F));
            }
        }
    });
}
