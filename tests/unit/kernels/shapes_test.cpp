// Designs of scripts/oracles/filters.py.
#include "kernels/fir_design/shapes.hpp"
#include "kernels/fir_design/remez.hpp"

#include "tests/unit/oracle.hpp"

using namespace flowspan;
using namespace flowspan::kernels;

namespace {

const oracle::File& designs() {
    static const oracle::File file("tests/unit/kernels/data/designs.txt");
    return file;
}
void expect_scipys(const std::string& name, std::size_t taps, const std::vector<RemezBand>& bands, double bound = 1e-6) {
    EXPECT_LE(oracle::relative_error(design_remez(taps, bands), designs().reals(name)), bound) << name;
}
/// Greatest error over a band.
double worst(const std::vector<double>& h, double low, double high, double wanted) {
    double most = 0;
    for (int k = 0; k <= 5000; ++k) {
        const double f = low + (high - low) * k / 5000;
        cf64 sum = 0;
        for (std::size_t i = 0; i < h.size(); ++i) sum += h[i] * std::polar(1.0, -2 * M_PI * f * double(i));
        most = std::max(most, std::abs(std::abs(sum) - wanted));
    }
    return most;
}

}  // namespace

TEST(Remez, EqualsScipys) {
    expect_scipys("remez.low", 41, {{0, 0.1, 1, 1}, {0.15, 0.5, 0, 1}});
    expect_scipys("remez.low.even", 40, {{0, 0.1, 1, 1}, {0.15, 0.5, 0, 30}});
    expect_scipys("remez.low.long", 151, {{0, 0.1, 1, 1}, {0.12, 0.5, 0, 10}});
    expect_scipys("remez.high", 41, {{0, 0.2, 0, 10}, {0.25, 0.5, 1, 1}});
    expect_scipys("remez.band", 61, {{0, 0.1, 0, 20}, {0.15, 0.25, 1, 1}, {0.3, 0.5, 0, 20}});
}

TEST(Remez, SharesItsErrorByTheWeights) {
    for (const std::size_t taps : {21U, 64U, 201U, 1001U}) {
        const double width = 1.6 / double(taps);
        const auto h = design_remez(taps, std::vector<RemezBand>{{0, 0.2, 1, 1}, {0.2 + width, 0.5, 0, 10}});
        const double pass = worst(h, 0, 0.2, 1), stop = worst(h, 0.2 + width, 0.5, 0);
        EXPECT_NEAR(pass / stop, 10, 0.02) << taps;
    }
}

TEST(Remez, NeedsAboutTheTapsOfTheEstimate) {
    for (const double width : {0.1, 0.02, 0.005}) {
        const std::size_t taps = remez_taps(0.01, 0.001, width) | 1;
        const auto h = design_remez(taps, std::vector<RemezBand>{{0, 0.15, 1, 1}, {0.15 + width, 0.5, 0, 10}});
        EXPECT_LE(worst(h, 0.15 + width, 0.5, 0), 1.02e-3) << width;
        EXPECT_GE(worst(h, 0.15 + width, 0.5, 0), 0.5e-3) << width;
    }
}

TEST(Remez, SaysThatItDoesNotConverge) {
    try {
        design_remez(501, std::vector<RemezBand>{{0, 0.05, 1, 1}, {0.4, 0.5, 0, 1}});
        FAIL() << "an error below what double precision knows";
    } catch (const NotConverged& e) { EXPECT_STREQ(e.what(), "the exchange of Remez did not converge for 501 taps"); }
}

TEST(Designs, OfGaussiansAndRootRaisedCosinesEqualScipysAndTheirSpectra) {
    EXPECT_LE(oracle::relative_error(design_gaussian(0.25, 0.3, 17), designs().reals("gaussian")), 1e-11);
    EXPECT_LE(oracle::relative_error(design_root_raised_cosine(0.25, 0.35, 33), designs().reals("rrc")), 1e-8);
    EXPECT_LE(oracle::relative_error(design_root_raised_cosine(0.25, 0.25, 33), designs().reals("rrc.pole")), 1e-8);
}

TEST(Designs, OfACicHaveTheResponseOfTheClosedForm) {
    for (const auto& [length, stages] : {std::pair<std::size_t, int>{5, 3}, {64, 4}, {4096, 8}}) {
        const auto h = design_cic(length, stages);
        for (const double f : {0.1 / double(length), 0.5 / double(length), 1.3 / double(length)}) {
            const double x = M_PI * f,
                         expected = std::pow(std::abs(std::sin(double(length) * x) / (double(length) * std::sin(x))), stages);
            cf64 sum = 0;
            for (std::size_t i = 0; i < h.size(); ++i) sum += h[i] * std::polar(1.0, -2 * x * double(i));
            EXPECT_NEAR(std::abs(sum), expected, 1e-12) << length << " " << f;
        }
    }
}
