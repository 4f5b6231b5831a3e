// Samples of a recording, as it holds them.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "blocks/sources/as_told.hpp"
#include "io/formats/formats.hpp"
#include "io/publish/checksum.hpp"
#include "io/recording/layout.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/recording/stretch_reader.hpp"
#include "io/series/series.hpp"
#include "io/sigmf/carried/annotations.hpp"
#include "io/sigmf/carried/kept.hpp"
#include "runtime/task/access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

namespace flowspan {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

struct FileSource final : Block {
    Output<Any> out{*this, "out"};
    Parameter<InputPath> path{
        *this,
        "path",
        {.help =
             "Recording: SigMF, WAV, FLAC, Ogg, NumPy, raw samples, or the folder of a Digital RF channel. Another folder, a "
             "pattern or a list of files is one recording, in order of their times; time missing between them is a gap."}};
    Parameter<std::string> datatype{*this,
                                    "datatype",
                                    {.optional = true,
                                     .help = "Type of the samples of a recording without a header, where its name does not say "
                                             "it: cf32, ci16, cu8, ci16_be, … "}};
    Parameter<std::string> channels{
        *this,
        "channels",
        {.choices = {"iq", "real"},
         .optional = true,
         .help = "Of WAV, FLAC and Ogg: whether pairs of channels are I and Q. Without it they are in "
                 "WAV files of an even number of channels, and in no other."}};
    Parameter<std::string> name_pattern{
        *this,
        "name",
        {.optional = true,
         .help = "How to read the file's name, as {datetime:%Y%m%d_%H%M%S}_{frequency}Hz: text, `*` for any, and the fields "
                 "datetime (UTC, as strptime has it), frequency, rate, datatype. A header and parameters count more."}};
    Parameter<double> sample_rate{*this,
                                  "sample_rate",
                                  {.unit = hertz,
                                   .min = 1e-6,
                                   .max = 1e12,
                                   .optional = true,
                                   .help = "Samples per second, where the recording does not say it."}};
    Parameter<double> center_frequency{
        *this,
        "center_frequency",
        {.unit = hertz,
         .min = -1e15,
         .max = 1e15,
         .optional = true,
         .help = "What 0 Hz of the samples was on the air, where the recording does not say it."}};
    Parameter<std::string> datetime{
        *this,
        "datetime",
        {.optional = true, .help = "UTC of the first sample, as 2026-01-31T12:00:00Z, where the recording does not say it."}};
    Parameter<double> full_scale{*this,
                                 "full_scale",
                                 {.min = 1e-30,
                                  .optional = true,
                                  .help = "The sample value that means 1.0; by default that of the type (32768 for ci16)."}};
    Parameter<std::string> from{
        *this,
        "from",
        {.optional = true,
         .help =
             "Where to begin: samples (1000), seconds (2.5 s), or UTC (2019-08-29T19:08:20Z). Indices are not renumbered."}};
    Parameter<std::string> duration{
        *this, "duration", {.optional = true, .help = "How much to read: samples, seconds, or the UTC at which to end."}};
    Parameter<std::string> gaps{
        *this,
        "gaps",
        {.initial = "error",
         .choices = {"error", "zeros", "restart"},
         .help = "What missing samples become: an error, zeros in their place, or the end of a stretch."}};
    Parameter<std::string> retune{
        *this,
        "retune",
        {.initial = "error",
         .choices = {"error", "restart"},
         .help = "What a change of the centre frequency becomes: an error, or the end of a stretch."}};

    Parameter<std::string> tail{
        *this,
        "tail",
        {.initial = "warn",
         .choices = {"warn", "error"},
         .help = "What bytes behind the last whole sample become: a warning, or an error. They are no sample in either case."}};
    Parameter<bool> checksum{*this,
                             "checksum",
                             {.initial = false,
                              .help = "Compares the data with core:sha512 of the SigMF header before the run, whatever part is "
                                      "read: about 1.3 CPU-seconds per GB."}};

