// The samples of one output on one rank: a ring with one writer and any number of readers.
//
// Items have absolute indices; the ring is addressed by positions: index + all padding so far. Between stretches, and after
// the end, lie `padding` zeros: the history of the next stretch's first items and the rest of the last grid block. The writer
// has an issued and a completed cursor, each reader a next and a released one: work may be in flight between the two.
#pragma once

#include "memory/ring.hpp"

#include <flowspan/description.hpp>
#include <flowspan/port.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace flowspan::memory {

inline constexpr std::uint64_t open_end = UINT64_MAX;

/// One stretch, as it lies in a buffer.
struct Stretch {
    std::uint64_t anchor = 0;      // absolute index of its first item: grids and frames count from here
    std::uint64_t first = 0;       // of the first item that is there; behind the anchor where a stream begins within a stretch
    std::uint64_t end = open_end;  // one past its last item, once known
    std::uint64_t position = 0;    // of its first item
    std::uint64_t number = 0;      // in the stream
    std::size_t readers = 0;       // that are in it and have not cancelled
    bool first_of_stream = true;
    Discontinuity what;  // what came before it, unless first_of_stream
    std::shared_ptr<const StreamDescription> description;
};

/// How far an item lies from its nominal place, in items of its stream and units of 2^-32. Only behind blocks with a
/// data-dependent rate it is ever another than 0.
using Deviation = __int128;

/// From item `index` on, until the next mark or stretch, items deviate by so much.
struct Mark {
    std::uint64_t index = 0;
    Deviation deviation = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
};

/// How a stream ended: the stream itself (END), only this segment of it (SEAM), or because nobody wants more.
enum class EndKind : std::uint8_t { ok, seam, cancelled, aborted };

/// From item `index` on, until the next one or the next stretch, the stream has this centre frequency: everything else goes on.
struct Retuning {
    std::uint64_t index = 0;
    std::optional<double> center_frequency;
    friend bool operator==(const Retuning&, const Retuning&) = default;
};

class StreamBuffer;

/// One reader's place in a buffer. Stable in memory while the buffer lives.
class alignas(64) Reader {
public:
    /// Absolute index of the next item it takes.
    std::uint64_t index() const { return index_; }
    const Stretch& stretch() const { return *stretch_; }
    /// One past the last item of its stretch that can be read now.
    inline std::uint64_t readable_end() const;
    /// Whether all items of its stretch are there and known to be all.
    inline bool stretch_complete() const;
    /// Whether another stretch follows the present one.
    bool has_next_stretch() const;
    /// The stretch after the present one; there must be one.
    const Stretch& next() const;
    /// Whether the present stretch is the last one and the stream has ended.
    inline bool stream_ended() const;
    /// The item at this index of the present stretch; negative offsets reach history.
    inline const std::byte* item(std::uint64_t index) const;
    /// The next item it takes is `index`; those before are still in use until released.
    void advance(std::uint64_t index) { index_ = index; }
    /// Nothing before index - history is in use any more.
    inline void release(std::uint64_t index);
    /// How far item `index` of its stretch lies from its nominal place.
    Deviation deviation(std::uint64_t index) const;
    /// Marks of the present stretch, before `end`, as far back as they are kept.
    std::vector<Mark> marks_of_stretch(std::uint64_t end) const;
    /// Tags of items before `index` have been taken.
    void took_tags(std::uint64_t index) {
        if (tags_from_ != open_end) tags_from_ = index;
    }
    /// Marks before `index` have been taken. Of a reader that never says so, those of the items that it has taken.
    void took_marks(std::uint64_t index) { marks_from_ = index; }
    /// Retunings up to item `index` have been taken.
    void took_retunings(std::uint64_t index) { retunings_from_ = index + 1; }
    /// The first that has not, in its stretch.
    inline const Retuning* next_retuning() const;
    /// It never looks at a tag.
    void ignore_tags() { tags_from_ = open_end; }
    /// Goes to the first item of the next stretch, releasing the present one.
    void next_stretch();
    /// It wants no more; the writer is free of it.
    void cancel();
    bool cancelled() const { return cancelled_; }
    std::uint64_t history() const { return history_; }
    /// Index of the first item that the stream can have.
    inline std::uint64_t first_of_stream() const;

private:
    friend class StreamBuffer;
    // One cache line: every step of its block touches it.
    StreamBuffer* buffer_ = nullptr;
    std::uint64_t index_ = 0;
    std::uint64_t held_ = 0;   // position of the oldest item in use
    std::uint64_t shift_ = 0;  // position - index in the present stretch (modulo 2^64)
    std::uint64_t history_ = 0;
    std::uint64_t end_ = open_end;  // of the present stretch
    mutable std::uint64_t lap_ = 0;
    bool cancelled_ = false;

