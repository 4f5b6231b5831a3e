// The chunk `auxi`: what SDR programs say about a recording.
#pragma once

#include <flowspan/rational.hpp>

#include <optional>
#include <string>
#include <vector>

namespace flowspan::io::wav {

struct Auxi {
    std::optional<double> frequency, sample_rate;  // Hz
    bool frequency_in_32_bits = false;             // modulo 2^32
    std::optional<Time> start;                     // UTC
    int digits = 0;                                // behind the point of its seconds
    std::vector<std::string> warnings;
};

/// Of bytes: XML (SDR Console; UTF-8, UTF-16 of both orders, with and without a mark), else two SYSTEMTIMEs of 16 bytes and a
/// centre frequency in 32 bits (SpectraVue; SDR#, HDSDR and SDRuno write it), which count where both times are plausible.
Auxi read_auxi(const std::string& bytes);

}  // namespace flowspan::io::wav
