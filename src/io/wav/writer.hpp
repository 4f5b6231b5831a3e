// WAV files, of any length.
#pragma once

#include "io/writing/data_file.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace flowspan::io {

enum class WavEncoding { pcm16, pcm24, float32 };

struct WavFormat {
    std::uint32_t channels = 1;
    std::uint32_t sample_rate_hz = 48000;
    WavEncoding encoding = WavEncoding::pcm16;
};

struct PcmStatistics {
    double peak = 0;               // largest magnitude of the finite numbers
    std::uint64_t clipped = 0;     // finite numbers that saturation altered; none in a float file
    std::uint64_t not_finite = 0;  // NaN (0 in PCM) and infinities (the ends of the range)
};

/// What 32 bits of a RIFF file can say; smaller in tests.
inline constexpr std::uint64_t most_riff_bytes = 0xffffffff;

/// The header of a file with so many bytes of samples.
std::string wav_header(const WavFormat& format, std::uint64_t data_bytes, std::uint64_t most_bytes = most_riff_bytes);

/// Writes one WAV file. All calls on the I/O thread. In PCM 1.0 is 2^(bits-1); numbers are rounded half to even and saturate.
/// 1.0 itself is one more than the largest, so it is clipped.
///
/// The header reserves the room of an RF64 `ds64` chunk as `JUNK`; a file that grows beyond 4 GiB becomes RF64 at the end
/// (EBU Tech 3306, 3.5), a smaller one is plain RIFF WAVE.
class WavWriter {
public:
    WavWriter(const std::shared_ptr<Product>& product, const WavFormat& format, std::uint64_t most_bytes = most_riff_bytes);
    /// Creates the file; `append` and `complete` do it too.
    void open();
    /// Interleaved channels; times `gain`.
    void append(std::span<const float> numbers, float gain = 1);
    void complete();
    const PcmStatistics& statistics() const { return statistics_; }
    std::uint64_t frames() const;

private:
    template <int bytes>
    void encode(std::span<const float> numbers, float gain);
    void encode_float(std::span<const float> numbers, float gain);
    void measure(std::span<const float> numbers, float gain);

    WavFormat format_;
    std::uint64_t most_bytes_;
    DataFile file_;
    std::vector<std::byte> encoded_;
    PcmStatistics statistics_;
    std::uint64_t data_bytes_ = 0;
    bool open_ = false;
};

}  // namespace flowspan::io
