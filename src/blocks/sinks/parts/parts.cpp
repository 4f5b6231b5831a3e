#include "blocks/sinks/parts/parts.hpp"

#include "blocks/sinks/stretch_writers.hpp"
#include "core/files/file_kind.hpp"
#include "io/claim/folder.hpp"
#include "io/recording/layout.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace flowspan::blocks {
namespace {

constexpr char no_date = BlockContext::no_date, no_part = BlockContext::no_part;

bool has(const std::string& text, char mark) { return text.find(mark) != std::string::npos; }

std::optional<Time> utc_at(const StreamDescription& stream, std::uint64_t index) {
    if (!stream.utc || !stream.sample_rate) return std::nullopt;
    return moved(*stream.utc, Time::of(std::int64_t(index), *stream.sample_rate));
}

/// `number` behind the stem of a name that says neither number nor time.
std::string with_number(std::string name, const std::string& marked, const std::string& number) {
    return name.insert(name.size() - stretch_suffix(marked).size(), "_" + number);
}

}  // namespace

Parts::Parts(Block& owner, const Parameter<ProductPath>& path)
    : owner_(owner),
      path_(path),
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
    const auto dated = owner_.context().dated.find(path_.name());
    const std::string name = io::name_of(marked());
    if (dated == owner_.context().dated.end() || !has(name, no_date) || has(name, no_part) || !utc_at(stream, 0)) return;
    const Boundaries boundaries(*length(), 0, *stream.utc, *stream.sample_rate);
    const std::uint64_t end = stream.length ? std::uint64_t(*stream.length) : UINT64_MAX;
    std::string before;
    std::uint64_t index = 0;
    for (int k = 0; k < looked_at && index < end && index <= std::uint64_t(INT64_MAX); ++k, index = boundaries.next(index)) {
        std::string now = io::name_of(dated->second(utc_at(stream, index), 0));
        if (now == before)
            return path_.wrong("names that tell all parts apart", {},
                               "two parts would be " + now + ": leave more of {datetime}, or put {part:03} there");
        before = std::move(now);
    }
}

std::string Parts::marked() const {
    const auto undated = owner_.context().undated.find(path_.name());
    return undated == owner_.context().undated.end() ? path_->path : undated->second;
}

std::vector<std::string> Parts::marked_paths() const {
    const std::string folder = io::folder_of(path_->path), name = io::name_of(marked());
    const auto placed = [&](const std::string& one) { return (std::filesystem::path(folder) / one).string(); };
    if (has(name, no_part)) return {placed(name)};
    // Where a part's time is not known, its number is what it is told by.
    const std::string numbered = placed(with_number(name, name, std::string(1, no_part)));
    return has(name, no_date) ? std::vector{placed(name), numbered} : std::vector{numbered};
}

ProductPattern Parts::pattern_of(const std::string& marked) {
    const std::string name = io::name_of(marked);
    ProductPattern pattern{io::folder_of(marked), {}, false};
    std::string literal;
    for (std::size_t k = 0; k < name.size(); ++k) {
        if (name[k] != no_date && name[k] != no_part) {
            literal += name[k];
            continue;
        }
        if (!literal.empty()) pattern.name.emplace_back(std::exchange(literal, {}));
        pattern.name.emplace_back(name[k] == no_date ? ProductPattern::Field::time : ProductPattern::Field::digits);
        while (name[k] == no_date && k + 1 < name.size() && name[k + 1] == no_date) ++k;
    }
    if (!literal.empty()) pattern.name.emplace_back(std::move(literal));
    // Of another time, it is not the same product's.
    pattern.numbered = !has(name, no_date) && std::count(name.begin(), name.end(), no_part) == 1;
    return pattern;
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

std::string Parts::path() const {
    const std::string mark = io::name_of(marked());
    const auto dated = owner_.context().dated.find(path_.name());
    std::string name = io::name_of(dated == owner_.context().dated.end() ? path_->path : dated->second(utc_, count_ - 1));
    if (!has(mark, no_part) && !(has(mark, no_date) && utc_))
        name = with_number(std::move(name), mark, fmt::format("{:03}", count_ - 1));
    return (std::filesystem::path(path_->path).parent_path() / name).string();
}

std::uint64_t Parts::expected(const InputPort& in) const {
    const auto& length = in.description().length;
    const std::uint64_t gone = begin_ - first_, all = length ? std::uint64_t(*length) : 0;
    return all <= gone ? 0 : std::min(all - gone, next_ - begin_);
}

}  // namespace flowspan::blocks
