// One file of a Digital RF channel: `rf_data` [rows x subchannels], and `rf_data_index`, which says the numbers of its samples.
#pragma once

#include "io/drf/channel.hpp"
#include "io/drf/hdf5.hpp"

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace flowspan::io::drf {

/// Rows whose samples follow on each other.
struct Rows {
    std::uint64_t sample = 0, row = 0, count = 0;
};

class RfFile {
public:
    /// The file that begins at `ms`. Throws Failure, Refused: for what contradicts the channel's properties, too.
    RfFile(const std::string& path, const Properties& properties, std::int64_t ms);

    const std::string& path() const { return path_; }
    SampleType type() const { return type_; }
    bool big_endian() const { return big_endian_; }
    std::uint64_t rows() const { return rows_; }
    const std::vector<Rows>& runs() const { return runs_; }
    /// Of a continuous channel, with all its rows: what is missing of them is fill.
    bool filled() const { return filled_; }
    /// Whether its rows lie in one piece, as many bytes.
    bool contiguous() const;
    /// Rows as they are, in this machine's byte order. Throws Failure.
    void read(std::uint64_t row, std::span<std::byte> to) const;

private:
    void look_at_type(const Properties& properties);
    void look_at_index(const Properties& properties, std::int64_t ms);

    std::string path_;
    Id file_, data_, memory_type_;
    std::uint64_t rows_ = 0, subchannels_ = 1;
    std::size_t rank_ = 2;
    SampleType type_ = SampleType::any;
    bool big_endian_ = false, filled_ = false;
    std::vector<Rows> runs_;
};

/// Whether a row (all components of all subchannels) is missing: each is NaN, the most negative integer, or 0 of unsigned ones.
bool is_fill(std::span<const std::byte> row, SampleType type);

}  // namespace flowspan::io::drf
