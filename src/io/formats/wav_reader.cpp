// WAV as SDR programs write it: two channels are I and Q, more are real ones. Only the header is read here; samples are read
// like raw ones.
//
// Layout: Microsoft's RIFF specification (1991) and EBU Tech 3306 (RF64: sizes beyond 4 GiB stand in a chunk `ds64`).
#include "io/recording/recording_reader.hpp"

#include <flowspan/io.hpp>

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <string_view>

namespace flowspan::io {
namespace {

[[noreturn]] void refuse_wav(const std::string& path, std::string expected, std::string got, std::string hint = {}) {
    Diagnostic mistake;
    mistake.at.file = path;
    mistake.expected = std::move(expected);
    mistake.got = std::move(got);
    mistake.hint = std::move(hint);
    throw Refused(std::move(mistake), ExitCode::file);
}

/// Little-endian fields of a file.
class Fields {
public:
    explicit Fields(const std::string& path) : file_(File::open_to_read(path)), size_(file_.size()) {}
    std::uint64_t size() const { return size_; }
    std::uint64_t number(std::uint64_t offset, std::size_t bytes) const {
        std::array<std::byte, 8> raw{};
        if (offset + bytes > size_)
            refuse_wav(file_.path(), "a whole WAV header",
                       fmt::format("a file of {} bytes that ends in the middle of it", size_));
        file_.read(offset, std::span(raw).first(bytes));
        std::uint64_t value = 0;
        for (std::size_t k = bytes; k-- > 0;) value = value << 8 | std::uint64_t(raw[k]);
        return value;
    }
    std::string name(std::uint64_t offset) const {
        const auto raw = number(offset, 4);
        std::string text;
        for (int k = 0; k < 4; ++k) text += char(raw >> (8 * k) & 0xff);
        return text;
    }

private:
    File file_;
    std::uint64_t size_;
};

SampleType wav_type(const std::string& path, std::uint64_t format, std::uint64_t bits, std::uint64_t channels) {
    const bool iq = channels == 2;
    if (format == 1 && bits == 8) return iq ? SampleType::cu8 : SampleType::ru8;
    if (format == 1 && bits == 16) return iq ? SampleType::ci16 : SampleType::ri16;
    if (format == 1 && bits == 32) return iq ? SampleType::ci32 : SampleType::ri32;
    if (format == 3 && bits == 32) return iq ? SampleType::cf32 : SampleType::rf32;
    if (format == 3 && bits == 64) return iq ? SampleType::cf64 : SampleType::rf64;
    refuse_wav(path, "PCM of 8, 16 or 32 bits, or float of 32 or 64 bits", fmt::format("format {} of {} bits", format, bits),
               "convert it, for example with sox");
}

constexpr int most_chunks = 1000;  // a file of zeros is one of endless empty chunks

struct Chunks {
    std::uint64_t format = 0, channels = 0, rate = 0, bits = 0;
    std::uint64_t data_offset = 0, data_bytes = 0, data_bytes_64 = 0;
    std::optional<double> frequency;
};

void read_format(const Fields& fields, std::uint64_t at, std::uint64_t size, Chunks& chunks) {
    chunks.format = fields.number(at, 2);
    chunks.channels = fields.number(at + 2, 2);
    chunks.rate = fields.number(at + 4, 4);
    chunks.bits = fields.number(at + 14, 2);
    if (chunks.format == 0xfffe && size >= 26) chunks.format = fields.number(at + 24, 2);  // extensible: the true one follows
}

Chunks read_chunks(const std::string& path, const Fields& fields) {
    Chunks chunks;
    int seen = 0;
    for (std::uint64_t at = 12; at + 8 <= fields.size();) {
        if (++seen > most_chunks) refuse_wav(path, fmt::format("samples behind at most {} other chunks", most_chunks), "more");
        const std::string name = fields.name(at);
        const std::uint64_t size = fields.number(at + 4, 4);
        at += 8;
        if (name == "ds64") chunks.data_bytes_64 = fields.number(at + 8, 8);
        if (name == "fmt ") read_format(fields, at, size, chunks);
        // SDR#, HDSDR and SDRuno keep the tuning in `auxi`, after two SYSTEMTIMEs of 16 bytes.
        if (name == "auxi" && size >= 36) chunks.frequency = double(fields.number(at + 32, 4));
        if (name == "data") {
            chunks.data_offset = at;
            chunks.data_bytes = size == 0xffffffff ? chunks.data_bytes_64 : size;
            break;
        }
        at += size + size % 2;
    }
    return chunks;
}

}  // namespace

bool looks_like_wav(std::span<const std::byte> head) {
    if (head.size() < 12) return false;
    const std::string_view text(reinterpret_cast<const char*>(head.data()), 12);
    return (text.starts_with("RIFF") || text.starts_with("RF64") || text.starts_with("BW64")) && text.ends_with("WAVE");
}

Recording read_wav(const std::string& path) {
    const Fields fields(path);
    const std::string kind = fields.name(0);
    if ((kind != "RIFF" && kind != "RF64" && kind != "BW64") || fields.name(8) != "WAVE")
        refuse_wav(path, "a WAV file", "a file that does not begin as one");
    const Chunks chunks = read_chunks(path, fields);
    if (chunks.rate == 0 || chunks.data_offset == 0)
        refuse_wav(path, "a WAV file with a format and a data chunk", "one that ends without them");
    if (chunks.channels == 0) refuse_wav(path, "1 channel (real), 2 (I and Q) or more (real)", "0 channels");
    Recording recording;
    recording.path = recording.data_path = path;
    recording.format = "wav";
    recording.type = wav_type(path, chunks.format, chunks.bits, chunks.channels);
    if (chunks.channels > 2) recording.channels = std::uint32_t(chunks.channels);
    recording.sample_rate = Rational(std::int64_t(chunks.rate));
    recording.frequency = chunks.frequency;
    recording.data_bytes = fields.size();
    if (chunks.data_bytes > fields.size() - chunks.data_offset)
        refuse_wav(path, fmt::format("{} bytes of samples, as its header says", chunks.data_bytes),
                   fmt::format("{}", fields.size() - chunks.data_offset), "was the recorder interrupted?");
    const std::uint64_t item = size_of(recording.type) * recording.channels;
    recording.length = chunks.data_bytes / item;
    recording.tail_bytes = chunks.data_bytes % item;
    Capture capture;
    capture.header_bytes = chunks.data_offset;
    capture.frequency = chunks.frequency;
    recording.captures = {capture};
    recording.header = Value::Map{{"format", std::int64_t(chunks.format)}, {"bits", std::int64_t(chunks.bits)}};
    return recording;
}

}  // namespace flowspan::io