    std::uint64_t tags_from_ = 0, marks_from_ = open_end, retunings_from_ = 0;
    const Stretch* stretch_ = nullptr;
};

class alignas(64) StreamBuffer {
public:
    /// `stagger`: bytes by which the first item is moved, so that rings do not all begin on one cache set.
    StreamBuffer(std::shared_ptr<const RingMemory> ring, std::size_t item_size, std::size_t stagger, std::uint64_t first_index,
                 StreamDescription description);
    StreamBuffer(const StreamBuffer&) = delete;
    StreamBuffer& operator=(const StreamBuffer&) = delete;

    /// Before the first item is written: a reader may ask for so much padding or history. Whoever adds many readers says it
    /// once ahead of them.
    void pad(std::uint64_t padding);
    /// Before the first item is written. `padding`: zeros it may read past the end of a stretch.
    Reader& add_reader(std::uint64_t history, std::uint64_t padding);
    const std::deque<Reader>& readers() const { return readers_; }
    /// `later` are buffers in the same memory, downstream through blocks that make one item of each: item k of theirs
    /// overwrites item k of this one. So this one is full when the last of them holds what would be overwritten. All have one
    /// reader, no padding and the same first index; their own room is never short.
    void share_with(std::vector<const StreamBuffer*> later) {
        later_ = std::move(later);
        shares_ = !later_.empty();
    }

    const std::vector<const StreamBuffer*>& later() const { return later_; }

    const std::shared_ptr<const RingMemory>& ring() const { return ring_; }
    std::size_t stagger() const { return stagger_; }
    std::size_t item_size() const { return item_size_; }
    std::size_t capacity() const { return capacity_; }
    /// Items of the capacity that are kept free for zeros between stretches, history included.
    std::size_t padding() const { return padding_; }
    /// Absolute indices: one past the last item issued, completed.
    std::uint64_t issued() const { return issued_; }
    std::uint64_t completed() const { return completed_; }
    bool ended() const { return ended_; }
    EndKind end_kind() const { return end_kind_; }
    /// By any reader that has not cancelled.
    bool wanted() const { return only_ != nullptr ? !only_->cancelled_ : wanting_ > 0; }

    /// How many items may be issued now; paddings have their room besides.
    std::size_t room() const {
        const std::uint64_t used = issued_ + shift_ - oldest_in_use() + padding_;
        return used >= capacity_ ? 0 : capacity_ - used;
    }
    /// Index up to which a sender may send: completed + room, for granting credit.
    std::uint64_t credit() const { return issued_ + room(); }
    std::byte* write_place() const { return place(issued_ + shift_, lap_); }
    void issue(std::size_t n) { issued_ += n; }
    void complete(std::size_t n) { completed_ += n; }

    /// Whether there is room for the zeros of a break or an end now.
    bool can_break() const;
    /// Positions in use, credit that has been granted up to `granted` included, plus the room kept for a break, fit.
    bool can_grant_break(std::uint64_t granted) const;
    /// Ends the present stretch at issued() and begins the next there.
    void begin_stretch(const Discontinuity& what, StreamDescription description);
    /// The present stretch, of which nothing has been issued yet, begins at a later item than its anchor.
    void begin_within(std::uint64_t first);
    /// No more items.
    void end(EndKind kind);

    /// In the order of items, before they are issued; a later one for the same item takes its place.
    void add_mark(const Mark& mark);
    bool has_marks() const { return has_marks_; }
    /// Marks of so many items behind all readers are kept: messages about them may still come.
    void keep_marks(std::uint64_t items) { kept_marks_ = std::max(kept_marks_, items); }
    /// Marks with first <= index < end.
    void marks_between(std::uint64_t first, std::uint64_t end, std::vector<Mark>& to) const;

    /// In the order of items, for one that is not issued yet; a later one for the same item takes its place. Beyond the end of
    /// the stretch it is forgotten.
    void add_retuning(const Retuning& retuning);
    bool has_retunings() const { return has_retunings_; }

