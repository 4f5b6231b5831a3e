#include "blocks/sinks/parts/parts.hpp"

#include "core/files/file_kind.hpp"
#include "io/claim/folder.hpp"
#include "io/recording/layout.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace flowspan::blocks {

Parts::Parts(Block& owner, const Parameter<ProductPath>& path)
    : path_(path),
      names_(owner, path),
      split_(
          owner, "split",
          {.optional = true,
           .help = "Divides the stream into files of this duration (60 s), each from a whole multiple of it in UTC on (where "
                   "no time is known: counted from the first sample), or of so many samples. Their names have {datetime} or "
                   "{part} in them, or are NAME_000.EXT, NAME_001.EXT, …"}) {}

std::optional<PartLength> Parts::length() const {
    const auto extent = io::parse_extent(split_.get());
    if (!extent || extent->kind == io::Extent::Kind::utc) return std::nullopt;
    if (extent->kind == io::Extent::Kind::samples)
        return extent->samples == 0 ? std::nullopt : std::optional(PartLength{{}, extent->samples});
    return extent->time > Time() ? std::optional(PartLength{extent->time, 0}) : std::nullopt;
}

void Parts::check(const InputPort& in) const {
    if (!wanted() || count_ > 0) return;
    if (is_written_in_place(path_->path)) return split_.wrong("a file as `path`: a pipe or a device takes the stream as one");
    const auto length = this->length();
    if (!length) return split_.wrong("a duration as 60 s, or a number of samples, more than 0");
    const auto& rate = in.description().sample_rate;
    if (length->items == 0 && !rate)
        return split_.wrong("a number of samples, for the stream has no sample rate", {}, "give `sample_rate` of the source");
    if (length->items == 0 && length->duration < Time::of(1, *rate))
        return split_.wrong(fmt::format("the duration of a sample at least, at {} Hz", rate->text()));
    check_names(in);
}

// What a cut time (`{datetime:.10}`) leaves equal is found here for the first parts, later when it comes to that.
void Parts::check_names(const InputPort& in) const {
    constexpr int looked_at = 1000;
    const StreamDescription& stream = in.description();
    if (!names_.tell_by_time_alone() || !utc_at(stream, 0)) return;
    const Boundaries boundaries(*length(), 0, *stream.utc, *stream.sample_rate);
    const std::uint64_t end = stream.length ? std::uint64_t(*stream.length) : UINT64_MAX;
    std::string before;
    std::uint64_t index = 0;
    for (int k = 0; k < looked_at && index < end && index <= std::uint64_t(INT64_MAX); ++k, index = boundaries.next(index)) {
        std::string now = io::name_of(names_.path(utc_at(stream, index), 0));
        if (now == before)
            return path_.wrong("names that tell all parts apart", {},
                               "two parts would be " + now + ": leave more of {datetime}, or put {part:03} there");
        before = std::move(now);
    }
}

void Parts::restart(const InputPort& in, bool new_part) {
    missing_ += in.discontinuity() ? in.discontinuity()->missing : 0;
    placed_ = false;
    new_part_ = new_part_ || new_part;
}

/// A stretch begins with item `index`: finds the boundaries, and whether the present part goes on.
void Parts::place(const InputPort& in, std::uint64_t index) {
    const StreamDescription& stream = in.description();
    if (count_ == 0) first_ = index;
    const bool in_utc = length()->items == 0 && stream.utc && stream.sample_rate;
    const Rational rate = stream.sample_rate.value_or(Rational(1));
    const Time from_first = Time::of(std::int64_t(missing_) - std::int64_t(first_), rate);
    boundaries_ = Boundaries(*length(), first_, in_utc ? *stream.utc : from_first, rate);
    const __int128 part = boundaries_.part_of(index);
    new_part_ = new_part_ || count_ == 0 || in_utc != in_utc_ || part != part_;
    in_utc_ = in_utc;
    next_ = boundaries_.next(index);
    placed_ = true;
}

bool Parts::come_to(const InputPort& in, std::uint64_t index) {
    if (!placed_) place(in, index);
    if (!new_part_ && index < next_) return false;
    new_part_ = false;
    part_ = boundaries_.part_of(index);
    next_ = boundaries_.next(index);
    begin_ = index;
    utc_ = utc_at(in.description(), index);
    ++count_;
    return true;
}

std::uint64_t Parts::expected(const InputPort& in) const {
    const auto& length = in.description().length;
    const std::uint64_t gone = begin_ - first_, all = length ? std::uint64_t(*length) : 0;
    return all <= gone ? 0 : std::min(all - gone, next_ - begin_);
}

}  // namespace flowspan::blocks
