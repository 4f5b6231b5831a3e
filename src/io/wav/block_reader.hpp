// The samples of a WAV file.
#pragma once

#include <flowspan/format.hpp>

#include <memory>

namespace flowspan::io::wav {

/// Opens what read_wav has read: see RecordingFormat::open. Samples lie in one chunk, or in those that its header lists.
std::unique_ptr<SampleReader> open(const Recording& recording, bool hash);

}  // namespace flowspan::io::wav