    void describe() override {
        const bool extents = (!from.given() || is_extent(from)) & (!duration.given() || is_extent(duration));
        const Recording& known = facts().recording(path->path);
        const blocks::AsTold told(known, {path, name_pattern, datatype, channels, datetime, sample_rate, center_frequency});
        recording_ = told.recording();
        if (checksum && known.files)
            checksum.wrong("one file", {}, "it compares the data of one SigMF recording");
        else if (checksum && !io::stated_sha512(known))
            checksum.wrong("a SigMF header with core:sha512", {}, "`file_sink` writes one with `checksum: true`");
        if (!std::exchange(warned_, true))
            for (const std::string& text : told.warnings()) warn(text);
        if (recording_.type == SampleType::any && !datatype.given())
            wrong("`datatype` for a recording whose name does not say it", recording_.path,
                  "give `datatype: cf32`, ci16, cu8, …");
        if (!told.typed()) return;
        if (recording_.tail_bytes > 0) look_at_tail();
        if (!recording_.length_known) recording_.length = beyond_any_end;
        layout_ = io::lay_out(recording_, gaps_policy(), retune.get() == "restart" ? io::Retunes::restart : io::Retunes::error);
        if (!extents) return;
        first_ = from.given() ? index_of(from, false) : 0;
        end_ = duration.given() ? index_of(duration, true) : layout_.length;
        out.describe(description());
        out.first_index(first_);
        if (!finds_stretches()) out.recording(places());
        if (reader_ == nullptr && !finds_stretches()) plan_stretches();
        if (recording_.length_known || duration.given()) total(end_ - first_);
        if (is_open()) open_end();
        if (recording_.data_path == "-") on_rank_0();
        piece(piece_bytes);
    }

    void prepare() override {
        if (reader_ != nullptr) return;
        if (!finds_stretches()) warn_of_range();
        const Recording& header = facts().recording(path->path);
        if (checksum) io::verify_sha512(header);
        Recording known = header;
        static_cast<RecordingFacts&>(known) = recording_;
        if (known.files)
            annotated_ =
                std::make_shared<const Recording>(Recording{recording_, io::header_of_series(recording_, header.header)});
        tags_ = io::RecordingTags(annotated_ ? *annotated_ : header, *places(), first_, end_);
        reader_ = io::open_samples(known, context().hash_inputs);
        if (finds_stretches()) open_stretches();
    }

    Step step(std::size_t n) override {
        if (stretches_) return read_stretches(n);
        if (!recording_.length_known) return read_on(n);
        const auto pieces = layout_.pieces_of(out.index(), n);
        read_to_ = out.index() + n;
        if (!tags_.empty())
            for (Tag& t : tags_.of(out.index(), n)) out.tag(std::size_t(t.index - out.index()), t.key, std::move(t.value));
        return io().submit([this, pieces, to = out.bytes(n), item = out.description().item_size()]() mutable {
            for (const auto& piece : pieces) {
                const auto part = to.first(piece.count * item);
                to = to.subspan(part.size());
                if (!piece.sample) {
                    std::fill(part.begin(), part.end(), std::byte{0});
                    continue;
                }
                reader_->read(*piece.sample, part);
                if (recording_.missing_inside) look_at_missing(item);
            }
        });
    }

    Step finish() override {
        if (is_open()) warn_of_end();
        if (!context().hash_inputs || finished_) return Step::done();
        finished_ = true;
        return io().submit([this] { sum_ = reader_->hash(); });
    }
    Value results() const override {
        Value::Map said;
        if (sum_) said = {{"path", path->path}, {"xxh3_128", *sum_}};
        if (const std::uint64_t missing = missing_samples(); missing > 0) said["missing"] = missing;
        return said.empty() ? Value() : Value(said);
    }

private:
    static constexpr std::uint64_t beyond_any_end = std::uint64_t{1} << 62;

    /// Of a recording whose length is not known: as much as there is. (`out` is the job's until its token is ready.)
    Step read_on(std::size_t n) {
        return io().submit([this, n, first = out.index(), to = out.bytes(n), item = out.description().item_size()] {
            const std::size_t made = reader_->read(first, to) / item;
            out.produce(made);
            read_to_ = first + made;
            if (made < n && reader_->ended()) out.ends(), ended_ = true;
        });
    }
    /// Whether only reading tells where stretches begin.
    bool finds_stretches() const { return recording_.missing_inside && gaps_policy() == io::Gaps::restart; }
    bool is_open() const { return !recording_.length_known || finds_stretches(); }
    static bool is_utc(const Parameter<std::string>& parameter) {
        const auto extent = parameter.given() ? io::parse_extent(parameter.get()) : std::nullopt;
        return extent && extent->kind == io::Extent::Kind::utc;
    }

