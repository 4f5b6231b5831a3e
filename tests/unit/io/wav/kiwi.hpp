// Files as KiwiSDR leaves them.
#pragma once

#include "tests/unit/io/wav/wave.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::io::test_wav {

struct KiwiBlock {
    unsigned since_fix = 1;
    std::int64_t second = 0, nanosecond = 0;
    std::uint64_t first = 0, samples = 512;  // the first of a counter, of which I is the number and Q its negative
};

inline std::vector<KiwiBlock> kiwi_blocks(std::size_t count, std::int64_t second, std::int64_t nanosecond,
                                          double rate = 12000) {
    std::vector<KiwiBlock> blocks(count);
    for (std::size_t k = 0; k < count; ++k) {
        const auto ns = nanosecond + std::llround(double(k) * 512 / rate * 1e9);
        blocks[k].second = (second + ns / 1'000'000'000) % 604800;
        blocks[k].nanosecond = ns % 1'000'000'000;
        blocks[k].first = k * 512;
    }
    return blocks;
}

inline std::string kiwi_file(const std::vector<KiwiBlock>& blocks) {
    std::string chunks = format_chunk(1, 2, 16, 12000);
    for (const KiwiBlock& block : blocks) {
        chunks += chunk("kiwi", little(block.since_fix, 1) + little(0, 1) + little(std::uint64_t(block.second), 4) +
                                    little(std::uint64_t(block.nanosecond), 4));
        std::string samples;
        for (std::uint64_t k = block.first; k < block.first + block.samples; ++k) samples += little(k, 2) + little(0 - k, 2);
        chunks += chunk("data", samples);
    }
    return "RIFF" + little(chunks.size() + 4, 4) + "WAVE" + chunks;
}

}  // namespace flowspan::io::test_wav
