#include "io/recording/layout.hpp"

#include "core/numbers/exact.hpp"
#include "io/recording/capture_clock.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::io {
namespace {

constexpr std::size_t most_reported = 20;
constexpr std::int64_t most_zeros = std::int64_t{1} << 40;  // 12 days at 1 MS/s: beyond that a count is a mistake

Diagnostic mistake(const RecordingFacts& r, std::size_t k, std::string expected, std::string got, std::string hint) {
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
    Builder(const RecordingFacts& r, Gaps gaps, Retunes retunes)
        : r_(r), gaps_(gaps), retunes_(retunes), clock_(r.sample_rate) {
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
        clock_.begin(first);
    }

    /// What stands between capture k and the one before it.
    void join(std::size_t k) {
        const Capture& capture = r_.captures[k];
        const bool retuned = capture.frequency != r_.captures[k - 1].frequency;
        const Wide difference = clock_.missing(capture);
        if (difference > most_missing || difference < -most_missing) {
            report_nonsense(k, difference);
            return;
        }
        const auto missing = std::int64_t(difference);
        if (missing != 0 && gaps_ == Gaps::error) report_gap(k, missing);
        if (retuned && retunes_ == Retunes::error) report_retune(k);
        if (missing > most_zeros && gaps_ == Gaps::zeros) {
            report_many_zeros(k, missing);
            return;
        }
        if (missing > 0 && gaps_ == Gaps::zeros) {
            layout_.pieces.push_back({index_, std::uint64_t(missing), std::nullopt, missing_});
            index_ += std::uint64_t(missing);
            if (!retuned) return;
        }
        if (missing < 0 || gaps_ != Gaps::zeros) missing_ += missing;
        if (missing == 0 && !retuned) return;
        Discontinuity what{retuned ? Break::retune : missing > 0 ? Break::gap : Break::restart, 0};
        if (missing > 0 && gaps_ == Gaps::restart) what.missing = std::uint64_t(missing);
        layout_.stretches.push_back({index_, what, capture.frequency, clock_.utc(capture)});
    }

    void report_gap(std::size_t k, std::int64_t missing) {
        if (found_.size() >= most_reported) return;
        const std::string got = missing > 0 ? fmt::format("{} missing", missing) : fmt::format("{} twice", -missing);
        found_.push_back(mistake(r_, k, fmt::format("samples that follow on those before sample {}", r_.captures[k].start), got,
                                 "the source's `gaps: zeros` or `gaps: restart` accepts it"));
    }
    void report_nonsense(std::size_t k, Wide missing) {
        if (found_.size() >= most_reported) return;
        found_.push_back(mistake(r_, k, fmt::format("at most {} samples missing", most_missing), fmt::format("{}", missing),
                                 "is its core:global_index or core:datetime right?"));
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
        Piece* const last = layout_.pieces.empty() ? nullptr : &layout_.pieces.back();
        if (last != nullptr && last->sample && *last->sample + last->count == first && last->missing == missing_)
            last->count += count;
        else
            layout_.pieces.push_back({index_, count, first, missing_});
        index_ += count;
    }

    const RecordingFacts& r_;
    Gaps gaps_;
    Retunes retunes_;
    CaptureClock clock_;
    Layout layout_;
    Diagnostics found_;
    std::uint64_t index_ = 0;
    std::int64_t missing_ = 0;  // samples that no items stand for
};

}  // namespace

Layout lay_out(const RecordingFacts& recording, Gaps gaps, Retunes retunes) {
    return Builder(recording, gaps, retunes).build();
}

const StretchStart& Layout::stretch_of(std::uint64_t index) const {
    // The last one that begins at or before it: of two at one place (an empty capture) the later holds the item.
    const auto next = std::upper_bound(stretches.begin(), stretches.end(), index,
                                       [](std::uint64_t i, const StretchStart& s) { return i < s.index; });
    return *std::prev(next);
}

std::vector<Piece> Layout::pieces_of(std::uint64_t index, std::uint64_t count) const {
    std::vector<Piece> wanted;
    auto piece =
        std::upper_bound(pieces.begin(), pieces.end(), index, [](std::uint64_t i, const Piece& p) { return i < p.index; });
    if (piece != pieces.begin()) --piece;
    const std::uint64_t end = index + count;
    for (; piece != pieces.end() && piece->index < end; ++piece) {
        const std::uint64_t from = std::max(index, piece->index), to = std::min(end, piece->index + piece->count);
        if (from >= to) continue;
        Piece part{from, to - from, piece->sample, piece->missing};
        if (part.sample) *part.sample += from - piece->index;
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
        const std::int64_t after = utc.ceil_index(*sample_rate, *stretches[k].utc);
        if (after <= 0) return found.value_or(first);
        found = std::uint64_t(after) < end - first ? first + std::uint64_t(after) : end;
        if (*found < end) return found;
    }
    return found;
}

}  // namespace flowspan::io
