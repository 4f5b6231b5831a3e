// WAV files byte by byte, as the specifications lay them out: the right ones, and what recorders leave.
#pragma once

#include <cstdint>
#include <string>

namespace flowspan::io::test_wav {

inline std::string little(std::uint64_t value, std::size_t bytes) {
    std::string text;
    for (std::size_t k = 0; k < bytes; ++k) text += k < 8 ? char(value >> (8 * k) & 0xff) : char(0);
    return text;
}

/// A chunk that says its true size, padded.
inline std::string chunk(const std::string& name, const std::string& content) {
    return name + little(content.size(), 4) + content + std::string(content.size() % 2, '\0');
}

inline std::string format_chunk(unsigned format, unsigned channels, unsigned bits, std::uint64_t rate = 192000) {
    const unsigned frame = channels * ((bits + 7) / 8);
    return chunk("fmt ", little(format, 2) + little(channels, 2) + little(rate, 4) + little(rate * frame, 4) +
                             little(frame, 2) + little(bits, 2));
}

/// With a chunk of samples that says `said` bytes, and whatever comes before and behind it.
inline std::string wave(const std::string& kind, unsigned format, unsigned channels, unsigned bits, const std::string& data,
                        std::uint64_t said, const std::string& before = "", const std::string& behind = "") {
    return kind + little(0xffffffff, 4) + "WAVE" + before + format_chunk(format, channels, bits) + "data" + little(said, 4) +
           data + behind;
}

/// SYSTEMTIME.
inline std::string system_time(unsigned year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second,
                               unsigned millisecond) {
    std::string text;
    for (const unsigned field : {year, month, 4U, day, hour, minute, second, millisecond}) text += little(field, 2);
    return text;
}

}  // namespace flowspan::io::test_wav
