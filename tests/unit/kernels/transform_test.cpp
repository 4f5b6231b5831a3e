#include "kernels/fft/fft.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/fir_design/fir_design.hpp"
#include "kernels/overlap_save/overlap_save.hpp"
#include "kernels/pfb/pfb.hpp"
#include "kernels/rotate/rotate.hpp"
#include "kernels/spectrum/spectrum.hpp"
#include "kernels/window/window.hpp"

#include "tests/unit/kernels/levels.hpp"
#include "tests/unit/oracle.hpp"

using namespace flowspan;
using namespace flowspan::kernels;

namespace {

std::vector<cf32> transformed(const std::vector<cf32>& in, Direction direction = Direction::forward) {
    Fft fft(in.size(), direction);
    std::copy(in.begin(), in.end(), fft.in());
    fft.run();
    return {fft.out(), fft.out() + in.size()};
}

std::vector<std::vector<cf32>> channelized(std::size_t channels, std::size_t taps, const std::vector<cf32>& in,
                                           std::size_t frames, std::size_t piece, std::uint64_t first = 0) {
    Pfb pfb(channels, pfb_prototype(channels, taps, 80));
    std::vector<cf32> padded(pfb.history());
    padded.insert(padded.end(), in.begin(), in.end());
    std::vector<std::vector<cf32>> out(channels, std::vector<cf32>(frames));
    for (std::size_t m = 0; m < frames; m += piece) {
        std::vector<cf32*> rows;
        for (auto& row : out) rows.push_back(row.data() + m);
        pfb(padded.data() + pfb.history() + m * channels, rows.data(), std::min(piece, frames - m), first);
    }
    return out;
}

}  // namespace

TEST(Fft, EqualsNumpys) {
    const oracle::File vectors("tests/unit/kernels/data/kernels.txt");
    auto in = vectors.samples("fir.in");
    in.resize(60);
    EXPECT_LE(oracle::relative_error(transformed(in), vectors.complexes("dft.60")), 1e-6);
    in.resize(31);
    EXPECT_LE(oracle::relative_error(transformed(in, Direction::inverse), vectors.complexes("dft.31.inverse")), 1e-6);
}

TEST(Fft, EqualsThePlainSumAtAwkwardSizes) {
    for (const std::size_t n : {1, 2, 7, 32, 128, 1023}) {
        const auto in = noise(n);
        std::vector<cf32> expected(n);
        reference::dft(in.data(), expected.data(), n, Direction::forward);
        EXPECT_LE(oracle::relative_error(transformed(in), expected), 1e-6) << n;
    }
}

TEST(Fft, PutsFrequencyZeroInTheMiddle) {
    EXPECT_EQ(ascending(0, 8), 4U);
    EXPECT_EQ(ascending(4, 8), 0U);
    EXPECT_EQ(ascending(0, 5), 2U);
    EXPECT_EQ(ascending(3, 5), 0U);
}

TEST(Fft, RunsPlainCodeAloneWhereItIsToBePortable) {
    const std::vector<cf32> in = noise(1000);
    portable_fft(true);
    for (const std::size_t n : {std::size_t(7), std::size_t(60), std::size_t(1000)}) {
        const std::string plan = Fft(n).plan_text();
        for (const char* simd : {"sse", "avx", "kcvi", "altivec", "neon"})
            EXPECT_EQ(plan.find(simd), std::string::npos) << plan;
        const std::vector<cf32> part(in.begin(), in.begin() + std::ptrdiff_t(n));
        std::vector<cf32> expected(n);
        reference::dft(part.data(), expected.data(), n, Direction::forward);
        EXPECT_LT(oracle::relative_error(transformed(part), expected), 1e-6);
    }
    portable_fft(false);
    if (isa_levels().size() > 1) {
        const std::string plan = Fft(1000).plan_text();
        EXPECT_TRUE(plan.find("sse") != std::string::npos || plan.find("avx") != std::string::npos)
            << "and the processor's own where it need not be: " << plan;
    }
}

