#include <flowspan/flowspan.hpp>

#include "blocks/detection/noise_floor.hpp"
#include "blocks/device_frames.hpp"
#include "kernels/copy/copy_device.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace flowspan {
namespace {

// Mean power of frames against a noise floor that follows the frames outside bursts (blocks::NoiseFloor). A burst is a run of
// frames above the threshold; it ends with the first frame below. A level that stays for W frames is a burst of W frames, with
// `became_floor`, and then the floor. Where silence cuts the level into pieces, each is a burst, reported when it is over, and
// the one in which the floor rises has `became_floor`, however short it is.
//
// Silence is a frame of exact zeros, or one 100 dB below the last floor, which is what a fast convolution leaves of zeros; of
// frames of less than 64 samples, so many of them. Nothing is learned of frames that see its edge: mostly zeros themselves, or
// made by filters that have zeros in sight (`run_in`), behind it and before it. Recursive filters have no such bounds: frames
// that fall one after the other before silence, and such that rise so behind it, teach nothing, either. So noise after zeros
// is measured where it is whole, and after W frames at the latest.
//
// Silence is a level, too: after W frames of it there is no floor any more. What comes then, and what a stretch has between its
// first zeros, is noise or signal, which its end tells: a run of less than W frames, between silences that are no shorter than
// it, is a burst over nothing, `over_silence`. A run of W frames is noise. Bursts above the floor that a run itself has shown
// are reported as ever, and the run is not.
//
// Frames that are not finite are counted, and tell nothing.
//
// With an `end_threshold` below `threshold` a burst that has begun goes on in frames above that.
//
// A burst is reported when it is over, at the item that follows it: its place in the recording (InputPort::place), and
// {peak_db, mean_db}, the powers in dB above the floor before it; one over silence where that has lasted as long as the burst,
// without the two. The tag `burst` on that item holds the same.
//
// With `report: begin_and_end` there is a message {event: begin} about its first frame, at the item that follows the frame with
// which it has lasted `minimum_duration`, and `event: end` in the usual one. What only its end shows to be a burst has no
// beginning: one over silence, and one shorter than `minimum_duration` in which the floor rose.
struct BurstDetector final : Block {
    static constexpr int revision = 2;
    static constexpr bool on_devices = true;
    Parameter<double> threshold{*this,
                                "threshold",
                                {.unit = decibel,
                                 .initial = 10.0,
                                 .min = 0.0,
                                 .max = 200.0,
                                 .when = Change::running,
                                 .help = "How far above the noise floor a burst is."}};
    Parameter<double> end_threshold{
        *this,
        "end_threshold",
        {.unit = decibel,
         .min = 0.0,
         .max = 200.0,
         .optional = true,
         .when = Change::running,
         .help = "A burst ends where it is no further above the noise floor than this (hysteresis); default: threshold."}};
    Parameter<std::string> report{
        *this,
        "report",
        {.initial = "end",
         .choices = {"end", "begin_and_end"},
         .help = "When a burst is told of: when it is over, or also when it has begun; messages then say "
                 "`event`, begin or end."}};
    Parameter<int> frame{*this,
                         "frame",
                         {.unit = sample,
                          .initial = 256,
                          .min = 1,
                          .max = 1 << 20,
                          .help = "Samples whose power is taken together: the resolution in time."}};
    Parameter<double> minimum_duration{
        *this, "minimum_duration", {.unit = second, .initial = 0.0, .min = 0.0, .help = "Shorter bursts are not reported."}};
    Parameter<double> maximum_duration{
        *this,
        "maximum_duration",
        {.unit = second,
         .min = 0.0,
         .optional = true,
         .help =
             "A level that stays so long becomes the noise floor; default: 512 frames, and at least twice minimum_duration."}};
    Input<cf32> in{*this, "in"};
    Output<cf32> out{*this, "out", {.optional = true}};
    MessageOutput detections{*this, "detections"};

