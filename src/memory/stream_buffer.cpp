#include "memory/stream_buffer.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace flowspan::memory {

StreamBuffer::StreamBuffer(std::shared_ptr<const RingMemory> ring, std::size_t item_size, std::size_t stagger,
                           std::uint64_t first_index, StreamDescription description)
    : issued_(first_index),
      completed_(first_index),
      shift_(-first_index),
      capacity_(ring->size() / item_size),
      base_(ring->base()),
      size_(ring->size()),
      item_size_(item_size),
      stagger_(stagger % size_),
      ring_(std::move(ring)),
      first_index_(first_index) {
    stretches_.push_back({.anchor = first_index,
                          .first = first_index,
                          .what = {},
                          .description = std::make_shared<const StreamDescription>(std::move(description))});
}

void StreamBuffer::pad(std::uint64_t padding) {
    if (padding <= padding_) return;
    padding_ = padding;
    shift_ = padding_ - stretches_.front().first;
    stretches_.front().position = padding_;
    for (Reader& r : readers_) put_at_the_beginning(r);
}

// The ring is zero at first: the history of the first stretch is where nobody has written yet.
void StreamBuffer::put_at_the_beginning(Reader& reader) const {
    reader.shift_ = shift_;
    reader.held_ = padding_ - reader.history_;
}

Reader& StreamBuffer::add_reader(std::uint64_t history, std::uint64_t padding) {
    assert(issued_ == stretches_.front().first && stretches_.size() == 1);
    pad(std::max(history, padding));
    Reader& added = readers_.emplace_back();
    only_ = readers_.size() == 1 ? &added : nullptr;
    added.buffer_ = this;
    added.history_ = history;
    added.index_ = added.tags_from_ = stretches_.front().first;
    added.stretch_ = &stretches_.front();
    ++stretches_.front().readers;
    ++wanting_;
    put_at_the_beginning(added);
    return added;
}

std::uint64_t StreamBuffer::oldest_of_many() const {
    // Until its writer has ended it may still write, whether somebody wants that or not.
    for (const StreamBuffer* b : later_) {
        if (!b->ended_ || !b->only_->cancelled_) return b->only_->held_;
    }
    std::uint64_t oldest = issued_ + shift_;
    for (const Reader& r : readers_) {
        if (!r.cancelled_) oldest = std::min(oldest, r.held_);
    }
    return oldest;
}

bool StreamBuffer::can_break() const { return padding_ == 0 || issued_ + shift_ - oldest_in_use() + padding_ <= capacity_; }

bool StreamBuffer::can_grant_break(std::uint64_t granted) const {
    return granted + shift_ - oldest_in_use() + padding_ <= capacity_;
}

void StreamBuffer::write_zeros() {
    if (padding_ != 0) ring_->zero(write_place(), padding_ * item_size_);
}

void StreamBuffer::end_stretch() {
    write_zeros();
    Stretch& last = stretches_.back();
    last.end = issued_;
    while (!retunings_.empty() && retunings_.back().index >= issued_) retunings_.pop_back();
    for (Reader& r : readers_) {
        if (r.stretch_ == &last) r.end_ = issued_;
    }
}

void StreamBuffer::begin_stretch(const Discontinuity& what, StreamDescription description) {
    assert(can_break() && !ended_);
    end_stretch();
    shift_ += padding_;
    stretches_.push_back({.anchor = issued_,
                          .first = issued_,
                          .position = issued_ + shift_,
                          .number = stretches_.back().number + 1,
                          .first_of_stream = false,
                          .what = what,
                          .description = std::make_shared<const StreamDescription>(std::move(description))});
}

void StreamBuffer::begin_within(std::uint64_t first) {
    Stretch& present = stretches_.back();
    assert(issued_ == present.first && completed_ == issued_ && first >= issued_ && !ended_);
    shift_ = present.position - first;
    issued_ = completed_ = present.first = first;
    for (Reader& r : readers_) {
        if (r.stretch_ != &present) continue;
        r.index_ = std::max(r.index_, first);
        r.shift_ = shift_;
    }
}

void StreamBuffer::add_mark(const Mark& mark) {
    while (!marks_.empty() && marks_.back().index >= mark.index) marks_.pop_back();
    marks_.push_back(mark);
    has_marks_ = true;
}

void StreamBuffer::add_retuning(const Retuning& retuning) {
    while (!retunings_.empty() && retunings_.back().index >= retuning.index) retunings_.pop_back();
    retunings_.push_back(retuning);
    has_retunings_ = true;
}

void StreamBuffer::marks_between(std::uint64_t first, std::uint64_t end, std::vector<Mark>& to) const {
    auto it = std::lower_bound(marks_.begin(), marks_.end(), first, [](const Mark& m, std::uint64_t i) { return m.index < i; });
    for (; it != marks_.end() && it->index < end; ++it) to.push_back(*it);
}