TEST(RowsFft, PutsEachRowsTransformIntoAColumn) {
    for (const std::size_t n : {1, 3, 5, 16, 60, 64, 127}) {
        RowsFft rows(n, 8);
        const auto in = noise(8 * n);
        std::copy(in.begin(), in.end(), rows.in());
        rows.run();
        for (std::size_t f = 0; f < 8; ++f) {
            std::vector<cf32> column(n), expected(n);
            for (std::size_t k = 0; k < n; ++k) column[k] = rows.out()[k * 8 + f];
            reference::dft(in.data() + f * n, expected.data(), n, Direction::forward);
            EXPECT_LE(oracle::relative_error(column, expected), 1e-6) << n;
        }
    }
}

TEST(Pfb, EqualsTheSumThatDefinesIt) {
    at_every_level([] {
        for (const std::size_t channels : {1, 2, 3, 5, 8, 64}) {
            const std::size_t frames = 11;
            const auto in = noise(channels * frames);
            const std::uint64_t first = channels % 3 == 2 ? 1003 : 0;
            const auto out = channelized(channels, 6, in, frames, frames, first);
            std::vector<cf32> padded(channels * 6);
            padded.insert(padded.end(), in.begin(), in.end());
            std::vector<std::vector<cf32>> expected(channels, std::vector<cf32>(frames));
            std::vector<cf32*> rows;
            for (auto& row : expected) rows.push_back(row.data());
            reference::pfb(padded.data() + channels * 6, rows.data(), frames, channels, pfb_prototype(channels, 6, 80), first);
            std::vector<cf32> all, wanted;
            for (std::size_t c = 0; c < channels; ++c) {
                all.insert(all.end(), out[c].begin(), out[c].end());
                wanted.insert(wanted.end(), expected[c].begin(), expected[c].end());
            }
            EXPECT_LE(oracle::relative_error(all, wanted), 1e-6) << channels;
        }
    });
}

TEST(Pfb, MakesTheSameBytesInPiecesOfWholeBlocksAndAtEveryLevelWithFusedMultiplyAdd) {
    const auto in = noise(64 * 40);
    const auto whole = channelized(64, 8, in, 40, 40);
    for (const std::size_t piece : {8, 16, 24}) EXPECT_EQ(channelized(64, 8, in, 40, piece), whole) << piece;
    expect_same_at_levels([&] { return channelized(64, 8, in, 40, 40)[5]; }, true);
}

TEST(Pfb, SkipsPortsThatNobodyReads) {
    Pfb pfb(4, pfb_prototype(4, 3, 80));
    const auto in = noise(100);
    std::vector<cf32> row(5, cf32(9, 9));
    cf32* rows[] = {nullptr, row.data(), nullptr, nullptr};
    pfb(in.data() + 12, rows, 5);
    for (const cf32 y : row) EXPECT_NE(y, cf32(9, 9));
}

TEST(OverlapSave, EqualsTheDirectFilter) {
    const auto random = real_noise(301);
    const std::vector<double> taps(random.begin(), random.end());
    for (const std::size_t decimation : {1, 3, 10}) {
        OverlapSave<cf32> fast(taps, decimation);
        EXPECT_EQ(fast.block(), OverlapSave<cf32>::block_for(301, decimation));
        const std::size_t n = fast.block() + fast.block() / 2 + 1;
        std::vector<cf32> in = noise(300 + 2 * fast.block() * decimation + 1), out(n), expected(n);
        fast(in.data() + 300, out.data(), n);
        reference::fir<cf32>(in.data() + 300, expected.data(), n, taps, 1, decimation);
        EXPECT_LE(oracle::relative_error(out, expected), 1e-6) << decimation;
    }
}

