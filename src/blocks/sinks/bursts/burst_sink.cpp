// Every burst that is reported as a SigMF recording of its own.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "blocks/sinks/bursts/kept_samples.hpp"
#include "blocks/sinks/parts/names.hpp"
#include "blocks/sinks/sigmf/stream_header.hpp"
#include "io/sigmf/carried/annotations.hpp"
#include "io/sigmf/writer.hpp"
#include "io/writing/data_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace flowspan {
namespace {

// A burst is known when it is over: its message comes before the first sample at or behind its stamp. So the last `before` +
// `longest` seconds are kept. From `start` and `length` of a message, samples of the recording, follow two exact times, and
// from these the items of this stream, whatever rate it has: [first at or behind the start, first at or behind the end), with
// `before` and `after` around them, cut at the ends of the stretch and where samples are not kept any more.
//
// What is kept when a message comes is counted from its stamp, and a file is written whole, as soon as its last sample has
// come: the same files on any ranks and however calls are cut. An open burst holds its message, and no samples of its own.
struct BurstSink final : Block {
    Input<Any> in{*this, "in"};
    MessageInput bursts{*this, "bursts"};
    Parameter<ProductPath> path{
        *this,
        "path",
        {.help =
             "The SigMF recordings to make, pairs of .sigmf-data and .sigmf-meta: NAME_000, NAME_001, … of NAME, unless {part} "
             "or {datetime} stands in it. {datetime} is that of a file's first sample."}};
    Parameter<double> before{
        *this,
        "before",
        {.unit = second, .initial = 0.0, .min = 0.0, .max = 3600.0, .help = "What to keep in front of a burst."}};
    Parameter<double> after{
        *this, "after", {.unit = second, .initial = 0.0, .min = 0.0, .max = 3600.0, .help = "What to keep behind a burst."}};
    Parameter<double> longest{
        *this,
        "longest",
        {.unit = second,
         .initial = 1.0,
         .min = 1e-9,
         .max = 3600.0,
         .help =
             "The longest burst that is kept whole; of a longer one, the end is kept. Memory holds so much, and `before` and "
             "`after`."}};
    Parameter<std::string> label{*this, "label", {.optional = true, .help = "core:label of bursts whose message brings none."}};

    void describe() override {
        if (!path->path.ends_with(".sigmf-meta") && !path->path.ends_with(".sigmf-data"))
            path.wrong("a SigMF recording, a name that ends in .sigmf-meta");
        items_before_ = items(before);
        items_after_ = items(after);
        items_kept_ = items(longest) + items_before_;
        if (in.description().places != Rational(0))
            wrong("a stream whose items are where its rate says", "one whose items say themselves where they are",
                  "connect the stream before the block that places its items");
        memory(Memory::unbounded, "the last samples, and bursts that are open");
        holds(blocks::KeptSamples::bytes_of(items_kept_ + items_after_, in.description().item_size()));
        cost(0.5);
        ignores_tags();
    }

    bool makes_parts() const override { return true; }
    std::vector<std::string> products() const override { return {}; }
    std::vector<ProductPattern> product_patterns() const override {
        std::vector<ProductPattern> patterns;
        for (const std::string& marked : names_.marked_paths())
            for (const std::string& file : {io::sigmf_data_path(marked), io::sigmf_meta_path(marked)})
                patterns.push_back(blocks::PartNames::pattern_of(file));
        return patterns;
    }

    void prepare() override {
        if (std::exchange(prepared_, true)) return;
        const RecordingPlaces *mine = in.recording(), *theirs = bursts.about().get();
        if (mine == nullptr) refuse("samples that come from one source", "a stream that several sources or messages make");
        if (theirs != nullptr && theirs != mine && !mine->same_recording(*theirs))
            refuse("bursts of the recording that `in` comes from", "those of another", "connect a detector of the same source");
        kept_ = blocks::KeptSamples(in.description().item_size());
        global_ = blocks::global_of(in, blocks::known_recording(in, facts()), context().graph);
    }

    void restart() override {
        end_all();
        missing_ += in.discontinuity() ? in.discontinuity()->missing : 0;
        begin_section(true);
    }
    void retuned() override { begin_section(false); }

    Step step(std::size_t n) override {
        begin_stream();
        kept_.append(in.item(), n);
        while (!open_.empty() && open_.front().end <= kept_.end()) write_first();
        forget();
        return do_jobs();
    }

