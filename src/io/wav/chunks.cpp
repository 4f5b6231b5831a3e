#include "io/wav/chunks.hpp"
#include "io/formats/refuse.hpp"

#include "io/recording/recording_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace flowspan::io {
namespace wav {
namespace {

// As bytes of the file. The first four of every name that Sony gives are the letters that RIFF would have.
constexpr std::string_view guid_riff{"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", 16};
constexpr std::string_view guid_wave{"wave\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a", 16};
constexpr std::uint64_t guid_head = 24, riff_head = 8;

std::optional<Container> container_of(std::string_view head) {
    if (head.size() >= 40 && head.starts_with(guid_riff) && head.substr(24, 16) == guid_wave) return Container::wave64;
    if (head.size() < 12 || head.substr(8, 4) != "WAVE") return std::nullopt;
    if (head.starts_with("RIFF")) return Container::riff;
    if (head.starts_with("RF64") || head.starts_with("BW64")) return Container::rf64;
    return std::nullopt;
}

bool is_name(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

Chunks::Chunks(const std::string& path) : file_(File::open_to_read(path)), size_(file_.size()) {
    if (size_ < 12)
        refuse_file(path, "a whole WAV header", fmt::format("a file of {} bytes that ends in the middle of it", size_));
    const auto container = container_of(text(0, std::min<std::uint64_t>(size_, 40)));
    if (!container) refuse_file(path, "a WAV file", "a file that does not begin as one");
    container_ = *container;
}

std::uint64_t Chunks::number(std::uint64_t offset, std::size_t bytes) const {
    const std::string raw = text(offset, bytes);
    std::uint64_t value = 0;
    for (std::size_t k = bytes; k-- > 0;) value = value << 8 | std::uint8_t(raw[k]);
    return value;
}

std::string Chunks::text(std::uint64_t offset, std::size_t bytes) const {
    if (offset > size_ || bytes > size_ - offset)
        refuse_file(path(), "a whole WAV header", fmt::format("a file of {} bytes that ends in the middle of it", size_));
    std::string raw(bytes, '\0');
    file_.read(offset, std::as_writable_bytes(std::span(raw)));
    return raw;
}

std::uint64_t Chunks::padded(std::uint64_t offset) const {
    const std::uint64_t unit = container_ == Container::wave64 ? 8 : 2;
    return offset + (unit - offset % unit) % unit;
}

std::optional<Chunk> Chunks::chunk(std::uint64_t offset) const {
    const std::uint64_t head = container_ == Container::wave64 ? guid_head : riff_head;
    if (offset > size_ || size_ - offset < head) return std::nullopt;
    Chunk chunk;
    chunk.name = text(offset, 4);
    chunk.at = offset + head;
    chunk.bytes = container_ == Container::wave64 ? number(offset + 16, 8) : number(offset + 4, 4);
    if (container_ == Container::wave64) chunk.bytes -= std::min(head, chunk.bytes);
    if (!is_name(chunk.name)) return std::nullopt;
    const std::uint64_t end = chunk.bytes > size_ - chunk.at ? size_ + 2 : chunk.at + chunk.bytes;
    chunk.next = padded(end);
    return chunk;
}

std::optional<std::vector<Chunk>> Chunks::list_from(std::uint64_t offset) const {
    std::vector<Chunk> list;
    while (offset < size_) {
        const auto next = chunk(offset);
        if (!next || list.size() == most_chunks || next->bytes > size_ - next->at) return std::nullopt;
        list.push_back(*next);
        offset = next->next;
    }
    return list;
}

std::optional<std::vector<Chunk>> Chunks::list_behind(std::uint64_t at, std::uint64_t bytes) const {
    if (bytes > size_ - at) return std::nullopt;
    auto list = list_from(padded(at + bytes));
    if (!list && padded(at + bytes) != at + bytes) list = list_from(at + bytes);  // some writers leave the padding out
    return list;
}

}  // namespace wav

bool looks_like_wav(std::span<const std::byte> head) {
    return wav::container_of({reinterpret_cast<const char*>(head.data()), head.size()}).has_value();
}

}  // namespace flowspan::io