// What is said of the oldest item that a reader may still ask about stands in a mark before it. Messages may look back by as
// much as they have declared, which history does not say: a stretch's marks are kept while somebody is in it, but no more of
// them than a ring holds items.
void StreamBuffer::forget_marks() {
    std::uint64_t oldest = completed_;
    for (const Reader& r : readers_) {
        if (!r.cancelled_) oldest = std::min({oldest, r.index_, r.marks_from_});
    }
    oldest -= std::min(oldest, kept_marks_);
    while (marks_.size() > 1 && marks_[1].index <= oldest) marks_.pop_front();
    if (marks_.size() == 1 && marks_.front().deviation == 0 && marks_.front().index < oldest) marks_.clear();
    has_marks_ = !marks_.empty();
}

std::vector<Mark> Reader::marks_of_stretch(std::uint64_t end) const {
    std::vector<Mark> marks;
    buffer_->marks_between(stretch_->anchor, end, marks);
    return marks;
}

Deviation Reader::deviation(std::uint64_t index) const {
    const auto& marks = buffer_->marks_;
    if (marks.empty()) return 0;
    // Behind the end of the stretch holds what held before it: what is marked there belongs to the next.
    if (stretch_->end != open_end && index >= stretch_->end && stretch_->end > 0) index = stretch_->end - 1;
    auto it = std::upper_bound(marks.begin(), marks.end(), index, [](std::uint64_t i, const Mark& m) { return i < m.index; });
    return it == marks.begin() || std::prev(it)->index < stretch_->anchor ? 0 : std::prev(it)->deviation;
}

void StreamBuffer::end(EndKind kind) {
    assert(can_break() && !ended_);
    end_stretch();
    ended_ = true;
    end_kind_ = kind;
}

void StreamBuffer::tags_between(std::uint64_t first, std::uint64_t end, std::vector<Tag>& to) const {
    auto it = std::lower_bound(tags_.begin(), tags_.end(), first, [](const Tag& t, std::uint64_t i) { return t.index < i; });
    for (; it != tags_.end() && it->index < end; ++it) to.push_back(*it);
}

std::optional<std::uint64_t> StreamBuffer::first_tag_from(std::uint64_t index) const {
    if (!has_tags_) return {};
    const auto it =
        std::lower_bound(tags_.begin(), tags_.end(), index, [](const Tag& t, std::uint64_t i) { return t.index < i; });
    return it == tags_.end() ? std::nullopt : std::optional(it->index);
}

// Of many readers each looks for what all have passed only in its turn: a look costs as much as there are readers.
void StreamBuffer::forget_passed() {
    forget_stretches();
    if (tags_.empty() && marks_.empty() && retunings_.empty()) return;
    constexpr std::size_t many_readers = 16;
    if (readers_.size() > many_readers && ++unlooked_ < readers_.size()) return;
    unlooked_ = 0;
    forget_tags();
    forget_marks();
    forget_retunings();
}

void StreamBuffer::forget_tags() {
    std::uint64_t oldest = completed_;
    for (const Reader& r : readers_) {
        if (!r.cancelled_) oldest = std::min(oldest, r.tags_from_);
    }
    while (!tags_.empty() && tags_.front().index < oldest) tags_.pop_front();
    has_tags_ = !tags_.empty();
}

void StreamBuffer::forget_retunings() {
    std::uint64_t retuned = open_end;
    for (const Reader& r : readers_) {
        if (!r.cancelled_) retuned = std::min(retuned, std::max(r.retunings_from_, r.stretch_->anchor));
    }
    while (!retunings_.empty() && retunings_.front().index < retuned) retunings_.pop_front();
    has_retunings_ = !retunings_.empty();
}

void StreamBuffer::forget_stretches() {
    while (stretches_.size() > 1 && stretches_.front().readers == 0) stretches_.pop_front();
}

void StreamBuffer::leave(Stretch& stretch) {
    --stretch.readers;
    forget_passed();
}

bool Reader::has_next_stretch() const { return stretch_ != &buffer_->stretches_.back(); }

const Stretch& Reader::next() const {
    const auto& all = buffer_->stretches_;
    return all[std::size_t(stretch_->number - all.front().number) + 1];
}

void Reader::next_stretch() {
    Stretch& before = buffer_->in_use(*stretch_);
    stretch_ = &next();
    index_ = stretch_->first;
    end_ = stretch_->end;
    shift_ = stretch_->position - stretch_->first;
    held_ = stretch_->position - history_;
    if (!cancelled_) ++buffer_->in_use(*stretch_).readers, buffer_->leave(before);
}

void Reader::cancel() {
    if (cancelled_) return;
    cancelled_ = true;
    --buffer_->wanting_;
    buffer_->leave(buffer_->in_use(*stretch_));
}

}  // namespace flowspan::memory