    /// Samples and seconds count what is there; a time is a place.
    void open_stretches() {
        const std::uint64_t end = is_utc(duration) ? end_ : layout_.length;
        stretches_ = is_utc(from)
                         ? std::make_unique<io::StretchReader>(reader_, layout_, out.description().item_size(), first_, end, 0)
                         : std::make_unique<io::StretchReader>(reader_, layout_, out.description().item_size(), 0, end, first_);
    }
    Step read_stretches(std::size_t n) {
        return io().submit([this, index = out.index(), to = out.bytes(n)] {
            const auto read = stretches_->read(to);
            out.produce(read.made);
            read_to_ = index + read.made;
            found_missing_ = stretches_->missing();
            if (read.next) out.stretch_at(read_to_, read.next->what, tuned(*read.next), read.next->utc);
            if (read.ended) out.ends(), ended_ = true;
        });
    }
    /// What the reader has found to be missing.
    void look_at_missing(std::size_t item) {
        for (const auto& missing : reader_->missing()) found_missing_ += missing.count;
        if (reader_->missing().empty() || gaps_policy() != io::Gaps::error) return;
        const std::uint64_t first = reader_->missing()[0].first;
        throw Failure(ExitCode::file,
                      fmt::format("{}: expected samples that follow on those before sample {}, got {} missing: the source's "
                                  "`gaps: zeros` or `gaps: restart` accepts it",
                                  recording_.path, first, io::missing_run(*reader_, first, recording_.length, item)));
    }
    void warn_of_end() {
        if (std::exchange(said_end_, true)) return;
        if (const auto warning = reader_->warning()) {
            if (tail.get() == "error") throw Failure(ExitCode::file, *warning);
            warn(*warning);
        }
        if (!ended_) return;
        if (read_to_ <= first_ && first_ > 0)
            warn(fmt::format("{} gives no sample: it ends before `from: {}`", recording_.path, from.get()));
        else if (duration.given() && (!stretches_ || (!is_utc(duration) && (beyond_the_end() || read_to_ < end_))))
            warn(fmt::format("`duration: {}` goes beyond the end of {}: {} samples are there", duration.get(), recording_.path,
                             read_to_ - first_));
    }

    /// Before the run, so that it is known when what first item is.
    void plan_stretches() {
        runtime::Access::stretches(out).clear();
        for (const auto& stretch : layout_.stretches)
            if (stretch.index > first_ && stretch.index < end_)
                out.stretch_at(stretch.index, stretch.what, tuned(stretch), stretch.utc);
    }

    /// Of those that it has come to: between captures, whatever became of them.
    std::uint64_t missing_samples() const {
        if (stretches_) return found_missing_;
        if (read_to_ <= first_) return 0;
        std::uint64_t missing = found_missing_;
        for (const auto& piece : layout_.pieces_of(first_, read_to_ - first_))
            if (!piece.sample) missing += piece.count;
        for (const auto& stretch : layout_.stretches)
            if (stretch.index > first_ && stretch.index < read_to_ && stretch.what.kind == Break::gap)
                missing += stretch.what.missing;
        return missing;
    }

    void look_at_tail() {
        if (tail.get() == "error") io::refuse_tail(recording_);
        warn(recording_.path + ": " + io::tail_text(recording_));
    }

    io::Gaps gaps_policy() const {
        return gaps.get() == "zeros" ? io::Gaps::zeros : gaps.get() == "restart" ? io::Gaps::restart : io::Gaps::error;
    }

    std::shared_ptr<const RecordingPlaces> places() const {
        RecordingPlaces p;
        p.recording = recording_;
        if (p.recording.captures.empty()) p.recording.captures.emplace_back();
        if (center_frequency.given())
            for (Capture& capture : p.recording.captures)
                if (!capture.frequency) capture.frequency = recording_.frequency;
        p.ticks = recording_.sample_rate.value_or(Rational(1));
        p.pieces = layout_.pieces;
        return std::make_shared<const RecordingPlaces>(std::move(p));
    }

    std::optional<double> tuned(const io::StretchStart& stretch) const {
        return stretch.frequency ? stretch.frequency : center_frequency.given() ? recording_.frequency : std::nullopt;
    }

