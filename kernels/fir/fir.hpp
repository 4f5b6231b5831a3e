// Filters by ratios of many phases, and the plain loops that filters are compared with; the filters themselves are in
// include/flowspan/kernels/fir.hpp.
#pragma once

#include <flowspan/kernels/fir.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace flowspan::kernels {

/// Resampling by ratios that have too many phases to keep each: the filter of `taps` taps above, of which only a table is kept,
/// `phases` values for each input sample, and straight lines between them (Smith and Gossett, A Flexible Sampling-Rate
/// Conversion Method, 1984). table[k] is h at tap k I / phases, from k = 0 to the first beyond the last tap.
/// 1 <= interpolation, decimation, taps < 2^62.
template <class S>
class InterpolatedFir {
public:
    InterpolatedFir() = default;
    InterpolatedFir(std::span<const double> table, std::size_t phases, std::uint64_t taps, std::uint64_t interpolation,
                    std::uint64_t decimation);
    /// How many values a table has.
    static std::size_t table_size(std::size_t phases, std::uint64_t taps, std::uint64_t interpolation) {
        return std::size_t(static_cast<unsigned __int128>(taps - 1) * phases / interpolation) + 2;
    }
    std::size_t history() const { return length_ - 1; }
    /// Makes n outputs; `first` is the index m of out[0].
    void operator()(const S* in, S* out, std::size_t n, std::uint64_t first = 0) const;

private:
    struct Cpu;
    void add_row(Cpu& cpu, std::span<const double> table, std::size_t row, std::size_t taps) const;
    void mend_all(const S* in, S* out, std::size_t n, std::uint64_t phase) const;

    std::size_t phases_ = 1, length_ = 1;
    std::uint64_t interpolation_ = 1, decimation_ = 1, edge_ = 0;  // the last phase that has the last tap
    std::uint64_t most_ = 0;                                       // taps of a phase behind that
    std::size_t edge_row_ = 0;
    std::shared_ptr<const Cpu> cpu_;
};

namespace reference {
/// Double precision throughout, rounded at the end.
template <class S>
void fir(const S* in, S* out, std::size_t n, std::span<const double> taps, std::size_t interpolation = 1,
         std::size_t decimation = 1, std::uint64_t first = 0);
void fir(const cf32* in, cf32* out, std::size_t n, std::span<const cf64> taps, std::size_t decimation);
template <class S>
void interpolated_fir(const S* in, S* out, std::size_t n, std::span<const double> table, std::size_t phases, std::uint64_t taps,
                      std::uint64_t interpolation, std::uint64_t decimation, std::uint64_t first = 0);
}  // namespace reference

}  // namespace flowspan::kernels
