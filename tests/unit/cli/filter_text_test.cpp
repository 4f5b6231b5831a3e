// What `flowspan check --verbose` says of filters, beside what scipy.signal.freqz finds of them.
#include "cli/filter_text.hpp"

#include "kernels/fir_design/fir_design.hpp"
#include "kernels/fir_design/shapes.hpp"
#include "kernels/window/window.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::cli {
namespace {

using testing::ElementsAre;

TEST(FilterText, SaysEdgesRippleAttenuationAndDelay) {
    auto r = blocks::Response::of(
        kernels::design_low_pass(0.12, kernels::window("kaiser", 75, kernels::Symmetry::symmetric, kernels::kaiser_beta(60))));
    r.bands = {{0, 95e3, true}, {145e3, 500e3, false}};
    EXPECT_THAT(filter_text(r, 1e6, Rational(37)),
                ElementsAre("gain 0.005566 dB at most, at 92.04 kHz", "3 dB down at 114.3 kHz", "6 dB down at 120 kHz",
                            "passes 0 Hz to 95 kHz within 0.013 dB", "stops 145 kHz to 500 kHz, 59.1 dB down at least",
                            "75 taps, delay 37 samples (37 us)"));
}

TEST(FilterText, OfAMovingAverageIsItsClosedForm) {
    // |sin(8 pi f) / (8 sin(pi f))|, solved by scipy.optimize.brentq
    const auto said = filter_text(blocks::Response::of(kernels::design_cic(8, 1)), {}, Rational(7, 2));
    EXPECT_THAT(said, ElementsAre("gain 0 dB at most, at 0 cycles per sample", "3 dB down at 0.05566 cycles per sample",
                                  "6 dB down at 0.07574 cycles per sample", "8 taps, delay 3.5 samples"));
}

TEST(FilterText, OfASinglePoleIsItsClosedForm) {
    // 3 dB down near alpha / (2 pi sqrt(1 - alpha)); group delay (1 - alpha) / alpha at 0 Hz.
    const auto said =
        filter_text(blocks::Response::of(std::vector<kernels::Section>{{1e-4, 0, 0, 1, 1e-4 - 1, 0}}), 1e6, Rational(0));
    EXPECT_EQ(said[1], "3 dB down at 15.88 Hz");
    EXPECT_EQ(said.back(), "1 section, delay 9999 samples (9.999 ms) there, not made up for");
}

TEST(FilterText, OfComplexTapsKnowsBothSides) {
    const auto low = kernels::design_low_pass(0.05, kernels::window("hamming", 101, kernels::Symmetry::symmetric));
    blocks::Response r;
    r.taps = kernels::moved_up(low, -0.2);
    EXPECT_EQ(filter_text(r, 1e3, Rational(50))[2], "6 dB down at -249.9 Hz, -150.1 Hz");
}

}  // namespace
}  // namespace flowspan::cli
