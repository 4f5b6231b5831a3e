#include "io/wav/writer.hpp"

#include "io/writing/any_order.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

namespace flowspan::io {
namespace {

constexpr std::size_t piece = 16384;  // numbers encoded at a time: stays in cache
constexpr std::uint64_t header_bytes = 12 + 8 + 28 + 8 + 16 + 8;

std::string little_endian(std::uint64_t value, int bytes) {
    std::string text;
    for (int k = 0; k < bytes; ++k) text += char(value >> (8 * k) & 0xff);
    return text;
}

std::uint64_t bytes_of(WavEncoding encoding) {
    return encoding == WavEncoding::pcm16 ? 2 : encoding == WavEncoding::pcm24 ? 3 : 4;
}

}  // namespace

WavWriter::WavWriter(const std::shared_ptr<Product>& product, const WavFormat& format, std::uint64_t most_bytes)
    : format_(format), most_bytes_(most_bytes), file_(product) {
    check_any_order(product->part(), "a WAV file");  // its sizes come last
}

std::uint64_t WavWriter::frames() const { return data_bytes_ / (bytes_of(format_.encoding) * format_.channels); }

std::string wav_header(const WavFormat& format, std::uint64_t data_bytes, std::uint64_t most_bytes) {
    const std::uint64_t frame = bytes_of(format.encoding) * format.channels;
    const std::uint64_t riff_bytes = header_bytes - 8 + data_bytes + data_bytes % 2;
    const bool large = riff_bytes > most_bytes;
    std::string text = large ? "RF64" : "RIFF";
    text += little_endian(large ? 0xffffffff : riff_bytes, 4) + "WAVE";
    text += large ? "ds64" : "JUNK";
    text += little_endian(28, 4);
    text += little_endian(large ? riff_bytes : 0, 8) + little_endian(large ? data_bytes : 0, 8);
    text += little_endian(large ? data_bytes / frame : 0, 8) + little_endian(0, 4);
    text += "fmt " + little_endian(16, 4) + little_endian(format.encoding == WavEncoding::float32 ? 3 : 1, 2);
    text += little_endian(format.channels, 2) + little_endian(format.sample_rate_hz, 4);
    text += little_endian(format.sample_rate_hz * frame, 4) + little_endian(frame, 2) +
            little_endian(bytes_of(format.encoding) * 8, 2);
    text += "data" + little_endian(large ? 0xffffffff : data_bytes, 4);
    return text;
}

void WavWriter::open() {
    if (std::exchange(open_, true)) return;
    file_.append(wav_header(format_, 0));
}

template <int bytes>
void WavWriter::encode(std::span<const float> numbers, float gain) {
    constexpr float scale = float(1 << (8 * bytes - 1)), most = scale - 1;
    std::byte* to = encoded_.data();
    for (const float number : numbers) {
        const float value = number * gain, rounded = std::nearbyint(value * scale);
        if (!std::isfinite(number))
            ++statistics_.not_finite;
        else if (rounded < -scale || rounded > most)
            ++statistics_.clipped;
        const float scaled = std::isnan(value) ? 0 : std::clamp(rounded, -scale, most);
        const auto integer = std::uint32_t(std::int32_t(scaled));
        for (int k = 0; k < bytes; ++k) *to++ = std::byte(integer >> (8 * k) & 0xff);
    }
}

void WavWriter::encode_float(std::span<const float> numbers, float gain) {
    std::byte* to = encoded_.data();
    for (const float number : numbers) {
        const float value = number * gain;
        if (!std::isfinite(value)) ++statistics_.not_finite;
        const auto bits = std::bit_cast<std::uint32_t>(value);
        for (int k = 0; k < 4; ++k) *to++ = std::byte(bits >> (8 * k) & 0xff);
    }
}

void WavWriter::measure(std::span<const float> numbers, float gain) {
    float peak = 0;
    for (const float number : numbers)
        if (const float magnitude = std::abs(number); std::isfinite(magnitude)) peak = std::max(peak, magnitude);
    statistics_.peak = std::max(statistics_.peak, double(peak) * std::abs(double(gain)));
}

void WavWriter::append(std::span<const float> numbers, float gain) {
    open();
    const std::uint64_t size = bytes_of(format_.encoding);
    encoded_.resize(piece * size);
    for (; !numbers.empty(); numbers = numbers.subspan(std::min(piece, numbers.size()))) {
        const auto now = numbers.first(std::min(piece, numbers.size()));
        measure(now, gain);
        if (format_.encoding == WavEncoding::pcm16)
            encode<2>(now, gain);
        else if (format_.encoding == WavEncoding::pcm24)
            encode<3>(now, gain);
        else
            encode_float(now, gain);
        file_.append(std::span(encoded_).first(now.size() * size));
        data_bytes_ += now.size() * size;
    }
}

void WavWriter::complete() {
    open();
    if (data_bytes_ % 2 != 0) file_.append(std::string(1, '\0'));  // chunks have even length
    if (data_bytes_ != 0) {
        const std::string text = wav_header(format_, data_bytes_, most_bytes_);
        file_.write(0, std::as_bytes(std::span(text)));
    }
    encoded_ = {};  // (of thousands of files it would be much)
    file_.holds(frames(), "samples", double(frames()) / format_.sample_rate_hz);
    file_.complete();
}

}  // namespace flowspan::io
