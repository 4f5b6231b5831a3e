// Recursive filters. Cascades of second-order sections, in transposed direct form II (Oppenheim and Schafer, Discrete-Time
// Signal Processing, 6.3.4), in the order of operations of SciPy's sosfilt:
//
//   y = b0 x + s0,   s0 = (b1 x - a1 y) + s1,   s1 = b2 x - a2 y,      the x of a section is the y of the one before
//
// In double precision, without fused multiply-add: the same bits at every level and for any sizes of calls.
//
// A sample that is not finite is 0 to the sections, and NaN in the output at its own place. Numbers that have decayed would
// be denormal in the end: outputs below the least normal float are 0, and so are, at every 64th sample of a stretch, states
// below 1e-60 and such as are not finite.
#pragma once

#include <flowspan/types.hpp>

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace flowspan::kernels {

/// b0 b1 b2 a0 a1 a2, a0 = 1.
using Section = std::array<double, 6>;

/// Whether both poles lie within the unit circle.
inline bool is_stable(const Section& s) { return std::abs(s[5]) < 1 && std::abs(s[4]) < 1 + s[5]; }

/// S is f32 or cf32.
template <class S>
class Sections {
public:
    using Wide = std::conditional_t<std::is_same_v<S, cf32>, cf64, double>;
    /// What one stream is remembered by.
    struct State {
        std::vector<std::array<Wide, 2>> sections;
    };

    Sections() = default;
    explicit Sections(std::span<const Section> sections) : sections_(sections.begin(), sections.end()) {}
    std::size_t size() const { return sections_.size(); }
    /// Makes n outputs; `first` counts samples of the stretch. Returns how many inputs were not finite. `out` may be `in`.
    std::size_t operator()(const S* in, S* out, std::size_t n, std::uint64_t first, State& state) const;

private:
    std::vector<Section> sections_;
};

/// y[n] = alpha x[n] + (1 - alpha) y[n-1]. Another alpha goes on from the last y.
template <class S>
class SinglePole {
public:
    using Wide = typename Sections<S>::Wide;
    struct State {
        Wide last{};
    };
    SinglePole() = default;
    explicit SinglePole(double alpha) : alpha_(alpha) {}
    std::size_t operator()(const S* in, S* out, std::size_t n, std::uint64_t first, State& state) const;

private:
    double alpha_ = 1;
};

}  // namespace flowspan::kernels
