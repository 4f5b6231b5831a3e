#include "memory/stream_buffer.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace flowspan::memory {

StreamBuffer::StreamBuffer(Ring ring, std::size_t item_size, std::size_t stagger, std::uint64_t first_index,
                           StreamDescription description)
    : ring_(std::move(ring)),
      base_(ring_.base()),
      size_(ring_.size()),
      mask_(std::has_single_bit(size_) ? size_ - 1 : 0),
      item_size_(item_size),
      stagger_(stagger % size_),
      capacity_(size_ / item_size),
      issued_(first_index),
      completed_(first_index),
      shift_(-first_index) {
    stretches_.push_back(
        {.first = first_index, .what = {}, .description = std::make_shared<const StreamDescription>(std::move(description))});
}

Reader& StreamBuffer::add_reader(std::uint64_t history, std::uint64_t padding) {
    assert(issued_ == stretches_.front().first && stretches_.size() == 1);
    // The ring is zero at first: the history of the first stretch is where nobody has written yet.
    padding_ = std::max({padding_, history, padding});
    shift_ = padding_ - stretches_.front().first;
    stretches_.front().position = padding_;
    Reader& added = readers_.emplace_back();
    added.buffer_ = this;
    added.history_ = history;
    added.padding_ = padding;
    added.index_ = added.tags_from_ = stretches_.front().first;
    added.stretch_ = &stretches_.front();
    for (Reader& r : readers_) {
        r.shift_ = shift_;
        r.held_ = padding_ - r.history_;
    }
    return added;
}

bool StreamBuffer::wanted() const {
    return std::any_of(readers_.begin(), readers_.end(), [](const Reader& r) { return !r.cancelled_; });
}

std::uint64_t StreamBuffer::oldest_in_use() const {
    if (readers_.size() == 1 && !readers_.front().cancelled_) return readers_.front().held_;
    std::uint64_t oldest = issued_ + shift_;
    for (const Reader& r : readers_) {
        if (!r.cancelled_) oldest = std::min(oldest, r.held_);
    }
    return oldest;
}

std::size_t StreamBuffer::room() const {
    const std::uint64_t used = issued_ + shift_ - oldest_in_use() + padding_;
    return used >= capacity_ ? 0 : capacity_ - used;
}

bool StreamBuffer::can_break() const { return padding_ == 0 || issued_ + shift_ - oldest_in_use() + padding_ <= capacity_; }

bool StreamBuffer::can_grant_break(std::uint64_t granted) const {
    return granted + shift_ - oldest_in_use() + padding_ <= capacity_;
}

void StreamBuffer::write_zeros() {
    if (padding_ != 0) std::memset(place(issued_ + shift_), 0, padding_ * item_size_);
}

void StreamBuffer::begin_stretch(const Discontinuity& what, StreamDescription description) {
    assert(can_break() && !ended_);
    write_zeros();
    stretches_.back().end = issued_;
    shift_ += padding_;
    stretches_.push_back({.first = issued_,
                          .position = issued_ + shift_,
                          .first_of_stream = false,
                          .what = what,
                          .description = std::make_shared<const StreamDescription>(std::move(description))});
}

void StreamBuffer::end(EndKind kind) {
    assert(can_break() && !ended_);
    write_zeros();
    stretches_.back().end = issued_;
    ended_ = true;
    end_kind_ = kind;
}

void StreamBuffer::tags_between(std::uint64_t first, std::uint64_t end, std::vector<Tag>& to) const {
    auto it = std::lower_bound(tags_.begin(), tags_.end(), first, [](const Tag& t, std::uint64_t i) { return t.index < i; });
    for (; it != tags_.end() && it->index < end; ++it) to.push_back(*it);
}

void StreamBuffer::forget_passed() {
    std::uint64_t oldest = completed_;
    const auto in_use = [&](const Stretch& stretch) {
        return std::any_of(readers_.begin(), readers_.end(),
                           [&](const Reader& r) { return !r.cancelled_ && r.stretch_ == &stretch; });
    };
    for (const Reader& r : readers_) {
        if (!r.cancelled_) oldest = std::min(oldest, r.tags_from_);
    }
    while (!tags_.empty() && tags_.front().index < oldest) tags_.pop_front();
    // By identity: stretches without items begin at one position.
    while (stretches_.size() > 1 && !in_use(stretches_.front())) stretches_.pop_front();
}

bool Reader::has_next_stretch() const { return stretch_ != &buffer_->stretches_.back(); }

const Stretch& Reader::next() const {
    const auto& all = buffer_->stretches_;
    return *std::next(std::find_if(all.begin(), all.end(), [&](const Stretch& s) { return &s == stretch_; }));
}

void Reader::next_stretch() {
    stretch_ = &next();
    index_ = stretch_->first;
    shift_ = stretch_->position - stretch_->first;
    held_ = stretch_->position - history_;
    buffer_->forget_passed();
}

void Reader::cancel() {
    cancelled_ = true;
    buffer_->forget_passed();
}

}  // namespace flowspan::memory
