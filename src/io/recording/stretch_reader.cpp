#include "io/recording/stretch_reader.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace flowspan::io {
namespace {

constexpr std::size_t scratch_bytes = std::size_t{1} << 16;

}  // namespace

std::uint64_t missing_run(SampleReader& reader, std::uint64_t sample, std::uint64_t end, std::size_t item_size) {
    std::vector<std::byte> scratch;
    std::uint64_t run = 0;
    // Most often the first one is there.
    for (std::uint64_t most = 1; sample + run < end; most = std::max<std::uint64_t>(1, scratch_bytes / item_size)) {
        const std::uint64_t count = std::min(most, end - sample - run);
        scratch.resize(count * item_size);
        reader.read(sample + run, scratch);
        const auto missing = reader.missing();
        if (missing.empty() || missing[0].first != sample + run) break;
        run += missing[0].count;
        if (missing[0].count < count) break;
    }
    return run;
}

StretchReader::StretchReader(std::shared_ptr<SampleReader> reader, Layout layout, std::size_t item_size,
                             std::uint64_t first_row, std::uint64_t end_row, std::uint64_t passed_over)
    : reader_(std::move(reader)),
      layout_(std::move(layout)),
      item_(item_size),
      first_row_(first_row),
      row_(first_row),
      end_(end_row),
      passed_over_(passed_over) {}

/// Of the present stretch of the layout, or of what is read of it.
std::uint64_t StretchReader::stretch_end() const {
    const auto next = std::upper_bound(layout_.stretches.begin(), layout_.stretches.end(), row_,
                                       [](std::uint64_t row, const StretchStart& s) { return row < s.index; });
    return next == layout_.stretches.end() ? end_ : std::min(end_, next->index);
}

std::uint64_t StretchReader::sample_of(std::uint64_t row) const { return *layout_.pieces_of(row, 1).at(0).sample; }

/// Up to the first that is missing, or the end of the stretch.
std::size_t StretchReader::read_present(std::span<std::byte> to) {
    const std::uint64_t count = std::min<std::uint64_t>(to.size() / item_, stretch_end() - row_);
    if (count == 0) return 0;
    const std::uint64_t sample = sample_of(row_);
    reader_->read(sample, to.first(count * item_));
    const auto missing = reader_->missing();
    const std::uint64_t made = missing.empty() ? count : missing[0].first - sample;
    row_ += made;
    return made;
}

/// Over what is missing, and from a stretch of the layout to the next; nothing where neither is here.
std::optional<StretchStart> StretchReader::look_on() {
    std::optional<StretchStart> next;
    const auto begin = [&](const Discontinuity& what) {
        if (!next) next = StretchStart{0, {what.kind, 0}, {}, {}};
        if (what.kind == Break::retune || next->what.kind == Break::restart) next->what.kind = what.kind;
        next->what.missing += what.missing;
        missing_ += what.missing;
    };
    while (row_ < end_) {
        const StretchStart& here = layout_.stretch_of(row_);
        if (here.index == row_ && row_ > first_row_) begin(here.what);
        const std::uint64_t sample = sample_of(row_), end = stretch_end();
        const std::uint64_t run = missing_run(*reader_, sample, sample + (end - row_), item_);
        if (run > 0) begin({Break::gap, run});
        row_ += run;
        if (run == 0 || row_ < end) break;
    }
    if (!next) return next;
    return begins_here(next->what);
}

StretchStart StretchReader::begins_here(const Discontinuity& what) const {
    const StretchStart& known = layout_.stretch_of(std::min(row_, end_ - 1));
    StretchStart begin{row_, what, known.frequency, known.utc};
    if (known.utc && layout_.sample_rate)
        begin.utc = moved(*known.utc, Time::of(std::int64_t(row_ - known.index), *layout_.sample_rate));
    return begin;
}

void StretchReader::pass_over() {
    if (passed_over_ == 0) return;
    std::vector<std::byte> scratch;
    while (passed_over_ > 0 && row_ < end_) {
        scratch.resize(std::min(passed_over_, std::max<std::uint64_t>(1, scratch_bytes * 16 / item_)) * item_);
        passed_over_ -= read_present(scratch);
        look_on();
    }
    passed_over_ = missing_ = 0;
}

StretchReader::Read StretchReader::read(std::span<std::byte> to) {
    const std::uint64_t expected = first_row_ + passed_over_;
    pass_over();
    Read done;
    if (row_ > expected && row_ < end_ && !std::exchange(begun_, true)) {
        // The first item lies further on than anybody could know before.
        done.next = begins_here({Break::gap, row_ - expected});
        return done;
    }
    begun_ = true;
    done.made = read_present(to);
    done.next = look_on();
    done.ended = row_ >= end_;
    if (done.ended) done.next.reset();
    return done;
}

}  // namespace flowspan::io
