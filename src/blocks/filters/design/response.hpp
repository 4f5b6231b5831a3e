// What a filter does to frequencies: for `flowspan check --verbose`.
#pragma once

#include "kernels/iir/iir.hpp"

#include <flowspan/types.hpp>

#include <cstdint>
#include <vector>

namespace flowspan::blocks {

/// Taps at `interpolation` times the rate that comes in, and recursive sections behind them.
struct Response {
    /// What was asked for, in Hz; without a rate in cycles per sample.
    struct Band {
        double low = 0, high = 0;
        bool passes = true;
    };
    std::vector<cf64> taps;
    std::vector<kernels::Section> sections;
    std::uint64_t interpolation = 1, decimation = 1;
    std::vector<Band> bands;  // none where nothing but taps is known

    static Response of(const std::vector<double>& taps, std::uint64_t interpolation = 1, std::uint64_t decimation = 1) {
        return {.taps = {taps.begin(), taps.end()},
                .sections = {},
                .interpolation = interpolation,
                .decimation = decimation,
                .bands = {}};
    }
    static Response of(const std::vector<kernels::Section>& sections) {
        return {.taps = {1.0}, .sections = sections, .bands = {}};
    }
};

/// A block that is one filter. Asked after `describe`; without taps where nothing can be said.
struct Filter {
    virtual ~Filter() = default;
    virtual Response response() const = 0;
};

}  // namespace flowspan::blocks
