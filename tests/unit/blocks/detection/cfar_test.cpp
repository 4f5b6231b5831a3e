#include "blocks/detection/cfar.hpp"

#include "tests/unit/oracle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::blocks {
namespace {

/// Exponential numbers of mean `mean`, which powers of complex Gaussian noise are.
std::vector<double> noise(std::size_t n, double mean) {
    std::vector<double> x(n);
    std::uint64_t state = 12345;
    for (double& v : x) {  // xorshift64*: Vigna, ACM Trans. Math. Software 42, 2016
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        v = -mean * std::log((double(state * 2685821657736338717ULL >> 11) + 0.5) / 9007199254740992.0);
    }
    return x;
}

/// Share of cells above their thresholds, of a million.
double measured(Cfar cfar, double mean, double* told = nullptr) {
    constexpr std::size_t row = 500, rows = 2000;
    const auto power = noise(row * rows, mean);
    std::vector<double> level(row), threshold(row);
    std::size_t above = 0;
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) {
        cfar.thresholds(power.data() + r * row, row, level.data(), threshold.data());
        for (std::size_t k = 0; k < row; ++k) {
            above += power[r * row + k] > threshold[k] ? 1 : 0;
            sum += level[k];
        }
    }
    if (told != nullptr) *told = sum / double(row * rows);
    return double(above) / double(row * rows);
}

TEST(Cfar, OfCellAveragesHasTheFactorOfTheClosedForm) {
    for (const std::size_t training : {1U, 8U, 16U})
        for (const double rate : {1e-2, 1e-6}) {
            const double n = 2.0 * double(training);
            EXPECT_NEAR(Cfar(Cfar::Kind::ca, training, 2, rate).factor() / (n * (std::pow(rate, -1 / n) - 1)), 1, 1e-12);
        }
}

TEST(Cfar, OfOrderedStatisticsHasRohlingsFactor) {
    // His product, with the factor put in.
    const double alpha = Cfar(Cfar::Kind::os, 12, 0, 1e-6).factor();
    double product = 1;
    for (int i = 0; i < 18; ++i) product *= (24.0 - i) / (24.0 - i + alpha);
    EXPECT_NEAR(product / 1e-6, 1, 1e-9);
}

TEST(Cfar, EqualsScipysFiltersAndFactors) {
    const oracle::File file("tests/unit/blocks/data/detection.txt");
    const auto& power = file.reals("cfar.in");
    std::vector<double> level(power.size()), threshold(power.size());
    for (const auto kind : {Cfar::Kind::ca, Cfar::Kind::os}) {
        const std::string name = kind == Cfar::Kind::ca ? "cfar.ca" : "cfar.os";
        Cfar(kind, 8, 3, 1e-5).thresholds(power.data(), power.size(), level.data(), threshold.data());
        EXPECT_LE(oracle::relative_error(level, file.reals(name + ".noise")), 1e-7) << name;
        EXPECT_LE(oracle::relative_error(threshold, file.reals(name + ".threshold")), 1e-7) << name;
    }
}

// 1e6 cells: 1e-3 of them are 1000 +- 32, and neighbours share cells that they are compared with.
TEST(Cfar, GivesAsManyFalseAlarmsAsAskedFor) {
    for (const auto kind : {Cfar::Kind::ca, Cfar::Kind::os})
        for (const double mean : {1.0, 1e-9}) {
            double told = 0;
            EXPECT_NEAR(measured(Cfar(kind, 16, 4, 1e-3), mean, &told) / 1e-3, 1, 0.15);
            EXPECT_NEAR(told / mean, 1, 0.01);
        }
}

TEST(Cfar, StrongCellsBesideLiftTheAverageButNotTheOrderedLevel) {
    std::vector<double> power(64, 1.0), level(64), threshold(64);
    power[20] = power[22] = 1e6;
    Cfar ca(Cfar::Kind::ca, 8, 1, 1e-4), os(Cfar::Kind::os, 8, 1, 1e-4);
    ca.thresholds(power.data(), 64, level.data(), threshold.data());
    EXPECT_GT(threshold[25], 1e5);
    os.thresholds(power.data(), 64, level.data(), threshold.data());
    EXPECT_LT(threshold[25], 100);
    EXPECT_EQ(threshold[25], threshold[50]);
}

TEST(Cfar, OrderedLevelIsTheThirdQuartileOfTheCellsAround) {
    const auto power = noise(97, 1);
    std::vector<double> level(97), threshold(97);
    Cfar os(Cfar::Kind::os, 8, 3, 1e-4);
    os.thresholds(power.data(), 97, level.data(), threshold.data());
    for (std::size_t k = 0; k < 97; ++k) {
        std::vector<double> around;
        for (std::size_t i = 4; i < 12; ++i) {
            around.push_back(power[(k + i) % 97]);
            around.push_back(power[(k + 97 - i) % 97]);
        }
        std::sort(around.begin(), around.end());
        EXPECT_EQ(threshold[k], around[11] * os.factor()) << k;
    }
}

TEST(Cfar, TakesTheEndsOfARowAsNeighbours) {
    std::vector<double> power(32, 1.0), level(32), threshold(32);
    power[31] = 33;
    Cfar(Cfar::Kind::ca, 2, 0, 0.1).thresholds(power.data(), 32, level.data(), threshold.data());
    EXPECT_EQ(level[0], 9.0);
    EXPECT_EQ(level[1], 9.0);
    EXPECT_EQ(level[2], 1.0);
    EXPECT_EQ(level[31], 1.0);
}

}  // namespace
}  // namespace flowspan::blocks
