#include <flowspan/flowspan.hpp>

#include <algorithm>
#include <optional>

namespace flowspan {
namespace {

// Mean power of frames against a noise floor that follows the frames outside bursts: by 1/64 of the difference upwards, 1/8
// downwards, so that a recording that begins within a burst finds its floor soon. Silence (exact zeros) tells nothing of the
// floor. A burst is a run of frames above the threshold; it ends with the first frame below.
//
// A burst is reported when it is over, at the item that follows it: {start, length, peak_db, mean_db}, the powers in dB above
// the floor before it; start counts items of the input. The tag `burst` on that item holds the same.
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
    Input<cf32> in{*this, "in"};
    Output<cf32> out{*this, "out", {.optional = true}};
    MessageOutput detections{*this, "detections"};

    void describe() override {
        ratio({.grid = std::uint64_t(frame.get())});
        memory(Memory::unbounded, "the noise floor, and the burst that is open");
        out.describe(in.description());
        if (minimum_duration > 0) minimum_ = std::uint64_t(std::min(0x1p62, minimum_duration * in.sample_rate()));
        cost(0.4);
    }
    void prepare() override { factor_ = kernels::exp(threshold * (kernels::log(10) / 10)); }

    void work(std::size_t n) override {
        const auto size = std::size_t(frame.get());
        for (std::size_t k = 0; k < n; k += size) {
            const std::size_t count = std::min(size, n - k);
            const double power = kernels::energy(in.data() + k, count) / double(count);
            const bool above = floor_ && power > *floor_ * factor_;
            if (above)
                extend(in.index() + k, count, power);
            else {
                if (start_)
                    if (auto burst = close()) {
                        detections.send(in.index() + k, *burst);
                        if (out) out.tag(k, "burst", *burst);
                    }
                follow(power);
            }
        }
        if (out) std::copy_n(in.data(), n, out.data());
    }

    void restart() override {
        report_open();
        floor_.reset();
    }
    Step finish() override {
        report_open();
        return Step::done();
    }
    Value results() const override { return Value::Map{{"bursts", found_}}; }

    void extend(std::uint64_t index, std::size_t count, double power) {
        if (!start_) {
            start_ = index;
            length_ = 0;
            peak_ = energy_ = 0;
        }
        length_ += count;
        peak_ = std::max(peak_, power);
        energy_ += power * double(count);
    }

    void follow(double power) {
        if (power == 0) return;
        if (!floor_) floor_ = power;
        *floor_ += (power - *floor_) / (power < *floor_ ? 8 : 64);
    }

    /// The burst that ended, unless it was too short.
    std::optional<Value> close() {
        const std::uint64_t start = *start_;
        start_.reset();
        if (length_ < minimum_) return {};
        ++found_;
        const auto above_floor = [this](double power) { return 10 * kernels::log10(power / *floor_); };
        return Value::Map{{"start", start},
                          {"length", length_},
                          {"peak_db", above_floor(peak_)},
                          {"mean_db", above_floor(energy_ / double(length_))}};
    }
    void report_open() {
        if (!start_) return;
        if (auto burst = close()) detections.send(in.index(), *burst);
    }

    double factor_ = 10;
    std::uint64_t minimum_ = 0, found_ = 0, length_ = 0;
    std::optional<double> floor_;
    std::optional<std::uint64_t> start_;
    double peak_ = 0, energy_ = 0;
};

}  // namespace

void register_burst_detector(Registry& r) {
    r.add<BurstDetector>("burst_detector", "Finds bursts of energy above the noise floor; passes samples on, tagged.",
                         "threshold: 10 dB");
}

}  // namespace flowspan
