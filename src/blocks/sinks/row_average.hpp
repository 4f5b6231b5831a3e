// Spectra over a time of unknown length in a bounded number of rows.
#pragma once

#include "kernels/spectrum/spectrum.hpp"
#include "kernels/tree_sum/tree_sum.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace flowspan::blocks {

/// Sums the frames [first, next) into rows, each an aligned group of 2^k frames and the tree over them; the first and the last
/// may hold fewer. k is the least with which there are at most `most_rows`, so the result depends on the frames and their
/// indices alone, and averages of segments join to that of the whole. Frames may be missing: a number beside the columns counts
/// them.
class RowAverage {
public:
    /// Rows of partial sums in the first and in the last row: memory beyond `most_rows`, for all lengths that occur.
    static constexpr std::size_t further_rows = 64;

    /// most_rows: at least 2.
    RowAverage(std::size_t columns, std::size_t most_rows, std::uint64_t first = 0)
        : most_rows_(most_rows), columns_(columns), sums_(columns + 1, first, 0) {}

    /// Adds the frame of the numbers value(column).
    template <class F>
    void add(F value) {
        sums_.add([&](std::size_t c) { return c < columns_ ? value(c) : 0.0; });
        take_longer_rows(sums_.next());
    }
    /// A frame of which nothing is known.
    void add_missing() {
        sums_.add([&](std::size_t c) { return c < columns_ ? 0.0 : 1.0; });
        take_longer_rows(sums_.next());
    }
    /// Adds the frame of the powers of these bins.
    void add_power(const cf32* bins) {
        kernels::add_power(bins, columns_, sums_);
        take_longer_rows(sums_.next());
    }
    /// Puts the frames of `next` behind, whose first is this one's next; with as many columns and at most as many rows.
    void join(const RowAverage& next) {
        take_longer_rows(next.sums_.next());
        sums_.join(next.sums_);
    }

    std::size_t rows() const { return frames() == 0 ? 0 : std::size_t(row_of(sums_.next() - 1) - row_of(sums_.first())) + 1; }
    std::size_t columns() const { return columns_; }
    std::uint64_t frames_per_row() const { return std::uint64_t(1) << sums_.top(); }
    std::uint64_t frames() const { return sums_.frames(); }
    std::size_t nodes() const { return sums_.nodes(); }
    /// Means over the frames of a row that are not missing, `columns` numbers; NaN where all are.
    void mean(std::size_t row, double* means) const {
        const std::uint64_t begin = (row_of(sums_.first()) + row) * frames_per_row();
        const std::uint64_t from = std::max(begin, sums_.first()), to = std::min(begin + frames_per_row(), sums_.next());
        std::vector<double> sums(columns_ + 1);
        sums_.write(from, to, sums.data());
        const double there = double(to - from) - sums[columns_];
        for (std::size_t c = 0; c < columns_; ++c)
            means[c] = there > 0 ? sums[c] / there : std::numeric_limits<double>::quiet_NaN();
    }

private:
    std::uint64_t row_of(std::uint64_t frame) const { return frame >> sums_.top(); }
    /// Rows take twice as many frames as soon as most_rows are full.
    void take_longer_rows(std::uint64_t next) {
        int top = sums_.top();
        while ((next >> top) - (sums_.first() >> top) >= most_rows_) ++top;
        sums_.raise(top);
    }

    std::size_t most_rows_, columns_;
    kernels::TreeSum sums_;
};

}  // namespace flowspan::blocks
