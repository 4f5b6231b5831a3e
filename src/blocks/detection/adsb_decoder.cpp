#include <flowspan/flowspan.hpp>

#include "blocks/detection/half_pulses.hpp"
#include "blocks/detection/mode_s.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace flowspan {
namespace {

constexpr std::int64_t us = blocks::HalfPulses::per_us, half_us = us / 2;
/// Half bits of the preamble (8 us), and whether each is a pulse: at 0, 1, 3.5 and 4.5 us.
constexpr std::array<bool, 16> preamble{true, false, true, false, false, false, false, true, false, true};
constexpr std::int64_t preamble_us = 8;

// Frames of Mode S, as aircraft send them on 1090 MHz: four pulses, then a bit a microsecond, 1 where its first half has more
// energy than its second (ICAO Annex 10, volume IV, 3.1.2).
//
// A frame may begin anywhere between two samples. Where the powers of samples look like a preamble, energies of half bits are
// computed on a grid of 1/16 us, and each of its places is tried: the preamble, the format, then all bits and their parity. Of
// the places where the same frame is read, the one with the most energy in its preamble is its beginning.
struct AdsbDecoder final : Block {
    Parameter<double> threshold{
        *this,
        "threshold",
        {.unit = decibel,
         .initial = 0.0,
         .min = 0.0,
         .max = 60.0,
         .when = Change::running,
         .help = "How far the pulses of a preamble lie above what is between them. Parity is checked in any "
                 "case; a higher threshold costs weak frames and saves time."}};
    Parameter<bool> known_addresses{*this,
                                    "known_addresses",
                                    {.initial = false,
                                     .help = "Also frames whose parity holds their address (formats 0, 4, 5, 16, 20, 21; 11 in "
                                             "answers), where that was announced "
                                             "in the minute before."}};
    Input<cf32> in{*this, "in"};
    MessageOutput messages{*this, "messages"};

    void describe() override {
        if (in.sample_rate() < 2e6 || in.sample_rate() > 64e6)
            refuse("samples at a rate from 2 MHz to 64 MHz", fmt::format("{} Hz", in.sample_rate()),
                   "`rational_resampler` makes them");
        const Rational rate = *in.description().sample_rate;
        if (!blocks::HalfPulses::can(rate))
            refuse("a rate of which 16 MHz is a ratio of numbers up to 4096", fmt::format("{} Hz", in.sample_rate()),
                   "`rational_resampler` with `output_rate: 2 MHz` makes one");
        samples_per_us_ = in.sample_rate() / 1e6;
        energies_ = blocks::HalfPulses(rate);
        before_ = energies_.history() + 1;
        behind_ = std::uint64_t(std::ceil((preamble_us + 112 + 1.5) * samples_per_us_)) + energies_.ahead() + 1;
        in.history(before_ + behind_);
        messages.reach(2 * (before_ + behind_) + std::uint64_t(std::ceil(8 * samples_per_us_)));
        if (known_addresses)
            memory(Memory::unbounded, "the addresses of the last minute");
        else
            memory(2 * (before_ + behind_), "the frame that was read last");
        cost(5);
    }
    void prepare() override {
        place_pulses();
        ratio_ = f32(kernels::exp(threshold * (kernels::log(10) / 10)));
    }
    void work(std::size_t n) override {
        // Frames that begin in the n samples from `first` on; the first of a stretch has zeros before it.
        const std::int64_t first = std::int64_t(in.in_stretch()) - std::int64_t(behind_);
        const cf32* x = in.data() - behind_;
        find_candidates(x, n);
        if (!candidates_.empty()) energies_.begin(x, first, before_, n + behind_);
        for (const std::uint32_t k : candidates_)
            if (first + k >= 0) try_places(first + k);
        candidates_.clear();
        if (best_ && energies_.place_at(first + std::int64_t(n)) > best_->place + 2 * us) send_best();
    }
    void restart() override {
        send_best();
        heard_.clear();
    }
    Step finish() override {
        send_best();
        return Step::done();
    }
    Value results() const override {
        Value::Map formats;
        for (const auto& [format, count] : counts_) formats[std::to_string(format)] = count;
        return Value::Map{{"frames", frames_}, {"formats", std::move(formats)}};
    }

private:
    /// The samples in which a frame may have pulses that begins anywhere between sample 0 and 1, and those of the gaps.
    void place_pulses() {
        on_.clear();
        off_.clear();
        const double half = samples_per_us_ / 2;
        for (int sample = 0; sample < 16 * half; ++sample) {
            bool pulse = false;
            for (int k = 0; k < 16; ++k)
                pulse = pulse || (preamble[std::size_t(k)] && sample >= k * half && sample < (k + 1) * half + 1);
            (pulse ? on_ : off_).push_back(sample);
        }
    }
    void find_candidates(const cf32* x, std::size_t n) {
        const std::size_t more = std::size_t(std::max(on_.back(), off_.back())) + 1;
        powers_.resize(n + more);
        for (std::size_t k = 0; k < powers_.size(); ++k) powers_[k] = x[k].real() * x[k].real() + x[k].imag() * x[k].imag();
        // A pulse is in half of its samples.
        const f32 factor = coarse * ratio_ * f32(on_.size()) / f32(off_.size());
        constexpr std::size_t together = 512;
        std::array<f32, together> pulses, gaps;
        for (std::size_t first = 0; first < n; first += together) {
            const std::size_t count = std::min(together, n - first);
            add_up(powers_.data() + first, on_, pulses.data(), count);
            add_up(powers_.data() + first, off_, gaps.data(), count);
            for (std::size_t k = 0; k < count; ++k)
                if (pulses[k] > factor * gaps[k]) candidates_.push_back(std::uint32_t(first + k));
        }
    }
    static void add_up(const f32* powers, const std::vector<int>& samples, f32* sums, std::size_t n) {
        std::fill_n(sums, n, 0.0F);
        for (const int sample : samples)
            for (std::size_t k = 0; k < n; ++k) sums[k] += powers[k + std::size_t(sample)];
    }