TEST(OverlapSave, MakesZerosOfZeros) {
    const std::size_t L = 301;
    const auto random = real_noise(L);
    const std::vector<double> taps(random.begin(), random.end());
    for (const std::size_t decimation : {1, 3, 400})
        for (const std::size_t zeros : {L - 1, L, L + 1, 2 * L, 3000UL}) {
            OverlapSave<cf32> fast(taps, decimation);
            const std::size_t n = 3 * fast.block() + 1;
            std::vector<cf32> in = noise(L - 1 + 4 * fast.block() * decimation), out(n), expected(n);
            for (std::size_t at = 17; at + zeros < in.size(); at += 2 * zeros + 5)
                std::fill_n(in.begin() + std::ptrdiff_t(at), zeros, cf32());
            fast(in.data() + L - 1, out.data(), n);
            reference::fir<cf32>(in.data() + L - 1, expected.data(), n, taps, 1, decimation);
            for (std::size_t i = 0; i < n; ++i)
                ASSERT_EQ(out[i] == cf32(), expected[i] == cf32()) << decimation << " " << zeros << " " << i;
        }
}

TEST(OverlapSave, FiltersRealSamples) {
    const auto random = real_noise(200);
    const std::vector<double> taps(random.begin(), random.end());
    OverlapSave<f32> fast(taps);
    std::vector<f32> in = real_noise(199 + fast.block()), out(fast.block()), expected(fast.block());
    fast(in.data() + 199, out.data(), out.size());
    reference::fir<f32>(in.data() + 199, expected.data(), out.size(), taps);
    EXPECT_LE(oracle::relative_error(out, expected), 1e-6);
}

TEST(Rotator, EqualsThePlainPhasorFarOut) {
    at_every_level([] {
        const std::uint64_t increment = phase_increment(0.1234567), phase = phase_increment(0.3);
        const Rotator rotate(increment);
        for (const std::uint64_t first : {std::uint64_t(0), std::uint64_t(61), std::uint64_t(1) << 50}) {
            for (const std::size_t n : awkward_sizes) {
                const auto in = noise(n);
                std::vector<cf32> out(n), expected(n);
                rotate(in.data(), out.data(), n, first, phase);
                reference::rotate(in.data(), expected.data(), n, first, increment, phase);
                EXPECT_LE(oracle::relative_error(out, expected), 1e-6);
                const std::vector<cf32> ones(n, cf32(1, 0));
                rotate.generate(out.data(), n, first, 0.5F, phase);
                reference::rotate(ones.data(), expected.data(), n, first, increment, phase);
                for (auto& z : expected) z *= 0.5F;
                EXPECT_LE(oracle::relative_error(out, expected), 1e-6);
            }
        }
    });
}

TEST(Rotator, MakesTheSameBytesInPiecesAndAtEveryLevel) {
    const Rotator rotate(phase_increment(0.0371));
    const auto in = noise(1000);
    std::vector<cf32> whole(1000), pieces(1000);
    rotate(in.data(), whole.data(), 1000, 5);
    for (std::size_t i = 0; i < 1000;) {
        const std::size_t n = std::min<std::size_t>(1 + i % 77, 1000 - i);
        rotate(in.data() + i, pieces.data() + i, n, 5 + i);
        i += n;
    }
    EXPECT_TRUE(same_bytes(whole, pieces));
    expect_same_at_levels([&] {
        std::vector<cf32> out(1000);
        rotate(in.data(), out.data(), 1000, 5);
        return out;
    });
}

TEST(Spectrum, WindowsAndAddsPower) {
    at_every_level([] {
        for (const std::size_t n : awkward_sizes) {
            const auto in = noise(n);
            const auto w = real_noise(n);
            std::vector<cf32> out(n);
            std::vector<double> sum(n, 1.0);
            apply_window(in.data(), w.data(), out.data(), n);
            add_power(in.data(), sum.data(), n);
            for (std::size_t i = 0; i < n; ++i) {
                EXPECT_EQ(out[i], in[i] * w[i]);
                EXPECT_NEAR(sum[i], 1 + std::norm(cf64(in[i])), 1e-6);
            }
        }
    });
    const auto in = noise(1000);
    expect_same_at_levels([&] {
        std::vector<double> sum(1000);
        add_power(in.data(), sum.data(), 1000);
        return sum;
    });
}
