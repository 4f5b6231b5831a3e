// Writing SigMF 1.2 headers.
#pragma once

#include <flowspan/description.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::io {

/// A header as text: `global`, `captures` and `annotations` in this order, keys within them sorted.
std::string sigmf_text(const Value::Map& global, const Value::List& captures, const Value::List& annotations);

/// `global` of a recording of such a stream. Throws std::invalid_argument for a type that SigMF has not (ci32 has it, …).
Value::Map sigmf_global(const StreamDescription& stream);

/// A capture that starts at `sample` of the file with item `index` of the stream.
Value::Map sigmf_capture(const StreamDescription& stream, std::uint64_t sample, std::uint64_t index);

/// "x.sigmf-meta", "x.sigmf-data" or "x": the names of the pair.
std::string sigmf_meta_path(const std::string& path);
std::string sigmf_data_path(const std::string& path);

}  // namespace flowspan::io
