// A Digital RF channel as a product: a folder that takes its name as a whole. In gapped mode: only samples that are there lie
// in it, and rf_data_index says which these are.
#pragma once

#include "io/drf/channel.hpp"

#include <flowspan/io.hpp>
#include <flowspan/types.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::io::drf {

/// All calls on the I/O thread. The same samples make the same bytes, however they come in: no clock, and nothing random.
class ChannelWriter {
public:
    /// `subchannels` samples of this type to a row.
    ChannelWriter(std::shared_ptr<Product> product, const Cadence& cadence, SampleType type, std::uint64_t subchannels);
    ~ChannelWriter();
    /// Makes the folder with drf_properties.h5; `append` does it too.
    void open();
    /// Rows whose first is this sample since 1970, behind all before; what lies between is missing. `frequency`: the centre
    /// frequency (Hz) of them, where it is known.
    void append(std::uint64_t sample, std::span<const std::byte> rows, std::optional<double> frequency);
    void complete();

private:
    struct Open;
    void begin_file(std::int64_t ms, std::uint64_t sample);
    void end_file();
    void take(std::span<const std::byte> rows);
    void write_chunk();
    void write_metadata();
    void write_tunings(std::int64_t second, std::span<const std::pair<std::uint64_t, double>> tunings);
    std::string in_part(const std::string& name) const { return product_->part() + "/" + name; }
    std::string shown(const std::string& name) const { return product_->path() + "/" + name; }
    void make_folder_of(const std::string& name) const;

    std::shared_ptr<Product> product_;
    Cadence cadence_;
    SampleType type_;
    std::uint64_t subchannels_;
    std::size_t row_bytes_;
    std::unique_ptr<Open> file_;
    std::vector<std::array<std::uint64_t, 2>> index_;  // of the file: sample, row
    std::vector<std::byte> chunk_;
    std::uint64_t next_ = 0, files_ = 0, first_second_ = 0;
    std::vector<std::pair<std::uint64_t, double>> tunings_;
    std::string uuid_;
    bool opened_ = false;
};

}  // namespace flowspan::io::drf
