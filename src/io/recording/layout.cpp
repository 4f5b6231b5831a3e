#include "io/recording/layout.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace flowspan::io {
namespace {

constexpr std::size_t most_reported = 20;
constexpr std::int64_t most_zeros = std::int64_t{1} << 40;  // 12 days at 1 MS/s: beyond that a count is a mistake

/// Seconds of the last digit in which the recording's times are written.
double precision_s(const std::vector<Capture>& captures) {
    int digits = 0;
    for (const auto& capture : captures) {
        if (!capture.utc) continue;
        std::int64_t scale = 1;
        int needed = 0;
        for (; needed < 18 && scale % capture.utc->fraction().denominator() != 0; ++needed) scale *= 10;
        digits = std::max(digits, needed);
    }
    return std::pow(10.0, -digits);
}

/// Counts what is missing before each capture, against the last one before it that says the same kind of thing.
class Clock {
public:
    Clock(const Recording& r) : rate_(r.sample_rate), precision_s_(precision_s(r.captures)) {}

    /// Samples missing before this capture; negative: it begins before the end of what precedes it.
    std::int64_t missing(const Capture& capture) {
        std::int64_t missing = 0;
        if (capture.global_index && counted_)
            missing =
                std::int64_t(*capture.global_index - *counted_->global_index) - std::int64_t(capture.start - counted_->start);
        else if (capture.utc && timed_ && rate_)
            missing = missing_by_time(capture);
        if (capture.global_index) counted_ = &capture;
        if (capture.utc) timed_ = &capture;
        return missing;
    }

private:
    std::int64_t missing_by_time(const Capture& capture) const {
        const double rate = rate_->value(), passed_s = moved(*capture.utc, Time() - *timed_->utc).value();
        const double missing = passed_s * rate - double(capture.start - timed_->start);
        // Times are rounded or cut off: one unit of their last digit says nothing.
        return std::abs(missing) <= std::max(0.5, 1.000001 * precision_s_ * rate) ? 0 : std::llround(missing);
    }

    std::optional<Rational> rate_;
    double precision_s_;
    const Capture* counted_ = nullptr;
    const Capture* timed_ = nullptr;
};

Diagnostic mistake(const Recording& r, std::size_t k, std::string expected, std::string got, std::string hint) {
    Diagnostic d;
    d.at.file = r.path;
    d.key = fmt::format("captures[{}]", k);
    d.expected = std::move(expected);
    d.got = std::move(got);
    d.hint = std::move(hint);
    return d;
}

std::string frequency_text(const std::optional<double>& frequency) {
    return frequency ? fmt::format("{:.12g} Hz", *frequency) : "no frequency";
}

class Builder {
public:
    Builder(const Recording& r, Gaps gaps, Retunes retunes) : r_(r), gaps_(gaps), retunes_(retunes), clock_(r) {
        layout_.item_size = size_of(r.type) * r.channels;
        layout_.sample_rate = r.sample_rate;
    }

    Layout build() {
        if (r_.captures.empty()) {
            layout_.stretches.push_back({0, {}, r_.frequency, std::nullopt});
            add_samples(0, r_.length);
        } else {
            begin(r_.captures.front());
        }
        for (std::size_t k = 0; k < r_.captures.size(); ++k) {
            if (k > 0) join(k);
            header_bytes_ += r_.captures[k].header_bytes;
            const std::uint64_t first = k == 0 ? 0 : r_.captures[k].start;  // samples before the first capture belong to it
            const std::uint64_t end = k + 1 < r_.captures.size() ? r_.captures[k + 1].start : r_.length;
            add_samples(first, end - first);
        }
        layout_.length = index_;
        if (!found_.empty()) throw Refused(std::move(found_), ExitCode::file);
        return std::move(layout_);
    }

private:
    void begin(const Capture& first) {
        StretchStart start{0, {}, first.frequency, first.utc};
        if (start.utc && first.start != 0) {
            start.utc.reset();
            if (r_.sample_rate) start.utc = moved(*first.utc, Time::of(-std::int64_t(first.start), *r_.sample_rate));
        }
        layout_.stretches.push_back(start);
        clock_.missing(first);
    }

