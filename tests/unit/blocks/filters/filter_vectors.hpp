// The vectors of scripts/oracles/filters.py.
#pragma once

#include "tests/unit/blocks/running.hpp"

namespace flowspan::test {

inline const oracle::File& filter_vectors() {
    static const oracle::File file("tests/unit/blocks/data/filters.txt");
    return file;
}
inline Stream filter_input() { return Stream::of(filter_vectors().samples("in"), Rational(1000)); }
inline Stream real_filter_input() { return Stream::of(real_parts(filter_vectors().samples("in")), Rational(1000)); }

/// Largest magnitude of an impulse's spectrum from `low` to `high` Hz.
inline double greatest_response(const std::vector<cf32>& impulse, double low, double high, double rate) {
    double most = 0;
    for (int step = 0; step <= 400; ++step) {
        const double f = low + (high - low) * step / 400;
        cf64 sum = 0;
        for (std::size_t k = 0; k < impulse.size(); ++k)
            sum += cf64(impulse[k]) * std::polar(1.0, -2 * 3.14159265358979323846 * f / rate * double(k));
        most = std::max(most, std::abs(sum));
    }
    return most;
}
/// What a block makes of an impulse of `length` samples at 1 kHz.
inline std::vector<cf32> impulse_response(const std::string& type, const Value::Map& parameters, std::size_t length) {
    std::vector<cf32> x(length);
    x[0] = 1;
    return made<cf32>(type, parameters, {Stream::of(x, Rational(1000))});
}

}  // namespace flowspan::test
