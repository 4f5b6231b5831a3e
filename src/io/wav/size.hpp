// How many bytes of samples there are, whatever the header says.
#pragma once

#include "io/wav/chunks.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::io::wav {

struct DataBytes {
    std::uint64_t bytes = 0;
    std::vector<Chunk> behind;  // chunks that follow
    std::string warning;        // "" where the header is right
};

/// `said` counts where nothing follows the samples, or a list of chunks that reaches the end of the file. Otherwise,
/// `of_32_bits`, said + k 2^32 (SDR++, GNU Radio, SatDump and SDRangel write sizes modulo 2^32), then the file's size: a
/// recorder that died leaves 0 or what it had written some time before, one that writes into a pipe 0xffffffff. Refuses what
/// says more than is there.
DataBytes data_bytes(const Chunks& chunks, const Chunk& data, std::uint64_t said, bool of_32_bits);

}  // namespace flowspan::io::wav
