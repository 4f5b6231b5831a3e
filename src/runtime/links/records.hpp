// What goes over a channel between two ranks: batches of records. Formats are those of the machine: all ranks agreed on
// byte order and build at the start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace flowspan::runtime {

enum class RecordKind : std::uint8_t {
    data,       // first, count: a payload of count items follows
    credit,     // first: the sender may send items (messages) before this index; count: and this many stretches
    cancel,     // the receiver wants no more
    end,        // first: final index (number of messages); flags: EndKind
    closed,     // the receiver's last word on this edge
    bye,        // the rank's last word to this rank
    tag,        // first: index; extra: key and value
    stretch,    // first: index; extra: what and the new description
    message,    // first: sequence; extra: stamp and value
    watermark,  // extra: stamp
    places,     // extra: Place after Place, of items that follow
    begin,      // first: the present stretch, of which nothing has come, begins at this item
    retuning    // first: index; extra: the centre frequency from there on, or nothing
};

inline constexpr std::uint8_t extra_as_payload = 0x80;  // flag: the extra is a payload of `count` bytes

struct Record {
    RecordKind kind{};
    std::uint8_t flags = 0;
    std::uint16_t extra = 0;  // bytes that follow, padded to 8
    std::uint32_t edge = 0;
    std::uint64_t first = 0, count = 0;
};
static_assert(sizeof(Record) == 24);

/// A mark: from this item on, items deviate by so much (memory::Mark).
struct Place {
    std::uint64_t index = 0;
    std::int64_t whole = 0;
    std::uint64_t fraction = 0;  // in units of 2^-32
};

struct BatchHeader {
    std::uint32_t epoch = 0;
    std::uint32_t records = 0;
};

inline constexpr std::size_t batch_bytes = 4096;
inline constexpr std::size_t most_inline = 2048;  // larger tags and values travel as payloads

inline constexpr std::size_t padded(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

using Bytes = std::vector<std::byte>;

}  // namespace flowspan::runtime
