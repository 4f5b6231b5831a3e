// Spectra over a time of unknown length in a bounded number of rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace flowspan::blocks {

/// Sums frames into rows. Whenever `most_rows` are full, neighbours are merged and rows take twice as many frames, so the
/// result depends on the frames alone.
class RowAverage {
public:
    /// most_rows: even, at least 2.
    RowAverage(std::size_t columns, std::size_t most_rows) : columns_(columns), most_rows_(most_rows) {}

    /// Where the next frame is to be added to, `columns` numbers; then call `added`.
    double* row() {
        if (in_row_ == 0) sums_.resize((rows_ + 1) * columns_);
        return sums_.data() + rows_ * columns_;
    }
    void added() {
        ++frames_;
        if (++in_row_ < frames_per_row_) return;
        in_row_ = 0;
        if (++rows_ == most_rows_) merge();
    }

    /// Rows, a last one that is not full included.
    std::size_t rows() const { return rows_ + (in_row_ > 0 ? 1 : 0); }
    std::size_t columns() const { return columns_; }
    std::uint64_t frames_per_row() const { return frames_per_row_; }
    std::uint64_t frames() const { return frames_; }
    /// Mean over the frames of a row.
    double mean(std::size_t row, std::size_t column) const {
        return sums_[row * columns_ + column] / double(row < rows_ ? frames_per_row_ : in_row_);
    }

private:
    void merge() {
        for (std::size_t r = 0; r < rows_ / 2; ++r)
            for (std::size_t c = 0; c < columns_; ++c)
                sums_[r * columns_ + c] = sums_[2 * r * columns_ + c] + sums_[(2 * r + 1) * columns_ + c];
        rows_ /= 2;
        frames_per_row_ *= 2;
        sums_.resize(rows_ * columns_);
    }

    std::size_t columns_, most_rows_;
    std::vector<double> sums_;
    std::size_t rows_ = 0;  // full ones
    std::uint64_t frames_per_row_ = 1, in_row_ = 0, frames_ = 0;
};

}  // namespace flowspan::blocks
