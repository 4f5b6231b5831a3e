#include "io/wav/blocks.hpp"
#include "io/formats/refuse.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::io::wav {
namespace {

constexpr std::size_t most_runs = 100'000;
constexpr std::uint64_t no_fix = 254;  // seconds since the last one; 255: there was none

void add(Blocks& blocks, std::uint64_t byte, std::uint64_t samples) {
    if (samples == 0) return;
    if (!blocks.runs.empty()) {
        BlockRun& last = blocks.runs.back();
        if (last.count == 1 && last.samples == samples) last.stride = byte - last.byte;
        if (last.samples == samples && byte == last.byte + last.count * last.stride) {
            ++last.count;
            blocks.samples += samples;
            return;
        }
    }
    blocks.runs.push_back({.first = blocks.samples, .byte = byte, .samples = samples});
    blocks.samples += samples;
}

}  // namespace

Blocks read_blocks(const Chunks& chunks, std::uint64_t offset, std::uint64_t frame) {
    Blocks blocks;
    std::uint64_t behind = 0;  // bytes of chunks that are no whole sample
    while (offset < chunks.size()) {
        const auto chunk = chunks.chunk(offset);
        if (!chunk) {
            blocks.warnings.push_back(fmt::format("its last {} bytes are no chunk: left out", chunks.size() - offset));
            break;
        }
        const std::uint64_t there = std::min(chunk->bytes, chunks.size() - chunk->at);
        if (chunk->name == "kiwi" && there >= 10 && chunks.number(chunk->at, 1) < no_fix) {
            const auto second = chunks.number(chunk->at + 2, 4), nanosecond = chunks.number(chunk->at + 6, 4);
            if (second < 604800 && nanosecond < 1'000'000'000)
                blocks.stamps.push_back({blocks.samples, std::int64_t(second), std::int64_t(nanosecond)});
        }
        if (blocks.runs.size() > most_runs)
            refuse_file(chunks.path(), fmt::format("at most {} changes of the length of its data chunks", most_runs), "more");
        if (chunk->name == "data") {
            add(blocks, chunk->at, there / frame);
            behind += there % frame;
        }
        if (there < chunk->bytes) {
            blocks.warnings.push_back(
                fmt::format("its last chunk is cut off: it says {} bytes, {} are there", chunk->bytes, there));
            break;
        }
        offset = chunk->next;
    }
    if (behind > 0)
        blocks.warnings.push_back(fmt::format("{} bytes of its data chunks are no whole samples: left out", behind));
    return blocks;
}

}  // namespace flowspan::io::wav