    void receive(MessageInput&, const Message& message) override {
        if (is_begin(message.value)) return;
        const auto span = span_of(message.value);
        if (!span) {
            ++without_place_;
            return warn("a message that does not say `start` and `length` of a burst is left out");
        }
        if (sections_.empty()) return lose();
        if (std::optional<Burst> burst = placed(*span)) {
            burst->said = message.value.map();
            const auto later = [](std::uint64_t end, const Burst& b) { return end < b.end; };
            const auto at = std::upper_bound(open_.begin(), open_.end(), burst->end, later);
            open_.insert(at, std::move(*burst));
            while (!open_.empty() && open_.front().end <= kept_.end()) write_first();
            if (!jobs_.empty()) wait_for(do_jobs());
        }
    }

    Step finish() override {
        end_all();
        return do_jobs();
    }
    Step seam() override { return finish(); }  // what has come is whole files

    Value results() const override {
        return Value::Map{{"bursts", written_},
                          {"samples", samples_},
                          {"cut_short", cut_short_},
                          {"lost", lost_},
                          {"without_place", without_place_}};
    }

private:
    /// Items from `begin` to before `end` in the file; the burst itself from `first` to before `last`.
    struct Burst {
        std::uint64_t begin = 0, first = 0, last = 0, end = 0;
        Value::Map said;
    };
    /// Items from `first` on that one description is true of.
    struct Section {
        std::uint64_t first = 0, missing = 0;  // samples missing before it
        bool begins_stretch = false;
        StreamDescription stream;
    };
    struct Span {
        Time from, to;  // since index 0 of the source
    };

    /// At least so long; what rounding adds to a whole number of items is none.
    std::uint64_t items(double seconds) const { return std::uint64_t(std::ceil(seconds * in.sample_rate() * (1 - 1e-12))); }

    void begin_stream() {
        if (!sections_.empty()) return;
        first_ = in.index();
        kept_.begin(first_);
        sections_.push_back({first_, missing_, true, in.description()});
    }
    /// With the item that comes next, unless that is the first of all.
    void begin_section(bool stretch) {
        if (sections_.empty()) return;
        if (sections_.back().first == kept_.end()) {
            stretch = stretch || sections_.back().begins_stretch;
            sections_.pop_back();
        }
        sections_.push_back({kept_.end(), missing_, stretch, in.description()});
    }

    /// A burst that has begun comes again when it is over.
    static bool is_begin(const Value& said) {
        const Value* event = said.is<Value::Map>() ? said.find("event") : nullptr;
        return event != nullptr && *event == Value("begin");
    }
    std::optional<Span> span_of(const Value& said) const {
        const Value* start = said.is<Value::Map>() ? said.find("start") : nullptr;
        const Value* length = start != nullptr ? said.find("length") : nullptr;
        if (length == nullptr || !start->is<std::int64_t>() || !length->is<std::int64_t>()) return {};
        if (start->integer() < 0 || length->integer() < 0) return {};
        const RecordingPlaces& places = *in.recording();
        const auto time = [&](std::int64_t sample) {
            return Time::of(std::int64_t(places.item_of(std::uint64_t(sample))), places.ticks);
        };
        return Span{time(start->integer()), time(start->integer() + length->integer())};
    }

    /// Where it lies in this stream; nothing where no sample of it is kept.
    std::optional<Burst> placed(const Span& span) {
        std::uint64_t stretch_end = UINT64_MAX;  // not known yet
        auto section = sections_.rbegin();
        const auto item = [&](const Time& time) {
            return std::uint64_t(std::max<std::int64_t>(0, time.ceil_index(section->stream.ticks, section->stream.origin)));
        };
        // Its middle tells which stretch it lies in: the delays of filters, made up for, may move ends across a border.
        for (;; ++section) {
            if (!section->begins_stretch) continue;
            const std::uint64_t middle = item(span.from) + (item(span.to) - item(span.from)) / 2;
            if (middle >= section->first || section + 1 == sections_.rend()) break;
            stretch_end = section->first;
        }
        const std::uint64_t now = kept_.end(), oldest = std::max(first_, now - std::min(now, items_kept_));
        const std::uint64_t from = item(span.from), to = std::min(item(span.to), stretch_end);
        Burst burst;
        burst.begin = std::max({section->first, oldest, from - std::min(from, items_before_)});
        burst.first = std::max(from, burst.begin);
        burst.last = std::max(to, burst.first);
        burst.end = std::min(to + items_after_, stretch_end);
        if (burst.first >= to) return lose(), std::nullopt;
        if (burst.begin > from) ++cut_short_;
        return burst;
    }
    void lose() {
        ++lost_;
        warn("a burst is left out: its samples are not kept any more; take a larger `longest`");
    }

