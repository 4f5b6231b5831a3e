// WAV as SDR programs write it: channels are pairs of I and Q, an odd number of them real. Only heads are read here; samples
// are read like raw ones.
#include "io/formats/refuse.hpp"
#include "io/names/name.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/wav/auxi.hpp"
#include "io/wav/blocks.hpp"
#include "io/wav/chunks.hpp"
#include "io/wav/size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace flowspan::io {
namespace wav {
namespace {

constexpr std::uint64_t most_auxi_bytes = std::uint64_t{1} << 20;

struct Format {
    std::uint64_t tag = 0, channels = 0, rate = 0, bits = 0;  // bits of a number as it is stored
};

struct Head {
    std::optional<Format> format;
    std::optional<Chunk> data, auxi;
    std::optional<std::uint64_t> data_bytes_64;
    std::uint64_t kiwi = 0;  // where the chunk before the first samples begins
};

Format read_format(const Chunks& chunks, const Chunk& chunk) {
    Format f{chunks.number(chunk.at, 2), chunks.number(chunk.at + 2, 2), chunks.number(chunk.at + 4, 4),
             chunks.number(chunk.at + 14, 2)};
    const std::uint64_t frame = chunks.number(chunk.at + 12, 2);
    if (f.tag == 0xfffe && chunk.bytes >= 26) f.tag = chunks.number(chunk.at + 24, 2);  // extensible: the true one follows
    // Of numbers with fewer bits the rest is zero.
    const std::uint64_t whole = (f.bits + 7) / 8 * 8;
    const bool fits = f.channels > 0 && frame % f.channels == 0 && frame / f.channels * 8 >= whole && frame / f.channels <= 8;
    f.bits = fits ? frame / f.channels * 8 : whole;
    return f;
}

void read_chunk(const Chunks& chunks, const Chunk& chunk, Head& head) {
    if (chunk.name == "ds64") head.data_bytes_64 = chunks.number(chunk.at + 8, 8);
    if (chunk.name == "fmt ") head.format = read_format(chunks, chunk);
    if (chunk.name == "auxi") head.auxi = chunk;
    if (chunk.name == "kiwi" && head.kiwi == 0) head.kiwi = chunk.at - 8;
    if (chunk.name == "data") head.data = chunk;
}

Head read_head(const Chunks& chunks) {
    Head head;
    std::size_t seen = 0;
    for (std::uint64_t at = chunks.first(); !head.data;) {
        const auto chunk = chunks.chunk(at);
        if (!chunk) break;
        if (++seen > most_chunks)
            refuse_file(chunks.path(), fmt::format("samples behind at most {} other chunks", most_chunks), "more");
        read_chunk(chunks, *chunk, head);
        at = chunk->next;
    }
    if (!head.format || !head.data)
        refuse_file(chunks.path(), "a WAV file with a format and a data chunk", "one that ends without them");
    if (head.format->rate == 0) refuse_file(chunks.path(), "a sample rate of 1 Hz or more", "0 Hz");
    if (head.format->channels == 0) refuse_file(chunks.path(), "1 channel (real), 2 (I and Q) or more", "0 channels");
    return head;
}

/// What the samples of a channel are, and how they are stored.
void set_type(const std::string& path, const Format& f, Recording& r) {
    const bool iq = f.channels % 2 == 0;
    r.channels = iq ? f.channels / 2 : f.channels;
    const auto type = [&](SampleType complex, SampleType real) { r.type = iq ? complex : real; };
    if (f.tag == 1 && f.bits == 8)
        type(SampleType::ci8, SampleType::ri8), r.stored = Stored::offset8;
    else if (f.tag == 1 && f.bits == 16)
        type(SampleType::ci16, SampleType::ri16);
    else if (f.tag == 1 && f.bits == 24)
        type(SampleType::ci32, SampleType::ri32), r.stored = Stored::packed24;
    else if (f.tag == 1 && f.bits == 32)
        type(SampleType::ci32, SampleType::ri32);
    else if (f.tag == 3 && f.bits == 32)
        type(SampleType::cf32, SampleType::rf32);
    else if (f.tag == 3 && f.bits == 64)
        type(SampleType::cf64, SampleType::rf64);
    else
        refuse_file(path, "PCM of 8, 16, 24 or 32 bits, or float of 32 or 64 bits",
                    fmt::format("format {} of {} bits", f.tag, f.bits), "convert it, for example with sox");
}

/// What `auxi` says; the name tells how often 2^32 Hz were counted.
void add_auxi(const Chunks& chunks, const Chunk& chunk, const Named& named, Recording& r) {
    const std::uint64_t bytes = std::min({chunk.bytes, chunks.size() - chunk.at, most_auxi_bytes});
    const Auxi said = read_auxi(chunks.text(chunk.at, bytes));
    r.warnings.insert(r.warnings.end(), said.warnings.begin(), said.warnings.end());
    if (said.sample_rate && std::abs(*said.sample_rate - r.sample_rate->value()) >= 1)
        r.warnings.push_back(fmt::format("its chunk `auxi` says {} of rate, its format {}: the format counts",
                                         hertz_text(*said.sample_rate), hertz_text(r.sample_rate->value())));
    Capture& first = r.captures.front();
    if (!first.utc) first.utc = said.start, first.utc_digits = said.digits;
    if (!said.frequency || *said.frequency == 0) return;  // 0: nothing was tuned
    r.frequency = said.frequency;
    if (!said.frequency_in_32_bits || !named.frequency || !differs(*named.frequency, *said.frequency)) return;
    const double turns = std::floor(named.frequency->value / 0x1p32);
    if (turns < 1 || differs(*named.frequency, *said.frequency + turns * 0x1p32)) return;
    r.frequency = *said.frequency + turns * 0x1p32;
    r.warnings.push_back(fmt::format("its header says {}, which is the {} of its name modulo 2^32: the name counts",
                                     hertz_text(*said.frequency), hertz_text(named.frequency->value)));
}

/// Samples in one chunk, whose size may be wrong.
void add_plain(const Chunks& chunks, const Head& head, std::uint64_t frame, const Named& named, Recording& r) {
    const bool of_64_bits =
        chunks.container() == Container::wave64 || (chunks.container() == Container::rf64 && head.data->bytes == 0xffffffff);
    const bool elsewhere = of_64_bits && chunks.container() == Container::rf64;
    const std::uint64_t said = elsewhere ? head.data_bytes_64.value_or(0) : head.data->bytes;
    const DataBytes data = data_bytes(chunks, *head.data, said, !of_64_bits);
    r.captures.emplace_back().header_bytes = head.data->at;
    r.length = data.bytes / frame;
    if (!data.warning.empty()) r.warnings.push_back(data.warning);
    r.tail_bytes = data.bytes % frame;
    std::optional<Chunk> auxi = head.auxi;
    for (const Chunk& chunk : data.behind) {
        if (chunk.name == "auxi" && !auxi) auxi = chunk;
        if (chunk.name == "data")
            r.warnings.push_back(fmt::format("another chunk of samples, {} bytes at {}, is left out", chunk.bytes, chunk.at));
    }
    if (auxi) add_auxi(chunks, *auxi, named, r);
}

Value::List listed(const std::vector<BlockRun>& runs) {
    Value::List list;
    for (const BlockRun& run : runs)
        list.push_back(Value::List{std::int64_t(run.first), std::int64_t(run.byte), std::int64_t(run.samples),
                                   std::int64_t(run.stride), std::int64_t(run.count)});
    return list;
}

/// Samples in many chunks, with stamps between.
void add_blocks(const Chunks& chunks, const Head& head, std::uint64_t frame, const Named& named, Recording& r) {
    Blocks blocks = read_blocks(chunks, head.kiwi, frame);
    r.length = blocks.samples;
    r.captures = captures_of(blocks.stamps, *r.sample_rate, named.utc, r.length, blocks.warnings);
    r.warnings.insert(r.warnings.end(), blocks.warnings.begin(), blocks.warnings.end());
    r.header.map()["blocks"] = listed(blocks.runs);
    if (head.auxi) add_auxi(chunks, *head.auxi, named, r);
}

}  // namespace
}  // namespace wav

Recording read_wav(const std::string& path) {
    const wav::Chunks chunks(path);
    const wav::Head head = wav::read_head(chunks);
    Recording r;
    r.path = r.data_path = path;
    r.format = "wav";
    r.data_bytes = chunks.size();
    r.sample_rate = Rational(std::int64_t(head.format->rate));
    r.header = Value::Map{{"format", std::int64_t(head.format->tag)},
                          {"bits", std::int64_t(head.format->bits)},
                          {"channels", std::int64_t(head.format->channels)}};
    wav::set_type(path, *head.format, r);
    const Named named = read_name(std::filesystem::path(path).filename().string());
    const std::uint64_t frame = head.format->bits / 8 * head.format->channels;
    (head.kiwi != 0 ? wav::add_blocks : wav::add_plain)(chunks, head, frame, named, r);
    for (Capture& capture : r.captures) capture.frequency = r.frequency;
    complete_audio_by_name(r);
    return r;
}

}  // namespace flowspan::io
