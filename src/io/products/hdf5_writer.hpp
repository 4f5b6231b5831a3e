// Streams as HDF5 datasets.
#pragma once

#include <flowspan/description.hpp>
#include <flowspan/io.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace flowspan::io {

/// One stream in one file: the dataset `data` of shape [items, axes of an item …], and what is known about it as attributes.
///
/// Complex numbers are compounds {r, i}, as h5py and Digital RF have them. Attributes of `data`: `sample_rate` (items per
/// second), `sample_rate_numerator`, `sample_rate_denominator`, `first_index`, `center_frequency` (Hz), `utc` (text, of the
/// first item), `unit`, `units` (as `unit`, "1" for plain numbers), `full_scale`, and for axis k of an item `axis_k_name`,
/// `axis_k_unit`, `axis_k_first`, `axis_k_step`. Every axis has a dimension scale (hdf5_scales.hpp). docs/products.md is the
/// reference.
///
/// The file's bytes depend on the items alone: samples go out in whole storage chunks, however they come in, and no time
/// stamps are kept. All calls on the I/O thread.
class Hdf5Writer {
public:
    Hdf5Writer(std::shared_ptr<Product> product, StreamDescription stream);
    ~Hdf5Writer();
    /// Creates the file; `append` and `complete` do it too.
    void open();
    /// Items that begin at this absolute index (the first call's counts).
    void append(std::uint64_t index, std::span<const std::byte> items);
    void complete();
    std::uint64_t items() const;

    /// Items that one storage chunk holds.
    static std::size_t chunk_items(const StreamDescription& stream);

private:
    struct Handles;
    void create_data(std::uint64_t chunk_items);
    void write_attributes();
    void write_chunk(std::span<const std::byte> items);

    std::shared_ptr<Product> product_;
    StreamDescription stream_;
    std::unique_ptr<Handles> handles_;
    std::vector<std::byte> chunk_;
    std::uint64_t first_index_ = 0, written_ = 0;
    bool begun_ = false, finished_ = false;
};

}  // namespace flowspan::io