    /// The stretch is over: so are its bursts.
    void end_all() {
        for (Burst& burst : open_) burst.end = std::min(burst.end, kept_.end());
        while (!open_.empty()) write_first();
    }
    void forget() {
        std::uint64_t needed = kept_.end() - std::min(kept_.end(), items_kept_);
        for (const Burst& burst : open_) needed = std::min(needed, burst.begin);
        kept_.drop_before(needed);
        // Of the sections before that the last one stays, and that which its stretch began with.
        while (sections_.size() > 1 && sections_[1].first <= needed)
            if (sections_[1].begins_stretch)
                sections_.pop_front();
            else if (sections_.size() > 2 && sections_[2].first <= needed)
                sections_.erase(sections_.begin() + 1);
            else
                return;
    }

    void write_first() {
        Burst burst = std::move(open_.front());
        open_.pop_front();
        if (burst.last > burst.end) burst.last = burst.end;
        if (burst.begin >= burst.last) return lose();
        const std::uint64_t count = burst.end - burst.begin;
        blocks::SigmfHeader header{global_, captures_of(burst), {annotation_of(burst)}};
        const StreamDescription& stream = section_of(burst.begin).stream;
        const std::string name = names_.path(blocks::utc_at(stream, burst.begin), written_++);
        samples_ += count;
        auto data = io().product(io::sigmf_data_path(name)), meta = io().product(io::sigmf_meta_path(name));
        data->holds(count, stream.items_word(), stream.seconds(count));
        meta->holds(header.captures.size(), "captures");
        jobs_.emplace_back([data, meta, pieces = kept_.pieces(burst.begin, burst.end), text = header.text(""),
                            bytes = count * stream.item_size()] {
            io::DataFile file(data, false, bytes);
            for (const auto& piece : pieces) file.append(piece.bytes);
            file.complete();
            io::write_product(*meta, text);
        });
    }

    const Section& section_of(std::uint64_t index) const {
        const auto behind = std::upper_bound(sections_.begin(), sections_.end(), index,
                                             [](std::uint64_t i, const Section& s) { return i < s.first; });
        return *std::prev(behind);
    }

    Value::List captures_of(const Burst& burst) const {
        Value::List captures;
        for (auto index = burst.begin; index < burst.end;) {
            const Section& section = section_of(index);
            Value::Map capture = io::sigmf_capture(section.stream, index - burst.begin, index);
            capture["core:global_index"] = index - first_ + section.missing;
            captures.emplace_back(std::move(capture));
            const auto next =
                std::find_if(sections_.begin(), sections_.end(), [&](const Section& s) { return s.first > index; });
            index = next == sections_.end() ? burst.end : next->first;
        }
        return captures;
    }

    /// What its message says. Its place in the recording stands under our own names, as it is not that in the file.
    Value annotation_of(const Burst& burst) const {
        Value::Map annotation;
        for (const auto& [key, value] : burst.said)
            annotation[key == "start" || key == "length" ? "flowspan:" + key : io::sigmf_key(key)] = value;
        annotation["core:sample_start"] = burst.first - burst.begin;
        annotation["core:sample_count"] = burst.last - burst.first;
        if (label.given()) annotation.try_emplace("core:label", label.get());
        return annotation;
    }

    Step do_jobs() {
        if (jobs_.empty()) return Step::done();
        return io().submit([jobs = std::exchange(jobs_, {})] {
            for (const auto& job : jobs) job();
        });
    }

    blocks::PartNames names_{*this, path};
    blocks::KeptSamples kept_;
    std::deque<Section> sections_;  // that kept samples, or bursts to come, may lie in
    std::deque<Burst> open_;        // by their ends
    std::vector<std::function<void()>> jobs_;
    Value::Map global_;
    std::uint64_t items_before_ = 0, items_after_ = 0, items_kept_ = 0;
    std::uint64_t first_ = 0, missing_ = 0;  // of the stream; before the present stretch
    std::uint64_t written_ = 0, samples_ = 0, cut_short_ = 0, lost_ = 0, without_place_ = 0;
    bool prepared_ = false;
};

}  // namespace

void register_burst_sink(Registry& r) {
    r.add<BurstSink>("burst_sink",
                     "Writes every burst that is reported to a SigMF recording of its own, with samples before and behind it.",
                     "{path: \"burst.sigmf-meta\", before: 0.1 ms, after: 0.1 ms, longest: 20 ms}");
}

}  // namespace flowspan
