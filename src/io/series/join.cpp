// From files to one recording: their order, and the captures of all.
#include "io/series/series.hpp"

#include "io/formats/datatype.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace flowspan::io {
namespace {

constexpr std::size_t most_reported = 20;

std::string rate_text(const std::optional<Rational>& rate) { return rate ? rate->text() + " Hz" : "no sample rate"; }

std::string type_text(const RecordingFacts& r) {
    if (r.type == SampleType::any) return "samples of no known type";
    std::string text = sigmf_datatype(r.type, r.big_endian);
    if (r.channels > 1) text += fmt::format(", {} channels", r.channels);
    return text;
}

/// One joined to the other.
class Joiner {
public:
    explicit Joiner(RecordingFacts whole) : whole_(std::move(whole)) {}

    void add(const RecordingFacts& file) {
        if (!std::exchange(begun_, true)) begin(file);
        if (file.type != whole_.type || file.big_endian != whole_.big_endian || file.channels != whole_.channels)
            mistake(file, fmt::format("{} as in {}", type_text(whole_), first_path_), type_text(file));
        if (file.sample_rate != whole_.sample_rate)
            mistake(file, fmt::format("the rate of {}, {}", first_path_, rate_text(whole_.sample_rate)),
                    rate_text(file.sample_rate), "`sample_rate` counts more than a name, and none counts more than a header");
        whole_.data_bytes += file.data_bytes;
        whole_.tail_bytes += file.tail_bytes;
        if (file.length == 0) return;
        add_captures(file);
        whole_.length += file.length;
        last_path_ = file.path;
    }

    RecordingFacts take() {
        if (!found_.empty()) throw Refused(std::move(found_), ExitCode::file);
        const std::uint64_t base = first_index_.value_or(0);
        if (whole_.captures.size() > 1)
            for (std::size_t k = 0; k < whole_.captures.size(); ++k)
                whole_.captures[k].global_index = std::uint64_t(places_[k]) + base;
        const bool one = std::all_of(whole_.captures.begin(), whole_.captures.end(),
                                     [&](const Capture& c) { return c.frequency == whole_.captures.front().frequency; });
        whole_.frequency = one && !whole_.captures.empty() ? whole_.captures.front().frequency : std::nullopt;
        return std::move(whole_);
    }

private:
    void begin(const RecordingFacts& file) {
        whole_.format = "series";
        whole_.type = file.type;
        whole_.big_endian = file.big_endian;
        whole_.channels = file.channels;
        whole_.sample_rate = file.sample_rate;
        whole_.from_name = file.from_name;
        whole_.length = whole_.data_bytes = whole_.tail_bytes = 0;
        whole_.captures.clear();
        first_path_ = file.path;
        clock_ = CaptureClock(file.sample_rate);
    }

    void add_captures(const RecordingFacts& file) {
        if (file.captures.empty()) {
            Capture one;
            one.frequency = file.frequency;
            return add_capture(file, one, true);
        }
        for (std::size_t k = 0; k < file.captures.size(); ++k) {
            Capture capture = file.captures[k];
            if (k == 0) begin_with_file(file, capture);
            if (capture.start < file.length) add_capture(file, capture, k == 0);
        }
    }

    /// Samples before the first capture belong to it.
    static void begin_with_file(const RecordingFacts& file, Capture& capture) {
        const std::uint64_t before = std::exchange(capture.start, 0);
        if (before == 0) return;
        if (capture.global_index) capture.global_index = *capture.global_index - std::min(*capture.global_index, before);
        if (capture.utc && file.sample_rate)
            capture.utc = moved(*capture.utc, Time::of(-std::int64_t(before), *file.sample_rate));
        if (!file.sample_rate) capture.utc.reset();
    }

