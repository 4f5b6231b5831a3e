// GNU Radio's blocks by our names, as docs/from-gnuradio.md has them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowspan::graph {

/// The page itself; made by CMake.
std::string_view manual_from_gnuradio();

/// Its rows: each name of the left column, and what the right one says. `_sink` behind `blocks_file_source` is
/// `blocks_file_sink`.
std::vector<std::pair<std::string, std::string>> names_from_gnuradio(std::string_view manual);

/// Of a block type that is none of ours, "GNU Radio's `blocks_file_sink` is `file_sink {path: x.cf32}` here"; "" where it is
/// none of GNU Radio's either. With and without module (`blocks_`) and sample types (`_cc`).
std::string hint_from_gnuradio(const std::string& type);

/// Of a block type that there is not: GNU Radio's word for ours, or the nearest of `known`; "" where there is neither.
std::string hint_for_type(const std::string& type, const std::vector<std::string>& known);

}  // namespace flowspan::graph