    void describe() override {
        if (maximum_duration.given() && maximum_duration <= minimum_duration)
            maximum_duration.wrong("more than minimum_duration", minimum_duration);
        if (end_threshold.given() && end_threshold > threshold) end_threshold.wrong("at most threshold", threshold);
        ratio({.grid = std::uint64_t(frame.get())});
        memory(Memory::unbounded, "the noise floor, and the burst that is open");
        out.describe(in.description());
        if (minimum_duration > 0) minimum_ = std::uint64_t(std::min(0x1p62, minimum_duration * in.sample_rate()));
        describe_longest();
        holds_on_device(blocks::DeviceFrames::memory_for(std::uint64_t(frame.get())));
        cost(0.4);
    }
    void prepare() override {
        const auto ratio_of = [](double decibels) { return kernels::exp(decibels * (kernels::log(10) / 10)); };
        factor_ = ratio_of(threshold);
        end_factor_ = end_threshold.given() ? ratio_of(end_threshold) : factor_;
    }

    // Samples on a device stay there: it is asked about them, and then called again.
    Step step(std::size_t n) override {
        if (queue() != nullptr && !on_device_.hold(in.index())) {
            if (out) {
                const auto to = out.bytes(n);
                kernels::copy(*queue(), std::array{kernels::DeviceCopy{in.item(), to.data(), to.size()}});
            }
            return on_device_.ask(*queue(), in.data(), in.index(), n, std::uint64_t(frame.get()));
        }
        work(n);
        return Step::done();
    }
    void work(std::size_t n) override {
        const auto size = std::size_t(frame.get());
        for (std::size_t k = 0; k < n; k += size) {
            const std::size_t count = std::min(size, n - k);
            longest_came_ = std::max(longest_came_, count);
            if (in.in_stretch() + k < in.description().run_in) continue;
            const double power = energy(k, count) / double(count);
            if (!std::isfinite(power))
                leave_out();
            else if (power == 0 || power < silent_below_)
                pass_silence(k, count, power);
            else
                take(k, count, power);
        }
        if (out && queue() == nullptr) std::copy_n(in.data(), n, out.data());
    }

    void restart() override {
        report_open();
        forget();
        silence_ = silence_end_ = 0;
        risen_to_.reset();
    }
    Step finish() override {
        report_open();
        if (longest_came_ > 0 && longest_came_ < std::size_t(frame.get()))
            warn(fmt::format("the {} samples that came are fewer than a frame of {}", longest_came_, frame.get()));
        return Step::done();
    }
    Value results() const override { return Value::Map{{"bursts", found_}, {"not_finite", not_finite_}}; }

    void describe_longest() {
        const double frames = maximum_duration.given() ? std::ceil(maximum_duration * in.sample_rate() / frame)
                                                       : std::max(512.0, std::ceil(2.0 * double(minimum_) / frame));
        constexpr double most = 1 << 20;
        if (frames > most) {
            const auto& blamed = maximum_duration.given() ? maximum_duration : minimum_duration;
            blamed.refuse("a time of at most 1048576 frames", {}, "take a longer `frame`");
        }
        longest_ = std::uint64_t(std::max(1.0, frames));
        floor_.set_longest(longest_);
    }

    void leave_out() {
        ++not_finite_;
        look_up_ends();
    }

    // (Frames begin at item k of this call.)

    double energy(std::size_t k, std::size_t count) const {
        return queue() != nullptr ? on_device_.energy(in.index() + k) : kernels::energy(in.data() + k, count);
    }
    /// Whether more than half of the samples are exact zeros.
    bool is_mostly_zeros(std::size_t k, std::size_t count) const {
        const cf32* x = in.data() + k;
        return (queue() != nullptr ? on_device_.zeros(in.index() + k) : std::uint64_t(std::count(x, x + count, cf32()))) >
               count / 2;
    }