    void try_places(std::int64_t sample) {
        const std::int64_t end = energies_.place_at(sample + 1);
        for (std::int64_t place = energies_.place_at(sample); place < end; ++place) {
            const f32* e = energies_.at(place, std::size_t((preamble_us + 112) * us + 1));
            f32 pulses = 0, gaps = 0;
            for (std::size_t k = 0; k < preamble.size(); ++k) (preamble[k] ? pulses : gaps) += e[k * half_us];
            if (!(pulses * 12 > ratio_ * gaps * 4)) continue;
            if (const auto frame = read(e + preamble_us * us); frame && is_taken(*frame)) take(*frame, place, pulses);
        }
    }
    /// The frame, if it is of a format that may be taken.
    std::optional<blocks::ModeSFrame> read(const f32* e) const {
        blocks::ModeSFrame frame;
        const auto bits = [&](std::size_t from, std::size_t to) {
            for (std::size_t k = from; k < to; ++k) {
                const f32* bit = e + k * us;
                if (bit[0] > bit[half_us]) frame.bytes[k / 8] |= u8(0x80 >> (k % 8));
            }
        };
        bits(0, 5);
        const int format = frame.format();
        const bool answers = format == 0 || format == 4 || format == 5 || format == 16 || format == 20 || format == 21;
        if (format != 11 && format != 17 && format != 18 && !(known_addresses && answers)) return {};
        const std::size_t count = blocks::mode_s_bits(format);
        bits(5, count);
        frame.size = count / 8;
        return frame;
    }
    bool is_taken(const blocks::ModeSFrame& frame) {
        const std::uint32_t remainder = frame.remainder();
        const bool announces = frame.format() == 11 || frame.format() == 17 || frame.format() == 18;
        if (announces && remainder == 0) return true;
        if (!known_addresses || frame.format() == 17 || frame.format() == 18) return false;
        if (frame.format() == 11 && remainder >= 0x80) return false;
        const auto heard = heard_.find(announces ? frame.announced() : remainder);
        return heard != heard_.end() && double(in.in_stretch() - heard->second) < 60 * in.sample_rate();
    }

    struct Read {
        blocks::ModeSFrame frame;
        std::int64_t place = 0;
        f32 energy = 0;
        Value::Map where;
        std::uint64_t index = 0;
    };
    void take(const blocks::ModeSFrame& frame, std::int64_t place, f32 energy) {
        if (best_ && (best_->frame != frame || place > best_->place + 2 * us)) send_best();
        if (best_ && energy <= best_->energy) return;
        const std::int64_t back = std::int64_t(in.in_stretch()) - energies_.sample_at(place);
        const std::uint64_t index = std::uint64_t(std::int64_t(in.index()) - back);
        const auto length = std::uint64_t(std::ceil(double(preamble_us + std::int64_t(frame.size) * 8) * samples_per_us_));
        best_ = Read{frame, place, energy, in.place(index, length), index};
    }
    void send_best() {
        if (!best_) return;
        const Read read = *std::exchange(best_, {});
        const std::uint32_t remainder = read.frame.remainder();
        const int format = read.frame.format();
        const bool announces = format == 11 || format == 17 || format == 18;
        const std::uint32_t address = announces ? read.frame.announced() : remainder;
        if (announces && remainder == 0) heard_[address] = in.in_stretch();
        ++frames_;
        ++counts_[format];
        Value::Map said = read.where;
        said["hex"] = read.frame.hex();
        said["df"] = format;
        said["icao"] = fmt::format("{:06x}", address);
        said["crc"] = std::int64_t(announces ? remainder : 0);
        said["level"] = 10 * kernels::log10(double(read.energy) / (4 * half_us));
        messages.send(read.index, std::move(said));
    }

    static constexpr f32 coarse = 0.4F;

    double samples_per_us_ = 2;
    f32 ratio_ = 1;
    std::uint64_t before_ = 0, behind_ = 0;  // samples that a frame's beginning needs on either side
    std::vector<int> on_, off_;
    blocks::HalfPulses energies_;
    std::vector<f32> powers_;
    std::vector<std::uint32_t> candidates_;
    std::optional<Read> best_;                      // of the frame that was read last
    std::map<std::uint32_t, std::uint64_t> heard_;  // address: item of the stretch when it was announced
    std::map<int, std::int64_t> counts_;
    std::int64_t frames_ = 0;
};

}  // namespace

void register_adsb_decoder(Registry& r) {
    r.add<AdsbDecoder>(
        "adsb_decoder",
        "Decodes Mode S frames (ADS-B) of aircraft on 1090 MHz, from samples at 2 MHz or more: a message for each whose "
        "parity is right.",
        "threshold: 3 dB");
}

}  // namespace flowspan