    /// What stands between capture k and the one before it.
    void join(std::size_t k) {
        const Capture& capture = r_.captures[k];
        const bool retuned = capture.frequency != r_.captures[k - 1].frequency;
        const std::int64_t missing = clock_.missing(capture);
        if (missing != 0 && gaps_ == Gaps::error) report_gap(k, missing);
        if (retuned && retunes_ == Retunes::error) report_retune(k);
        if (missing > most_zeros && gaps_ == Gaps::zeros) {
            report_many_zeros(k, missing);
            return;
        }
        if (missing > 0 && gaps_ == Gaps::zeros) {
            layout_.pieces.push_back({index_, std::uint64_t(missing), std::nullopt});
            index_ += std::uint64_t(missing);
            if (!retuned) return;
        }
        if (missing == 0 && !retuned) return;
        Discontinuity what{retuned ? Break::retune : missing > 0 ? Break::gap : Break::restart, 0};
        if (missing > 0 && gaps_ == Gaps::restart) what.missing = std::uint64_t(missing);
        layout_.stretches.push_back({index_, what, capture.frequency, capture.utc});
    }

    void report_gap(std::size_t k, std::int64_t missing) {
        if (found_.size() >= most_reported) return;
        const std::string got = missing > 0 ? fmt::format("{} missing", missing) : fmt::format("{} twice", -missing);
        found_.push_back(mistake(r_, k, fmt::format("samples that follow on those before sample {}", r_.captures[k].start), got,
                                 "the source's `gaps: zeros` or `gaps: restart` accepts it"));
    }
    void report_many_zeros(std::size_t k, std::int64_t missing) {
        if (found_.size() >= most_reported) return;
        found_.push_back(mistake(r_, k, fmt::format("at most {} samples missing, to be filled with zeros", most_zeros),
                                 fmt::format("{}", missing),
                                 "is its core:global_index or core:datetime right? `gaps: restart` makes no zeros"));
    }
    void report_retune(std::size_t k) {
        if (found_.size() >= most_reported) return;
        found_.push_back(mistake(r_, k, "the centre frequency before it, " + frequency_text(r_.captures[k - 1].frequency),
                                 frequency_text(r_.captures[k].frequency), "the source's `retune: restart` accepts it"));
    }

    void add_samples(std::uint64_t first, std::uint64_t count) {
        if (count == 0) return;
        const std::uint64_t byte = first * layout_.item_size + header_bytes_;
        if (!layout_.pieces.empty()) {
            Piece& last = layout_.pieces.back();
            if (last.byte && *last.byte + last.count * layout_.item_size == byte) {
                last.count += count;
                index_ += count;
                return;
            }
        }
        layout_.pieces.push_back({index_, count, byte});
        index_ += count;
    }

    const Recording& r_;
    Gaps gaps_;
    Retunes retunes_;
    Clock clock_;
    Layout layout_;
    Diagnostics found_;
    std::uint64_t index_ = 0, header_bytes_ = 0;
};

}  // namespace

Layout lay_out(const Recording& recording, Gaps gaps, Retunes retunes) { return Builder(recording, gaps, retunes).build(); }

const StretchStart& Layout::stretch_of(std::uint64_t index) const {
    // The last one that begins at or before it: of two at one place (an empty capture) the later holds the item.
    const auto next = std::upper_bound(stretches.begin(), stretches.end(), index,
                                       [](std::uint64_t i, const StretchStart& s) { return i < s.index; });
    return *std::prev(next);
}

std::vector<Piece> Layout::pieces_of(std::uint64_t index, std::uint64_t count) const {
    std::vector<Piece> wanted;
    auto piece = std::upper_bound(pieces.begin(), pieces.end(), index,
                                  [](std::uint64_t i, const Piece& p) { return i < p.index; });
    if (piece != pieces.begin()) --piece;
    const std::uint64_t end = index + count;
    for (; piece != pieces.end() && piece->index < end; ++piece) {
        const std::uint64_t from = std::max(index, piece->index), to = std::min(end, piece->index + piece->count);
        if (from >= to) continue;
        Piece part{from, to - from, piece->byte};
        if (part.byte) *part.byte += (from - piece->index) * item_size;
        wanted.push_back(part);
    }
    return wanted;
}

std::optional<std::uint64_t> Layout::index_at(const Time& utc) const {
    if (!sample_rate) return std::nullopt;
    std::optional<std::uint64_t> found;
    for (std::size_t k = 0; k < stretches.size(); ++k) {
        if (!stretches[k].utc) continue;
        const std::uint64_t first = stretches[k].index, end = k + 1 < stretches.size() ? stretches[k + 1].index : length;
        const std::int64_t after = moved(utc, Time() - *stretches[k].utc).ceil_index(*sample_rate);
        if (after <= 0) return found.value_or(first);
        found = std::uint64_t(after) < end - first ? first + std::uint64_t(after) : end;
        if (*found < end) return found;
    }
    return found;
}

}  // namespace flowspan::io
