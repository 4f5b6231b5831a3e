// The last samples of a stream, for what turns out later to be worth keeping.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <span>
#include <vector>

namespace flowspan::blocks {

/// Items as they came, in blocks of memory that live as long as somebody reads them: another thread may write to a file what
/// has been dropped here since.
class KeptSamples {
public:
    struct Piece {
        std::shared_ptr<const std::byte[]> block;  // keeps the bytes
        std::span<const std::byte> bytes;
    };

    explicit KeptSamples(std::size_t item_size = 1)
        : item_size_(item_size), items_a_block_(std::max<std::size_t>(1, block_bytes / item_size)) {}

    /// Bytes that so many items need here.
    static std::uint64_t bytes_of(std::uint64_t items, std::size_t item_size) { return items * item_size + 2 * block_bytes; }

    /// What comes next has this index; nothing may be there yet.
    void begin(std::uint64_t index) { first_ = end_ = index; }
    /// Index behind the last item.
    std::uint64_t end() const { return end_; }

    void append(const std::byte* items, std::size_t n) {
        while (n > 0) {
            const std::uint64_t at = end_ - first_;
            if (at == blocks_.size() * items_a_block_)
                blocks_.push_back(std::shared_ptr<std::byte[]>(new std::byte[items_a_block_ * item_size_]));
            const std::size_t within = std::size_t(at % items_a_block_), count = std::min(n, items_a_block_ - within);
            std::memcpy(blocks_.back().get() + within * item_size_, items, count * item_size_);
            items += count * item_size_;
            n -= count;
            end_ += count;
        }
    }
    /// Whole blocks before `index` go.
    void drop_before(std::uint64_t index) {
        for (; index >= first_ + items_a_block_ && !blocks_.empty(); first_ += items_a_block_) blocks_.pop_front();
    }
    /// Items [from, to), which must be there.
    std::vector<Piece> pieces(std::uint64_t from, std::uint64_t to) const {
        std::vector<Piece> all;
        while (from < to) {
            const std::uint64_t at = from - first_;
            const std::size_t within = std::size_t(at % items_a_block_);
            const std::size_t count = std::size_t(std::min<std::uint64_t>(to - from, items_a_block_ - within));
            const auto& block = blocks_[std::size_t(at / items_a_block_)];
            all.push_back({block, {block.get() + within * item_size_, count * item_size_}});
            from += count;
        }
        return all;
    }

private:
    static constexpr std::size_t block_bytes = std::size_t{1} << 20;
    std::size_t item_size_, items_a_block_;
    std::deque<std::shared_ptr<std::byte[]>> blocks_;
    std::uint64_t first_ = 0, end_ = 0;  // of what is here
};

}  // namespace flowspan::blocks
