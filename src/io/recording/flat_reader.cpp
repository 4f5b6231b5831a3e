#include "io/recording/flat_reader.hpp"

#include "io/bytes/bytes.hpp"
#include "io/formats/byte_order.hpp"
#include "io/formats/datatype.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

/// Samples that follow on each other in the file.
struct Run {
    std::uint64_t first = 0, byte = 0;
};

std::vector<Run> runs_of(const RecordingFacts& r, std::size_t size) {
    std::vector<Run> runs{{0, r.captures.empty() ? 0 : r.captures.front().header_bytes}};
    std::uint64_t between = runs.front().byte;
    for (std::size_t k = 1; k < r.captures.size(); ++k) {
        if (r.captures[k].header_bytes == 0) continue;
        between += r.captures[k].header_bytes;
        runs.push_back({r.captures[k].start, r.captures[k].start * size + between});
    }
    return runs;
}

std::unique_ptr<Bytes> bytes_of(const RecordingFacts& r, std::uint64_t least, bool hash) {
    if (r.seeks) return file_bytes(r.data_path, least, hash);
    return r.data_path == "-" ? stdin_bytes() : packed_bytes(r.data_path, r.member);
}

class FlatReader final : public SampleReader {
public:
    FlatReader(const RecordingFacts& recording, bool hash)
        : recording_(recording),
          stored_(stored_bytes(recording)),
          item_(size_of(recording.type) * recording.channels),
          runs_(runs_of(recording, stored_)),
          bytes_(bytes_of(recording, end_of_data(), hash)) {}

    std::size_t read(std::uint64_t first, std::span<std::byte> to) override {
        auto run = std::prev(std::upper_bound(runs_.begin(), runs_.end(), first,
                                              [](std::uint64_t sample, const Run& r) { return sample < r.first; }));
        std::uint64_t left = to.size() / item_;
        for (std::span<std::byte> rest = to; left > 0; ++run) {
            const std::uint64_t end = std::next(run) == runs_.end() ? UINT64_MAX : std::next(run)->first;
            const std::uint64_t count = std::min(left, end - first);
            const std::size_t got = read_run(run->byte + (first - run->first) * stored_, rest.first(count * item_));
            rest = rest.subspan(got);
            if (got < count * item_) return ends_at(first + got / item_, to.size() - rest.size());
            first += count;
            left -= count;
        }
        return to.size();
    }
    bool ended() const override { return bytes_->ended(); }
    std::optional<std::string> hash() override { return bytes_->hash(); }
    std::optional<std::string> warning() override {
        if (begun_.empty() || !bytes_->ended()) return {};
        return fmt::format("{}: the last {} bytes are no whole sample of {}, and left out", recording_.path, begun_.size(),
                           stored_);
    }

private:
    std::size_t ends_at(std::uint64_t sample, std::size_t got) const {
        if (recording_.length_known)
            throw Failure(ExitCode::file, fmt::format("cannot read {}: it ends at sample {}, expected {}", recording_.path,
                                                      sample, recording_.length));
        return got;
    }

    /// Of what is stored closer, the end of the room takes it, and it is widened from its beginning on. The bytes of a sample
    /// that is not whole yet are kept.
    std::size_t read_run(std::uint64_t byte, std::span<std::byte> to) {
        const std::span<std::byte> stored = to.last(to.size() / item_ * stored_);
        if (byte != begun_at_) begun_.clear();
        std::copy(begun_.begin(), begun_.end(), stored.begin());
        const std::size_t got = begun_.size() + bytes_->read(byte + begun_.size(), stored.subspan(begun_.size()));
        const std::size_t whole = got / stored_ * stored_;
        begun_.assign(stored.begin() + std::ptrdiff_t(whole), stored.begin() + std::ptrdiff_t(got));
        begun_at_ = byte + whole;
        const std::span<std::byte> made = to.first(whole / stored_ * item_);
        decode(recording_, stored.first(whole), made);
        return made.size();
    }

    std::uint64_t end_of_data() const {
        return recording_.length == 0 ? 0 : runs_.back().byte + (recording_.length - runs_.back().first) * stored_;
    }

    RecordingFacts recording_;
    std::size_t stored_, item_;
    std::vector<Run> runs_;
    std::unique_ptr<Bytes> bytes_;
    std::vector<std::byte> begun_;  // of a sample that is not whole, from this byte on
    std::uint64_t begun_at_ = 0;
};

void widen(bool big_endian, std::span<const std::byte> stored, std::span<std::byte> to) {
    const std::size_t low = big_endian ? 2 : 0, high = 2 - low;
    for (std::size_t k = 0; 4 * k < to.size(); ++k) {
        const std::byte* three = stored.data() + 3 * k;
        const std::uint32_t value =
            std::uint32_t(three[low]) << 8 | std::uint32_t(three[1]) << 16 | std::uint32_t(three[high]) << 24;
        std::memcpy(to.data() + 4 * k, &value, 4);
    }
}

}  // namespace

std::size_t stored_bytes(const RecordingFacts& r) {
    const std::size_t size = size_of(r.type) * r.channels;
    return r.stored == Stored::packed24 ? size / 4 * 3 : size;
}

void decode(const RecordingFacts& r, std::span<const std::byte> stored, std::span<std::byte> to) {
    if (r.stored == Stored::packed24) return widen(r.big_endian, stored, to);
    if (stored.data() != to.data()) std::memmove(to.data(), stored.data(), stored.size());
    if (r.stored == Stored::offset8) {
        for (std::byte& number : to) number ^= std::byte{0x80};
    } else if (r.big_endian && component_size(r.type) > 1) {
        swap_bytes(to, component_size(r.type));
    }
}

std::unique_ptr<SampleReader> open_flat(const Recording& recording, bool hash) {
    return std::make_unique<FlatReader>(recording, hash);
}

}  // namespace flowspan::io