    void add_tag(Tag tag) {
        if (only_ != nullptr && only_->tags_from_ == open_end) return;
        tags_.push_back(std::move(tag));
        has_tags_ = true;
    }
    /// Tags with first <= index < end.
    void tags_between(std::uint64_t first, std::uint64_t end, std::vector<Tag>& to) const;
    bool has_tags() const { return has_tags_; }
    /// The index of the first tag from `index` on, if there is one.
    std::optional<std::uint64_t> first_tag_from(std::uint64_t index) const;
    std::size_t tag_count() const { return tags_.size(); }
    /// Index of the last one; there must be one.
    std::uint64_t last_tag() const { return tags_.back().index; }
    /// Forgets tags and stretches that every reader has passed.
    void forget_passed();

private:
    friend class Reader;
    /// `lap`: the bytes of all laps before the one that was asked for last. Who goes on item by item needs no division.
    std::byte* place(std::uint64_t position, std::uint64_t& lap) const {
        const std::uint64_t offset = position * item_size_ + stagger_;
        if (offset - lap >= size_) {
            lap += size_;
            if (offset - lap >= size_) lap = offset - offset % size_;
        }
        return base_ + (offset - lap);
    }
    std::uint64_t oldest_in_use() const {
        if (only_ != nullptr && !only_->cancelled_ && !shares_) return only_->held_;
        return oldest_of_many();
    }
    std::uint64_t oldest_of_many() const;
    void write_zeros();
    void end_stretch();
    void forget_marks();
    void forget_stretches();
    void forget_tags();
    void forget_retunings();
    void leave(Stretch& stretch);
    void put_at_the_beginning(Reader& reader) const;
    Stretch& in_use(const Stretch& stretch) { return stretches_[std::size_t(stretch.number - stretches_.front().number)]; }

    // Two cache lines that every step touches.
    std::uint64_t issued_, completed_;
    std::uint64_t shift_ = 0, padding_ = 0, capacity_;
    Reader* only_ = nullptr;  // where there is one reader
    bool has_tags_ = false, has_marks_ = false, has_retunings_ = false, ended_ = false, shares_ = false;
    EndKind end_kind_ = EndKind::ok;
    std::byte* base_;
    std::uint64_t size_, item_size_, stagger_;
    mutable std::uint64_t lap_ = 0;

    std::vector<const StreamBuffer*> later_;
    std::shared_ptr<const RingMemory> ring_;
    std::deque<Reader> readers_;
    std::deque<Stretch> stretches_;
    std::deque<Tag> tags_;
    std::deque<Mark> marks_;
    std::deque<Retuning> retunings_;
    std::uint64_t kept_marks_ = 0;
    std::size_t wanting_ = 0;   // readers that have not cancelled
    std::size_t unlooked_ = 0;  // times that a reader has gone on since what was passed was last looked for
    std::uint64_t first_index_;
};

inline std::uint64_t Reader::readable_end() const { return end_ < buffer_->completed_ ? end_ : buffer_->completed_; }
inline std::uint64_t Reader::first_of_stream() const { return buffer_->first_index_; }
inline const Retuning* Reader::next_retuning() const {
    if (!buffer_->has_retunings_) return nullptr;
    const std::uint64_t from = retunings_from_ < stretch_->anchor ? stretch_->anchor : retunings_from_;
    const auto& all = buffer_->retunings_;
    const auto it =
        std::lower_bound(all.begin(), all.end(), from, [](const Retuning& r, std::uint64_t index) { return r.index < index; });
    return it != all.end() && it->index < end_ ? &*it : nullptr;
}
inline bool Reader::stretch_complete() const { return end_ <= buffer_->completed_; }
inline bool Reader::stream_ended() const {
    return buffer_->ended_ && stretch_complete() && stretch_ == &buffer_->stretches_.back();
}
inline const std::byte* Reader::item(std::uint64_t index) const {
    // Placed by its oldest history item, so that all of history lies before it in the mapping.
    return buffer_->place(index + shift_ - history_, lap_) + history_ * buffer_->item_size_;
}
inline void Reader::release(std::uint64_t index) {
    const std::uint64_t end = readable_end();
    held_ = (index < end ? index : end) + shift_ - history_;
}

}  // namespace flowspan::memory
