#include "tests/unit/blocks/files.hpp"
#include "tests/unit/blocks/running.hpp"

#include "io/products/spectrum_picture.hpp"
#include "kernels/tree_sum/tree_sum.hpp"

#include <algorithm>
#include <cmath>

using namespace flowspan;
using namespace flowspan::test;

namespace {

/// Spectra of 64 bins, of power 1 and 3 in turn but for one bin.
Stream spectra(std::size_t n) {
    std::vector<f32> all;
    for (std::size_t k = 0; k < n; ++k)
        for (int b = 0; b < 64; ++b) all.push_back((k % 2 == 0 ? 1.0F : 3.0F) * (b == 40 ? 1000.0F : 1.0F));
    Stream s = Stream::of(all, Rational(10));
    s.description.shape = {{"frequency", "Hz", 64, -320, 10}};
    s.description.center_frequency = 1e6;
    s.description.unit = "1/Hz";
    return s;
}

}  // namespace

TEST(PsdPng, DrawsTheMeanOfAllSpectra) {
    const auto made = written_in_any_chunks("psd_png", {{"path", "p.png"}, {"title", "t"}}, {spectra(10)});
    io::SpectrumPicture p;
    p.db.assign(64, f32(10 * std::log10(2.0)));
    p.db[40] += 30;
    p.frequency_first = 1e6 - 320;
    p.frequency_step = 10;
    p.frequency_unit = "Hz";
    p.level_unit = "dB (1/Hz)";
    p.title = "t";
    p.low = 0;
    p.high = 40;
    EXPECT_TRUE(made.files.at("p.png") == io::spectrum_png(p));
}

TEST(PsdPng, LeavesOutWhatIsNotFiniteAndBeginsAnotherPictureBehindAGap) {
    Stream in = spectra(10);
    std::vector<f32> samples = in.samples<f32>();
    samples[3 * 64 + 5] = std::nanf("");
    samples[2 * 64] = INFINITY;
    Stream bad = in;
    bad.bytes = Stream::of(samples).bytes;
    const auto made = written("psd_png", {{"path", "p.png"}}, {bad});
    EXPECT_EQ(made.results.at("not_finite").integer(), 2);
    EXPECT_TRUE(made.files == written("psd_png", {{"path", "p.png"}}, {spectra(8)}).files);
    in.stretches.push_back({4, {Break::gap, 1}, {}, {}});
    EXPECT_EQ(written_in_any_chunks("psd_png", {{"path", "p.png"}}, {in}).files.size(), 2U);
    EXPECT_EQ(written("psd_png", {{"path", "p.png"}}, {spectra(0)}).files.size(), 1U);
    expect_refused("psd_png", {{"path", "p.png"}, {"low", 0.0}, {"high", -1.0}}, {in}, "more than low (0 dB)", "-1 dB");
}

// Sums of parts join to the same bits: in trees, in which what is small beside the rest is not lost one by one.
TEST(PsdPng, SumsInTreesOverTheIndexInTheStretch) {
    constexpr std::size_t bins = 64, n = 1024;
    Stream in = spectra(n);
    std::vector<f32> samples(bins * n, 1.0F);
    std::fill_n(samples.begin(), bins, 1e17F);
    std::fill_n(samples.end() - bins, bins, -1e17F);
    in.bytes = Stream::of(samples).bytes;
    const auto made = written_in_any_chunks("psd_png", {{"path", "p.png"}, {"low", -1.0}, {"high", 1.0}}, {in});
    kernels::TreeSum sum(1);
    for (std::size_t k = 0; k < n; ++k) sum.add([&](std::size_t) { return double(samples[k * bins]); });
    double total = 0;
    sum.write(&total);
    io::SpectrumPicture p;
    p.db.assign(bins, f32(10 * kernels::log10(total / n)));
    p.frequency_first = 1e6 - 320;
    p.frequency_step = 10;
    p.frequency_unit = "Hz";
    p.level_unit = "dB (1/Hz)";
    p.low = -1;
    p.high = 1;
    EXPECT_NEAR(total, n, 100);
    EXPECT_TRUE(made.files.at("p.png") == io::spectrum_png(p));
}
