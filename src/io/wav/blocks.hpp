// WAV files whose samples lie in many `data` chunks, as KiwiSDR (kiwirecorder.py --kiwi-wav) writes them.
#pragma once

#include "io/wav/chunks.hpp"

#include <flowspan/recording.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::io::wav {

/// `count` chunks of `samples` samples each, `stride` bytes from the beginning of one to that of the next.
struct BlockRun {
    std::uint64_t first = 0, byte = 0;  // of its first sample: number and place in the file
    std::uint64_t samples = 0, stride = 0, count = 1;
};

/// Of a chunk `kiwi`: the time of the first sample of the `data` behind it, since the beginning of a GPS week.
struct Stamp {
    std::uint64_t sample = 0;
    std::int64_t second = 0, nanosecond = 0;
};

struct Blocks {
    std::vector<BlockRun> runs;
    std::vector<Stamp> stamps;  // only of chunks that a GNSS fix stands behind
    std::uint64_t samples = 0;
    std::vector<std::string> warnings;
};

/// Walks from the chunk at `offset` to the end of the file, or to where it is cut off. `frame`: bytes of a sample of all
/// channels.
Blocks read_blocks(const Chunks& chunks, std::uint64_t offset, std::uint64_t frame);

/// Where times say that samples are missing, or came twice: captures, the first at 0. `named`: when the file's name says it
/// begins, from which the week follows; without it there is no UTC. Warns where the stamps' rate is another than `rate`.
std::vector<Capture> captures_of(const std::vector<Stamp>& stamps, const Rational& rate, const std::optional<Time>& named,
                                 std::uint64_t length, std::vector<std::string>& warnings);

}  // namespace flowspan::io::wav
