// Bursts in time and frequency.
#include <flowspan/flowspan.hpp>

#include "blocks/detection/cfar.hpp"
#include "blocks/spectrum_axis.hpp"
#include "kernels/fft/fft.hpp"
#include "kernels/spectrum/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace flowspan {
namespace {

// Frames of `size` samples, one after the other; the powers of their bins against CFAR thresholds over frequency
// (blocks::Cfar), with the ends of the band joined. Bins above theirs, with gaps of at most `join` bins between them, are a
// piece of a burst. It goes on with the burst of the frames before whose band it touches or overlaps, or begins one; a piece
// that touches several makes one of them. A burst is over after `hold` frames without a piece.
//
// Then it is reported, at the item that follows: its place in the recording (InputPort::place) with its own band, and {peak_db,
// mean_db}: the power of its strongest bin, and that of its bins on average, in dB above the noise around them. Where bins
// around it were exactly 0 (of computed signals, and behind silence), `over_silence` stands in the place of these.
//
// (It is not `burst_detector`, which follows one floor over time, tells silence from noise, and has no say in frequency.)
struct SpectralBurstDetector final : Block {
    static constexpr int revision = 2;
    Parameter<int> size{
        *this, "size", {.unit = sample, .initial = 256, .min = 8, .max = 1 << 20, .help = "Samples in a frame, and bins."}};
    Parameter<std::string> window{
        *this, "window", {.initial = "hann", .choices = kernels::window_names(), .help = "Window (periodic)."}};
    Parameter<std::string> cfar{
        *this,
        "cfar",
        {.initial = "os",
         .choices = {"ca", "os"},
         .help = "What noise is told by: ca, the mean of the bins around; os, their third quartile, which "
                 "signals beside do not lift."}};
    Parameter<double> false_alarms{
        *this,
        "false_alarms",
        {.initial = 1e-7,
         .min = 1e-15,
         .max = 0.1,
         .help = "Probability that a bin of noise is above its threshold (with independent bins: `window: rectangular`)."}};
    Parameter<int> training{
        *this, "training", {.initial = 16, .min = 1, .max = 1 << 16, .help = "Bins on each side that tell the noise."}};
    Parameter<int> guard{*this,
                         "guard",
                         {.initial = 8,
                          .min = 0,
                          .max = 1 << 16,
                          .help = "Bins on each side that are passed over: about as wide as half a burst."}};
    Parameter<int> join{
        *this,
        "join",
        {.initial = 2, .min = 0, .max = 1 << 16, .help = "Bins below the threshold that a burst may have within."}};
    Parameter<int> hold{*this, "hold", {.initial = 1, .min = 1, .max = 1 << 16, .help = "Frames without it that end a burst."}};
    Parameter<double> minimum_duration{
        *this, "minimum_duration", {.unit = second, .initial = 0.0, .min = 0.0, .help = "Shorter bursts are not reported."}};
    Input<cf32> in{*this, "in"};
    MessageOutput detections{*this, "detections"};

    void describe() override {
        const std::size_t bins = std::size_t(size.get());
        const auto least = 2 * std::size_t(training.get() + guard.get()) + 1;
        if (bins < least) size.wrong("at least twice `training` and `guard`, and one", double(least));
        ratio({.grid = bins});
        memory(Memory::unbounded, "bursts that are open");
        minimum_ = minimum_duration > 0 ? std::uint64_t(std::min(0x1p62, minimum_duration * in.sample_rate())) : 0;
        holds(bins * 48);
        cost(cfar.get() == "ca" ? 8 + 0.4 * training : 90 + 1.75 * training);
        ignores_tags();
    }
    void prepare() override {
        const std::size_t bins = std::size_t(size.get());
        transform_ = kernels::Fft(bins);
        const auto w = kernels::window(window.get(), bins, kernels::Symmetry::periodic);
        window_.assign(w.begin(), w.end());
        cfar_ = blocks::Cfar(cfar.get() == "ca" ? blocks::Cfar::Kind::ca : blocks::Cfar::Kind::os, std::size_t(training.get()),
                             std::size_t(guard.get()), false_alarms);
        power_.resize(bins);
        noise_.resize(bins);
        threshold_.resize(bins);
    }

    void work(std::size_t n) override {
        const std::size_t bins = power_.size();
        for (std::size_t k = 0; k < n; k += bins) {
            if (n - k < bins) {
                left_over_ += n - k;
            } else if (in.in_stretch() + k >= in.description().run_in) {
                look(k);
                end_quiet(in.index() + k + bins, false);
            }
        }
    }
    void restart() override { end_quiet(in.index(), true); }
    void retuned() override { end_quiet(in.index(), true); }
    Step finish() override {
        end_quiet(in.index(), true);
        return Step::done();
    }
    Value results() const override {
        return Value::Map{{"bursts", found_}, {"not_finite", not_finite_}, {"left_over", left_over_}};
    }

private:
    /// Bins from `low` to `high`, both included, of one frame.
    struct Piece {
        std::size_t low = 0, high = 0, cells = 0;
        double peak = 0, sum = 0;  // power over noise
    };
    struct Burst {
        Piece band;
        Value::Map place;
        std::uint64_t first = 0, end = 0;
        int quiet = 0;  // frames in a row
    };