    void add_capture(const RecordingFacts& file, Capture capture, bool begins_file) {
        capture.start += whole_.length;
        capture.header_bytes = 0;
        if (whole_.captures.empty()) {
            clock_.begin(capture);
            first_index_ = std::exchange(capture.global_index, std::nullopt);
            return keep(capture);
        }
        const bool by_name = begins_file && file.is_from_name("datetime");
        const Wide missing = clock_.missing(capture, by_name);
        if (begins_file && missing < 0) overlap(file, missing);
        if (missing > most_missing)
            mistake(file, fmt::format("at most {} samples missing", most_missing), fmt::format("{}", missing));
        if (missing == 0 && capture.frequency == whole_.captures.back().frequency) return;
        if (by_name && missing == 0) capture.utc = clock_.counted_utc();
        keep(capture);
    }

    void keep(const Capture& capture) {
        whole_.captures.push_back(capture);
        places_.push_back(clock_.place());
    }

    void overlap(const RecordingFacts& file, Wide missing) {
        mistake(file, fmt::format("samples that follow on those of {}", last_path_),
                fmt::format("{} that overlap with them, by the times of both", -missing),
                "only files that follow on each other are one recording");
    }

    void mistake(const RecordingFacts& file, std::string expected, std::string got, std::string hint = {}) {
        if (found_.size() >= most_reported) return;
        Diagnostic d;
        d.at.file = file.path;
        d.expected = std::move(expected);
        d.got = std::move(got);
        d.hint = std::move(hint);
        found_.push_back(std::move(d));
    }

    RecordingFacts whole_;
    CaptureClock clock_{std::nullopt};
    std::vector<Wide> places_;  // of its captures
    std::optional<std::uint64_t> first_index_;
    std::string first_path_, last_path_;
    Diagnostics found_;
    bool begun_ = false;
};

}  // namespace

void Series::add(const RecordingFacts& file) {
    packed_.add(file);
    ++files_;
    if (file.captures.empty() || !file.captures.front().utc) {
        if (untimed_.empty()) untimed_ = file.path;
        return;
    }
    if (times_.empty()) timed_ = file.path, first_is_timed_ = files_ == 1;
    in_order_ = in_order_ && (times_.empty() || times_.back() <= *file.captures.front().utc);
    times_.push_back(*file.captures.front().utc);
}

/// Files that are packed in another order.
void Series::sort_by_time() {
    std::vector<std::string> each;
    FilesInOrder files(std::make_shared<const std::string>(packed_.take()));
    while (files.next()) {
        PackedFiles one;
        one.add(files.file());
        each.push_back(one.take());
    }
    std::vector<std::size_t> order(each.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return times_[a] < times_[b]; });
    packed_ = PackedFiles();
    for (const std::size_t k : order) {
        FilesInOrder one(std::make_shared<const std::string>(std::move(each[k])));
        one.next();
        packed_.add(one.file());
    }
}

RecordingFacts Series::join(const RecordingFacts& whole) {
    const bool first_alone = times_.size() == 1 && first_is_timed_;
    if (!times_.empty() && !untimed_.empty() && !first_alone) {
        Diagnostic d;
        d.at.file = untimed_;
        d.expected = "the time of its first sample, as " + timed_ + " says it";
        d.got = "none";
        d.hint = "all files of a recording say when they begin, or none does";
        throw Refused(std::move(d), ExitCode::file);
    }
    if (!in_order_) sort_by_time();
    RecordingFacts facts = whole;
    const auto packed = facts.files = std::make_shared<const std::string>(packed_.take());
    Joiner all(std::move(facts));
    FilesInOrder files(packed);
    while (files.next()) all.add(files.file());
    return all.take();
}

Recording joined(Recording recording) {
    if (!recording.files) return recording;
    Series series;
    FilesInOrder files(recording.files);
    while (files.next()) series.add(files.file());
    static_cast<RecordingFacts&>(recording) = series.join(recording);
    recording.header = header_of_series(recording, recording.header);
    return recording;
}

}  // namespace flowspan::io
