// Vectors that another program made (scripts/oracles/), and ways to compare with them.
#pragma once

#include <flowspan/types.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace flowspan::oracle {

/// The arrays of one file, by name.
class File {
public:
    explicit File(const std::string& path) {
        std::ifstream file(std::string(FLOWSPAN_SOURCE_DIR) + "/" + path);
        std::string name;
        std::size_t count = 0;
        while (file >> name >> count) {
            auto& values = arrays_[name];
            values.resize(count);
            for (double& v : values) file >> v;
        }
        if (!file.eof() || arrays_.empty()) throw std::runtime_error("cannot read " + path);
    }
    const std::vector<double>& reals(const std::string& name) const { return arrays_.at(name); }
    std::vector<cf64> complexes(const std::string& name) const {
        const auto& v = reals(name);
        std::vector<cf64> z(v.size() / 2);
        for (std::size_t i = 0; i < z.size(); ++i) z[i] = {v[2 * i], v[2 * i + 1]};
        return z;
    }
    std::vector<cf32> samples(const std::string& name) const {
        const auto z = complexes(name);
        return {z.begin(), z.end()};
    }

private:
    std::map<std::string, std::vector<double>> arrays_;
};

/// The greatest |a - b|, relative to the greatest |b|. Fails when the sizes differ.
template <class A, class B>
double relative_error(const std::vector<A>& a, const std::vector<B>& b) {
    EXPECT_EQ(a.size(), b.size());
    double worst = 0, scale = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const double error = std::abs(cf64(a[i]) - cf64(b[i]));
        if (std::isnan(error)) return HUGE_VAL;
        worst = std::max(worst, error);
        scale = std::max(scale, std::abs(cf64(b[i])));
    }
    return scale > 0 ? worst / scale : worst;
}

}  // namespace flowspan::oracle