    void look(std::size_t k) {
        kernels::apply_window(in.data() + k, window_.data(), transform_.in(), power_.size());
        transform_.run();
        for (Burst& burst : open_) ++burst.quiet;
        if (!kernels::holds_finite(transform_)) {
            ++not_finite_;
            return;
        }
        for (std::size_t b = 0; b < power_.size(); ++b)
            power_[kernels::ascending(b, power_.size())] = double(std::norm(transform_.out()[b]));
        cfar_.thresholds(power_.data(), power_.size(), noise_.data(), threshold_.data());
        for (std::size_t b = 0; b < power_.size();) b = take_piece(b, in.index() + k);
    }
    /// The piece that bin `b` begins, if it does; returns the next bin to look at.
    std::size_t take_piece(std::size_t b, std::uint64_t first) {
        if (!(power_[b] > threshold_[b])) return b + 1;
        Piece piece{b, b, 0, 0, 0};
        for (; b < power_.size() && b <= piece.high + std::size_t(join.get()) + 1; ++b) {
            if (!(power_[b] > threshold_[b])) continue;
            const double over = power_[b] / noise_[b];
            piece.high = b;
            ++piece.cells;
            piece.peak = std::max(piece.peak, over);
            piece.sum += over;
        }
        add(piece, first);
        return b;
    }
    static void unite(Piece& with, const Piece& other) {
        with.low = std::min(with.low, other.low);
        with.high = std::max(with.high, other.high);
        with.cells += other.cells;
        with.peak = std::max(with.peak, other.peak);
        with.sum += other.sum;
    }
    void add(const Piece& piece, std::uint64_t first) {
        Burst* mine = nullptr;
        for (std::size_t k = 0; k < open_.size();) {
            Burst& other = open_[k];
            if (other.band.low > piece.high + 1 || piece.low > other.band.high + 1) {
                ++k;
            } else if (mine == nullptr) {
                mine = &other;
                unite(mine->band, piece);
                ++k;
            } else {  // the burst that began first goes on
                unite(mine->band, other.band);
                open_.erase(open_.begin() + std::ptrdiff_t(k));
            }
        }
        if (mine == nullptr) {
            open_.push_back({piece, in.place(first, power_.size()), first, first, 0});
            mine = &open_.back();
        }
        mine->quiet = 0;
        mine->end = first + power_.size();
    }

    /// At the end of a frame, which item `now` is behind: reports what is over; `all`: everything is.
    void end_quiet(std::uint64_t now, bool all) {
        for (Burst& burst : open_)
            if (burst.quiet == (all ? 0 : 1)) look_up_end(burst);
        const auto is_over = [&](const Burst& burst) { return all || burst.quiet >= hold; };
        for (const Burst& burst : open_)
            if (is_over(burst)) report(burst, now);
        std::erase_if(open_, is_over);
    }
    /// While it is at hand.
    void look_up_end(Burst& burst) const {
        const auto start = burst.place.find("start");
        if (start == burst.place.end()) return;
        const Value::Map last = in.place(burst.end - 1, 1);
        burst.place["length"] = last.at("start").integer() + last.at("length").integer() - start->second.integer();
    }
    void report(const Burst& burst, std::uint64_t now) {
        if (burst.end - burst.first < minimum_) return;
        ++found_;
        const Axis axis = blocks::spectrum_axis(in.description(), power_.size());
        Value::Map said = burst.place;
        if (in.description().sample_rate) {
            // The frequencies that the stream had when the burst began: `place` has said its edges.
            const double below = axis.first - axis.step / 2, centre = centre_of(burst);
            said["freq_lower_edge"] = centre + below + axis.step * double(burst.band.low);
            said["freq_upper_edge"] = centre + below + axis.step * double(burst.band.high + 1);
        }
        if (std::isfinite(burst.band.sum)) {
            said["peak_db"] = 10 * kernels::log10(burst.band.peak);
            said["mean_db"] = 10 * kernels::log10(burst.band.sum / double(burst.band.cells));
        } else {
            said["over_silence"] = true;
        }
        detections.send(now, said);
    }
    double centre_of(const Burst& burst) const {
        const auto low = burst.place.find("freq_lower_edge"), high = burst.place.find("freq_upper_edge");
        return low == burst.place.end() ? 0 : (low->second.real() + high->second.real()) / 2;
    }

    kernels::Fft transform_;
    std::vector<f32> window_;
    blocks::Cfar cfar_;
    std::vector<double> power_, noise_, threshold_;  // by bin, in ascending order of frequency
    std::vector<Burst> open_;                        // in the order in which they began
    std::uint64_t minimum_ = 0, found_ = 0, not_finite_ = 0, left_over_ = 0;
};

}  // namespace

void register_spectral_burst_detector(Registry& r) {
    r.add<SpectralBurstDetector>("spectral_burst_detector",
                                 "Finds bursts in time and frequency: bins of short transforms above a threshold of constant "
                                 "false-alarm rate. Each is reported with its band. Frames that are not finite are counted.",
                                 "{size: 256, cfar: os, false_alarms: 1e-7}");
}

}  // namespace flowspan
