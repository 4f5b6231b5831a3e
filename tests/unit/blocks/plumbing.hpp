// What NumPy makes of two short streams (scripts/oracles/plumbing.py).
#pragma once

#include "tests/unit/blocks/running.hpp"

namespace flowspan::test {

inline const oracle::File& plumbing() {
    static const oracle::File file("tests/unit/blocks/data/plumbing.txt");
    return file;
}
inline std::vector<f32> floats(const std::string& name) {
    const auto& v = plumbing().reals(name);
    return {v.begin(), v.end()};
}
inline Stream x_stream() { return Stream::of(plumbing().samples("x"), Rational(1000)); }
inline Stream y_stream() { return Stream::of(plumbing().samples("y"), Rational(1000)); }
inline Stream real_x() { return Stream::of(real_parts(plumbing().samples("x")), Rational(1000)); }
inline Stream real_y() { return Stream::of(real_parts(plumbing().samples("y")), Rational(1000)); }

/// Samples 0, 1, 2, … at 1 kHz.
template <class T>
Stream counting(std::size_t n) {
    std::vector<T> samples;
    for (std::size_t k = 0; k < n; ++k) samples.push_back(T(float(k)));
    return Stream::of(samples, Rational(1000));
}
/// Where the tags `mark` of a stream are.
inline std::vector<std::uint64_t> marks(const Stream& s) {
    std::vector<std::uint64_t> places;
    for (const Tag& t : s.tags) places.push_back(t.index);
    return places;
}

}  // namespace flowspan::test
