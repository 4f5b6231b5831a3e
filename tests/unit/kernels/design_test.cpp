#include "kernels/fir_design/fir_design.hpp"
#include "kernels/window/window.hpp"

#include "tests/unit/oracle.hpp"

#include <stdexcept>

using namespace flowspan;
using namespace flowspan::kernels;

namespace {
const oracle::File& vectors() {
    static const oracle::File file("tests/unit/kernels/data/kernels.txt");
    return file;
}
}  // namespace

TEST(Window, EqualsScipys) {
    for (const std::string name : {"hann", "hamming", "blackman", "kaiser"}) {
        for (const std::size_t n : {2, 7, 32}) {
            const std::string key = "window." + name + "." + std::to_string(n);
            EXPECT_LE(oracle::relative_error(window(name, n, Symmetry::symmetric), vectors().reals(key + ".symmetric")), 1e-11)
                << key;
            EXPECT_LE(oracle::relative_error(window(name, n, Symmetry::periodic), vectors().reals(key + ".periodic")), 1e-11)
                << key;
        }
    }
}

TEST(Window, OfOneSampleIsOne) {
    for (const auto& name : window_names()) {
        EXPECT_EQ(window(name, 1, Symmetry::symmetric), std::vector<double>{1.0});
        EXPECT_TRUE(window(name, 0, Symmetry::symmetric).empty());
    }
}

TEST(Window, OfAnUnknownNameIsRefused) { EXPECT_THROW(window("tukey", 5, Symmetry::symmetric), std::invalid_argument); }

TEST(FirDesign, EqualsScipysFirwin) {
    const auto kaiser = [](std::size_t n) { return window("kaiser", n, Symmetry::symmetric, 5.0); };
    EXPECT_LE(oracle::relative_error(design_low_pass(0.11, kaiser(33)), vectors().reals("design.low")), 1e-11);
    EXPECT_LE(oracle::relative_error(design_low_pass(0.11, kaiser(32)), vectors().reals("design.low.even")), 1e-11);
    EXPECT_LE(oracle::relative_error(design_band(0.21, 0.5, kaiser(33)), vectors().reals("design.high")), 1e-11);
    EXPECT_LE(oracle::relative_error(design_band(0.1, 0.23, window("hamming", 45, Symmetry::symmetric)),
                                     vectors().reals("design.band")),
              1e-11);
}

TEST(FirDesign, HasKaisersParameters) {
    const auto& beta = vectors().reals("design.kaiser_beta");
    const double attenuation[] = {10, 21, 30, 50, 60, 96};
    for (std::size_t i = 0; i < beta.size(); ++i) EXPECT_NEAR(kaiser_beta(attenuation[i]), beta[i], 1e-11);
    EXPECT_EQ(kaiser_taps(60, 0.05), 74U);  // scipy.signal.kaiserord(60, 0.1)
}
