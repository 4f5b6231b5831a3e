// Samples that lie in one file as they are, or nearly: captures with other bytes before them, numbers in the other byte order,
// of 24 bits, or with an offset.
#pragma once

#include <flowspan/format.hpp>

#include <memory>

namespace flowspan::io {

/// Reads what is at `recording.data_path`: a file; where the recording does not seek, stdin ("-") or what is packed there.
/// Sample k lies behind the samples before it and all `header_bytes` of captures up to it. Throws Failure (ExitCode::file)
/// where it cannot be read or is shorter than the recording.
std::unique_ptr<SampleReader> open_flat(const Recording& recording, bool hash);

/// Bytes of one sample index as it is stored, all channels.
std::size_t stored_bytes(const RecordingFacts& recording);

/// Samples as they are stored become those that `recording.type` says: bytes in this machine's order; `packed24` widens 24 bits
/// to 32 (value * 256, so that full scale stays full scale); `offset8` takes 128 from 8 bits. `stored` may be the end of `to`.
void decode(const RecordingFacts& recording, std::span<const std::byte> stored, std::span<std::byte> to);

}  // namespace flowspan::io