    void pass_silence(std::size_t k, std::size_t count, double power) {
        look_up_ends();
        end_burst(k);
        if (power > 0 && ++quiet_ >= longest_) forget();  // it is the noise, after all
        ++silence_;
        if (!is_silent()) return;
        silence_end_ = in.index() + k + count;
        untaught_ = 0;
        risen_to_ = 0;
        floor_.zeros_came();
        if (run_ && silence_ >= run_->frames)
            if (auto burst = end_run()) send(k, *burst);
        if (silence_ >= longest_) floor_.forget();
    }
    bool is_silent() const { return silence_ * std::uint64_t(frame.get()) >= least_silence; }

    void take(std::size_t k, std::size_t count, double power) {
        const std::uint64_t first = in.index() + k, end = first + count;
        if (!run_) run_ = Run{{in.place(first, count), first, end}, silence_, 0, false, floor_.now().known()};
        quiet_ = silence_ = 0;
        ++run_->frames;
        run_->span.extend(end);
        if (floor_.now().known()) silent_below_ = silence_ratio * floor_.highest();
        const bool above = floor_.now().known() && power > floor_.now().power() * (burst_ ? end_factor_ : factor_);
        if (above)
            extend(k, count, power);
        else
            end_burst(k, power);
        if (sees_silence(k, count, power) && untaught_ < longest_)
            ++untaught_;
        else
            floor_.learn(first, end, power, !above, in.description().run_in);
    }

    /// Whether zeros may have a part in its power.
    bool sees_silence(std::size_t k, std::size_t count, double power) {
        const std::uint64_t sight = std::uint64_t(frame.get()) + in.description().run_in;
        if (silence_end_ > 0 && risen_to_ && (in.index() + k < silence_end_ + sight || power > 1.1 * *risen_to_)) {
            risen_to_ = power;
            return true;
        }
        risen_to_.reset();
        return (!floor_.now().known() || power < floor_.now().power() / 2) && is_mostly_zeros(k, count);
    }

    void extend(std::size_t k, std::size_t count, double power) {
        const std::uint64_t first = in.index() + k;
        if (!burst_)
            burst_ = Burst{{in.place(first, count), first, first + count}, floor_.now().power(), floor_.now().frames()};
        burst_->span.extend(first + count);
        burst_->summed += count;
        burst_->peak = std::max(burst_->peak, power);
        burst_->least = std::min(burst_->least, power);
        burst_->energy += power * double(count);
        if (report.get() == "begin_and_end" && burst_->span.items() >= minimum_ && !std::exchange(burst_->begin_said, true)) {
            Value::Map begun = burst_->span.place;
            begun["event"] = "begin";
            detections.send(first + count, begun);
        }
    }

    void send(std::size_t k, const Value& burst) {
        detections.send(in.index() + k, burst);
        if (out) out.tag(k, "burst", burst);
    }
    /// `power`: of the frame that ends it; 0: silence.
    void end_burst(std::size_t k, double power = 0) {
        if (!burst_) return;
        if (power > burst_->floor * end_factor_) burst_->least = std::min(burst_->least, power);  // the floor rose
        if (auto burst = close()) send(k, *burst);
    }