    void warn_of_range() {
        if (end_ == first_)
            warn(fmt::format("{} gives no sample: {} of its {} are before `from`, and `duration` ends there", recording_.path,
                             first_, layout_.length));
        else if (duration.given() && beyond_the_end())
            warn(fmt::format("`duration: {}` goes beyond the end of {}: {} samples are there", duration.get(), recording_.path,
                             end_ - first_));
    }
    bool beyond_the_end() const {
        const auto extent = io::parse_extent(duration.get());
        if (!extent || end_ < layout_.length) return false;
        if (extent->kind == io::Extent::Kind::samples) return extent->samples > end_ - first_;
        if (extent->kind == io::Extent::Kind::seconds)
            return extent->time.ceil_index(*recording_.sample_rate) > std::int64_t(end_ - first_);
        const io::StretchStart& last = layout_.stretch_of(layout_.length == 0 ? 0 : layout_.length - 1);
        return last.utc && recording_.sample_rate &&
               *last.utc + Time::of(std::int64_t(layout_.length - last.index), *recording_.sample_rate) < extent->time;
    }

    static bool is_extent(const Parameter<std::string>& parameter) {
        if (io::parse_extent(parameter.get())) return true;
        parameter.wrong("a number of samples, seconds as 2.5 s, or UTC as 2019-08-29T19:08:20Z");
        return false;
    }

    /// Index that `from` or `duration` (`as_end`: then counted from `first_`) means, within the recording.
    std::uint64_t index_of(const Parameter<std::string>& parameter, bool as_end) const {
        const auto extent = io::parse_extent(parameter.get());
        std::uint64_t index = extent->samples;
        if (extent->kind != io::Extent::Kind::samples && !recording_.sample_rate) {
            parameter.wrong("a number of samples, for the recording has no sample rate", {}, "give `sample_rate`");
            return 0;
        }
        if (extent->kind == io::Extent::Kind::seconds) index = std::uint64_t(extent->time.ceil_index(*recording_.sample_rate));
        if (extent->kind == io::Extent::Kind::utc) {
            const auto found = layout_.index_at(extent->time);
            if (!found) parameter.wrong("samples or seconds, for the recording does not say its time");
            if (!found) return 0;
            return std::max(*found, as_end ? first_ : 0);
        }
        if (as_end) return index > layout_.length - first_ ? layout_.length : first_ + index;
        if (index > layout_.length) parameter.wrong(fmt::format("a place within the recording of {} samples", layout_.length));
        return std::min(index, layout_.length);
    }

    StreamDescription description() const {
        const io::StretchStart& stretch = layout_.stretch_of(first_);
        StreamDescription d;
        d.type = recording_.type;
        if (recording_.channels > 1) d.shape = {Axis{.name = "channel", .unit = "", .size = recording_.channels}};
        d.sample_rate = recording_.sample_rate;
        d.center_frequency = tuned(stretch);
        if (stretch.utc && stretch.index == 0)
            d.utc = stretch.utc;
        else if (stretch.utc && d.sample_rate)
            d.utc = moved(*stretch.utc, Time::of(-std::int64_t(stretch.index), *d.sample_rate));
        if (full_scale.given()) d.full_scale = full_scale.get();
        d.unit = io::stated_unit(facts().recording(path->path).header);
        if (!is_open()) d.length = std::int64_t(end_ - first_);
        return d;
    }

    RecordingFacts recording_;
    io::Layout layout_;
    std::uint64_t first_ = 0, end_ = 0, read_to_ = 0;
    std::shared_ptr<const Recording> annotated_;  // of several files
    io::RecordingTags tags_;
    std::shared_ptr<SampleReader> reader_;
    std::unique_ptr<io::StretchReader> stretches_;  // where only reading tells where they begin
    std::atomic<std::uint64_t> found_missing_{0};   // by reading
    bool warned_ = false, finished_ = false, ended_ = false, said_end_ = false;
    std::optional<std::string> sum_;  // of the file, where it was read whole
};

}  // namespace

void register_file_source(Registry& r) {
    r.add<FileSource>("file_source", "Reads a recording: SigMF, WAV, FLAC, Ogg, NumPy, Digital RF or raw samples.",
                      "path: recording.sigmf-meta");
}

}  // namespace flowspan
