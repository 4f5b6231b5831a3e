// Compressed audio, FLAC and Ogg (Vorbis, Opus), by libsndfile: real channels.
#pragma once

#include <flowspan/format.hpp>

#include <memory>
#include <span>

namespace flowspan::io {

bool looks_like_flac(std::span<const std::byte> head);
bool looks_like_ogg(std::span<const std::byte> head);

/// FLAC is ri8, ri16 or ri32 (of 24 bits, times 256), Ogg rf32. Throws Refused with libsndfile's reason.
Recording read_audio(const std::string& path);
/// See RecordingFormat::open. There is no hash: libsndfile reads as it likes.
std::unique_ptr<SampleReader> open_audio(const Recording& recording, bool hash);

}  // namespace flowspan::io
