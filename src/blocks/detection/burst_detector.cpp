#include <flowspan/flowspan.hpp>

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace flowspan {
namespace {

// Mean power of frames against a noise floor that follows the frames outside bursts: by 1/64 of the difference upwards, 1/8
// downwards, so that a recording that begins within a burst finds its floor soon. A burst is a run of frames above the
// threshold; it ends with the first frame below.
//
// The floor is never below the least of the last W frames, so that one that has risen is found after W frames at the latest: a
// level that stays is a burst of W frames, with `became_floor`, and then the floor. (The idea is that of minimum statistics:
// Martin, IEEE Trans. Speech and Audio Processing 9, 2001.)
//
// Three kinds of frames tell nothing, neither of bursts nor of the floor: exact zeros; what is not finite, which is counted;
// and those that begin while filters before it still see the zeros in front of the stretch.
//
// A burst is reported when it is over, at the item that follows it: its place in the recording (InputPort::place), and
// {peak_db, mean_db}, the powers in dB above the floor before it. The tag `burst` on that item holds the same.
struct BurstDetector final : Block {
    Parameter<double> threshold{*this,
                                "threshold",
                                {.unit = decibel,
                                 .initial = 10.0,
                                 .min = 0.0,
                                 .max = 200.0,
                                 .when = Change::running,
                                 .help = "How far above the noise floor a burst is."}};
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
        ratio({.grid = std::uint64_t(frame.get())});
        memory(Memory::unbounded, "the noise floor, and the burst that is open");
        out.describe(in.description());
        if (minimum_duration > 0) minimum_ = std::uint64_t(std::min(0x1p62, minimum_duration * in.sample_rate()));
        describe_longest();
        cost(0.4);
    }
    void prepare() override { factor_ = kernels::exp(threshold * (kernels::log(10) / 10)); }

    void work(std::size_t n) override {
        const auto size = std::size_t(frame.get());
        for (std::size_t k = 0; k < n; k += size) {
            const std::size_t count = std::min(size, n - k);
            longest_came_ = std::max(longest_came_, count);
            if (in.in_stretch() + k < in.description().run_in) continue;
            const double power = kernels::energy(in.data() + k, count) / double(count);
            if (std::isfinite(power))
                take(k, count, power);
            else
                leave_out();
        }
        if (out) std::copy_n(in.data(), n, out.data());
    }

    void restart() override {
        report_open();
        floor_.reset();
        least_.clear();
        frames_ = 0;
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
        if (maximum_duration.given() && maximum_duration <= minimum_duration)
            maximum_duration.refuse("more than minimum_duration", minimum_duration);
        longest_ = std::uint64_t(std::max(1.0, frames));
    }

    void leave_out() {
        ++not_finite_;
        if (start_) look_up_end();
    }

    /// A frame that begins at item k of this call.
    void take(std::size_t k, std::size_t count, double power) {
        if (floor_ && power > *floor_ * factor_) {
            extend(in.index() + k, count, power);
        } else {
            if (start_)
                if (auto burst = close()) {
                    detections.send(in.index() + k, *burst);
                    if (out) out.tag(k, "burst", *burst);
                }
            follow(power);
        }
        if (power > 0) raise(power);
    }

    void extend(std::uint64_t index, std::size_t count, double power) {
        if (!start_) {
            start_ = index;
            place_ = in.place(index, count);
            first_frame_ = frames_;
            summed_ = 0;
            peak_ = energy_ = 0;
            floor_before_ = *floor_;
            became_floor_ = false;
        }
        end_ = index + count;
        end_known_ = false;
        summed_ += count;
        peak_ = std::max(peak_, power);
        energy_ += power * double(count);
    }

    void follow(double power) {
        if (power == 0) return;
        if (!floor_) floor_ = power;
        *floor_ += (power - *floor_) / (power < *floor_ ? 8 : 64);
    }

    /// To the least of the last `longest_` frames. Of these, only those are kept that no later one is below.
    void raise(double power) {
        while (!least_.empty() && least_.back().power >= power) least_.pop_back();
        least_.push_back({frames_++, power});
        if (least_.front().number + longest_ < frames_) least_.pop_front();
        if (frames_ < longest_ || !floor_ || least_.front().power <= *floor_) return;
        floor_ = least_.front().power;
        became_floor_ = start_ && least_.front().number >= first_frame_;
    }

    /// The burst that ended, unless it was too short.
    std::optional<Value> close() {
        const std::uint64_t start = *start_, length = end_ - start;
        start_.reset();
        if (length < minimum_) return {};
        ++found_;
        const auto above_floor = [this](double power) { return 10 * kernels::log10(power / floor_before_); };
        look_up_end();
        Value::Map burst = std::move(place_);
        burst["peak_db"] = above_floor(peak_);
        burst["mean_db"] = above_floor(energy_ / double(summed_));
        if (became_floor_) burst["became_floor"] = true;
        return burst;
    }
    /// While it is at hand.
    void look_up_end() {
        const auto start = place_.find("start");
        if (std::exchange(end_known_, true) || start == place_.end()) return;
        const Value::Map last = in.place(end_ - 1, 1);
        place_["length"] = last.at("start").integer() + last.at("length").integer() - start->second.integer();
    }
    void report_open() {
        if (!start_) return;
        if (auto burst = close()) detections.send(in.index(), *burst);
    }

    struct Least {
        std::uint64_t number;  // of the frame
        double power;
    };
    double factor_ = 10;
    std::uint64_t minimum_ = 0, longest_ = 512, found_ = 0, not_finite_ = 0;
    std::size_t longest_came_ = 0;  // frame
    std::optional<double> floor_;
    std::deque<Least> least_;
    std::uint64_t frames_ = 0;  // of the stretch, that tell something
    // The burst that is open.
    std::optional<std::uint64_t> start_;
    Value::Map place_;  // from its beginning on
    std::uint64_t end_ = 0, summed_ = 0, first_frame_ = 0;
    double peak_ = 0, energy_ = 0, floor_before_ = 0;
    bool became_floor_ = false, end_known_ = false;
};

}  // namespace

void register_burst_detector(Registry& r) {
    r.add<BurstDetector>("burst_detector",
                         "Finds bursts of energy above the noise floor; passes samples on, tagged. A level that stays for 512 "
                         "frames becomes the "
                         "floor. Frames that are not finite are left out and counted.",
                         "threshold: 10 dB");
}

}  // namespace flowspan
