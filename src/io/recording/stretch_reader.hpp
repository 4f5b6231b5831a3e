// Samples of a recording in which missing ones are found by reading, as stretches.
#pragma once

#include "io/recording/layout.hpp"

#include <flowspan/format.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace flowspan::io {

/// How many samples are missing from this one on, before the recording's sample `end`. Reads.
std::uint64_t missing_run(SampleReader& reader, std::uint64_t sample, std::uint64_t end, std::size_t item_size);

/// All calls on the I/O thread. Whatever calls ask for, the same samples come in the same stretches.
class StretchReader {
public:
    /// Rows are the items of a layout that knows nothing of samples missing inside (`gaps: restart`). Reads those from
    /// `first_row` to `end_row`, but for the first `passed_over` that are there.
    StretchReader(std::shared_ptr<SampleReader> reader, Layout layout, std::size_t item_size, std::uint64_t first_row,
                  std::uint64_t end_row, std::uint64_t passed_over);

    struct Read {
        std::size_t made = 0;
        bool ended = false;
        std::optional<StretchStart> next;  // begins behind these; its `index` is a row
    };
    /// As many samples as there is room for, or fewer before an end.
    Read read(std::span<std::byte> to);
    /// Samples that it has found to be missing, within stretches of the layout and between them.
    std::uint64_t missing() const { return missing_; }

private:
    std::uint64_t stretch_end() const;
    std::uint64_t sample_of(std::uint64_t row) const;
    std::size_t read_present(std::span<std::byte> to);
    void pass_over();
    std::optional<StretchStart> look_on();
    StretchStart begins_here(const Discontinuity& what) const;

    std::shared_ptr<SampleReader> reader_;
    Layout layout_;
    std::size_t item_;
    std::uint64_t first_row_, row_, end_, passed_over_, missing_ = 0;
    bool begun_ = false;
};

}  // namespace flowspan::io
