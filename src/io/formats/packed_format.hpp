// Recordings that are packed: gzip, xz, zstd, bzip2 around a file of any other format; zip around one; SigMF archives in these.
#pragma once

#include <flowspan/format.hpp>

#include <memory>

namespace flowspan::io {

/// Read from the beginning on, so without segments. What is packed is known by its content, then by its name without `.gz`.
/// Where its header needs the length of all, that is found by unpacking once.
std::shared_ptr<const RecordingFormat> packed_format();

}  // namespace flowspan::io