    /// The burst that ended, unless it was too short to be more than that.
    std::optional<Value> close() {
        Burst burst = std::move(*burst_);
        burst_.reset();
        const bool became_floor = is_floor_now(burst);
        if (burst.span.items() < minimum_ && !became_floor) return {};
        ++found_;
        if (run_) run_->held_bursts = true;
        look_up_end(burst.span);
        Value::Map said = std::move(burst.span.place);
        said["peak_db"] = 10 * kernels::log10(burst.peak / burst.floor);
        said["mean_db"] = 10 * kernels::log10(burst.energy / double(burst.summed) / burst.floor);
        if (became_floor) said["became_floor"] = true;
        name_event(said);
        return said;
    }
    /// The run that silence has ended, if that is a burst.
    std::optional<Value> end_run() {
        Run run = std::move(*run_);
        run_.reset();
        if (run.over_floor || run.frames >= longest_) return {};
        floor_.forget();
        if (run.held_bursts || run.silence_before < run.frames || run.span.items() < minimum_) return {};
        ++found_;
        look_up_end(run.span);
        Value::Map said = std::move(run.span.place);
        said["over_silence"] = true;
        name_event(said);
        return said;
    }
    void name_event(Value::Map& said) const {
        if (report.get() == "begin_and_end") said["event"] = "end";
    }
    void report_open() {
        if (burst_)
            if (auto burst = close()) detections.send(in.index(), *burst);
        if (run_ && is_silent())
            if (auto burst = end_run()) detections.send(in.index(), *burst);
    }
    void forget() {
        floor_.forget();
        run_.reset();
        silent_below_ = 0;
        quiet_ = untaught_ = 0;
    }

    /// A run of frames, from item `first` to before `end`.
    struct Span {
        Value::Map place;  // from its beginning on
        std::uint64_t first = 0, end = 0;
        bool end_known = false;

        std::uint64_t items() const { return end - first; }
        void extend(std::uint64_t to) {
            end = to;
            end_known = false;
        }
    };
    /// While it is at hand.
    void look_up_end(Span& span) const {
        const auto start = span.place.find("start");
        if (std::exchange(span.end_known, true) || start == span.place.end()) return;
        const Value::Map last = in.place(span.end - 1, 1);
        span.place["length"] = last.at("start").integer() + last.at("length").integer() - start->second.integer();
    }
    void look_up_ends() {
        if (burst_) look_up_end(burst_->span);
        if (run_) look_up_end(run_->span);
    }

    struct Burst {
        Span span;
        double floor = 0;               // before it
        std::uint64_t first_frame = 0;  // of those that the floor has learned
        std::uint64_t summed = 0;       // items
        double peak = 0, energy = 0;
        bool begin_said = false;
        double least = std::numeric_limits<double>::infinity();  // that of the frame behind it, too, if the floor rose
    };
    /// From silence to silence.
    struct Run {
        Span span;
        std::uint64_t silence_before = 0, frames = 0;
        bool held_bursts = false, over_floor = false;  // there was a floor when it began
    };
    /// Whether the floor has risen to a level of the burst: its least frame is, or those are that it was measured by, before
    /// silence, and the burst has frames that are none above it.
    bool is_floor_now(const Burst& burst) const {
        const auto& now = floor_.now();
        return now.raised_by() >= burst.first_frame ||
               (now.power() > burst.floor * end_factor_ && burst.least <= now.power() * end_factor_);
    }

    static constexpr std::uint64_t least_silence = 64;  // items: integers of low levels are zero for a while
    static constexpr double silence_ratio = 1e-10;

    blocks::DeviceFrames on_device_;
    double factor_ = 10, end_factor_ = 10;
    std::uint64_t minimum_ = 0, longest_ = 512, found_ = 0, not_finite_ = 0;
    std::size_t longest_came_ = 0;  // frame
    blocks::FloorBeforeZeros floor_;
    std::optional<Burst> burst_;  // that is open
    std::optional<Run> run_;
    double silent_below_ = 0;  // power
    // Frames in a row: of silence, of such that are not zero, and of others that taught nothing.
    std::uint64_t silence_ = 0, quiet_ = 0, untaught_ = 0;
    std::uint64_t silence_end_ = 0;   // item; 0: none yet
    std::optional<double> risen_to_;  // power of the frame before, behind silence
};

}  // namespace

void register_burst_detector(Registry& r) {
    r.add<BurstDetector>("burst_detector",
                         "Finds bursts of energy above the noise floor; passes samples on, tagged. A level that stays for 512 "
                         "frames becomes the floor. What lies between exact zeros, shorter than they are, is a burst, too. "
                         "Frames that are not finite are left out and counted.",
                         "threshold: 10 dB");
}

}  // namespace flowspan
