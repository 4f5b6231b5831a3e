// SigMF headers for recordings that are there already, in whatever container.
#pragma once

#include <flowspan/recording.hpp>

#include <string>

namespace flowspan::io {

struct SigmfHeader {
    Value::Map global;
    Value::List captures, annotations;
};

/// A header at `meta_path` that leads to the samples of `recording`: a SigMF header is carried over, one of others is made,
/// with the bytes before and behind the samples. Data in another folder cannot be named by a SigMF header: it is then one
/// without data, and our own `flowspan:dataset` says the way. `read`: as a source has read it, which may know more; or nullptr.
/// Throws std::invalid_argument with a sentence for what no header can lead to.
SigmfHeader sigmf_beside(const Recording& recording, const RecordingPlaces* read, const std::string& meta_path);

/// A header without data of what a source makes or reads.
SigmfHeader sigmf_alone(const RecordingPlaces& read);

/// Whether the samples lie within an archive.
bool is_archive(const Recording& recording);
/// Why no header can lead to the samples: "they lie within an archive"; "" where one can.
std::string why_nothing_leads_to(const Recording& recording);

}  // namespace flowspan::io
