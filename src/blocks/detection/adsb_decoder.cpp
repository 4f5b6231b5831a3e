#include <flowspan/flowspan.hpp>

#include "blocks/detection/fine_powers.hpp"
#include "blocks/detection/mode_s.hpp"
#include "blocks/detection/mode_s_search.hpp"
#include "kernels/mode_s/mode_s.hpp"
#include "kernels/to_floats/to_floats.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace flowspan {
namespace {

constexpr std::int64_t us = blocks::ModeSSearch::per_us, powers_per_us = blocks::FinePowers::per_us,
                       preamble = kernels::mode_s_preamble_us, shortest = preamble + 56 + 1, longest = preamble + 112 + 1;

constexpr std::size_t at_once = 1024;  // samples that stay in the cache until they are bits

using Kind = blocks::ModeSSearch::Kind;

/// Those bits of a word.
template <class... Number>
constexpr std::uint32_t bits(Number... format) {
    return ((std::uint32_t{1} << format) | ...);
}
constexpr std::uint32_t all_24 = 0xffffff, but_interrogator = 0xffff80;  // of the remainder
/// Frames that announce an address; the short ones first.
constexpr Kind announcing[] = {{bits(11), all_24}, {bits(17, 18), all_24}};
/// The same, and those whose parity holds an address, or an interrogator's code.
constexpr Kind all_kinds[] = {{bits(0, 4, 5), 0}, {bits(11), but_interrogator}, {bits(16, 20, 21), 0}, {bits(17, 18), all_24}};
bool announces_address(int format) { return (bits(11, 17, 18) >> format & 1) != 0; }

// Frames of Mode S, as aircraft send them on 1090 MHz: four pulses within 8 us, then a bit a microsecond, 1 where its first
// half has more energy than its second (ICAO Annex 10, volume IV, 3.1.2).
//
// A frame may begin anywhere between two samples: each place of a grid of 1/8 us is tried (blocks::ModeSSearch), the pulses of
// the preamble against its gaps, the format, then all bits and their parity. Of neighbouring places where the same frame is
// read, the one with the most energy in its pulses is its beginning.
template <class T>
struct AdsbDecoder final : Block {
    static constexpr int revision = 2;
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
    Input<T> in{*this, "in"};
    MessageOutput messages{*this, "messages"};

    void describe() override {
        if (in.sample_rate() < 5e5 || in.sample_rate() > 64e6)
            refuse("samples at a rate from 500 kHz to 64 MHz, best 2 MHz or more", fmt::format("{} Hz", in.sample_rate()),
                   "`rational_resampler` makes them");
        if (in.sample_rate() < 2e6 && !std::exchange(warned_, true)) warn("below 2 MHz most frames cannot be read");
        const Rational rate = *in.description().sample_rate;
        if (!blocks::FinePowers::can(rate))
            refuse("a rate of which 4 MHz is a ratio of numbers up to 4096", fmt::format("{} Hz", in.sample_rate()),
                   "`rational_resampler` with `output_rate: 2 MHz` makes one");

        samples_per_us_ = in.sample_rate() / 1e6;
        ratio({.grid = 4096});  // calls of some length: messages may be about what came before
        in.history(blocks::FinePowers::history_for(rate));
        const auto span = std::uint64_t(std::ceil(double(longest + 2) * samples_per_us_)) + blocks::FinePowers::reach_for(rate);
        messages.reach(2 * span);
        if (known_addresses)
            memory(Memory::unbounded, "the addresses of the last minute");
        else
            memory(4 * span, "the frame that is coming");
        cost(5);
    }
    void prepare() override {
        ratio_ = f32(kernels::exp(threshold * (kernels::log(10) / 10)));
        if (begins_) powers_ = blocks::FinePowers(*in.description().sample_rate);
    }

    void work(std::size_t n) override {
        const auto first = std::int64_t(in.in_stretch());
        begun_ = in.index() - in.in_stretch();
        if (std::exchange(begins_, false)) {
            powers_.begin(first, blocks::ModeSSearch::word);
            search_.begin(powers_.first());
        }
        for (std::size_t k = 0; k < n; k += at_once) {
            const std::size_t m = std::min(n - k, at_once);
            powers_.take(floats(k, m), first + std::int64_t(k), m);
            search_.mark(powers_, ratio_);
            search(search_.whole(), kinds());
        }
    }
    void restart() override {
        end_stretch();
        heard_.clear();
        begins_ = true;
    }
    Step finish() override {
        end_stretch();
        return Step::done();
    }
    Value results() const override {
        Value::Map formats;
        for (const auto& [format, count] : counts_) formats[std::to_string(format)] = count;
        return Value::Map{{"frames", frames_}, {"formats", std::move(formats)}};
    }

private:
    struct Read : blocks::ModeSRead {
        f32 energy = 0;  // of its four pulses
        std::uint64_t index = 0;
    };

    /// n samples from `from` on, with the history that the filter sees before them.
    const cf32* floats(std::size_t from, std::size_t n) {
        if constexpr (std::is_same_v<T, cf32>) {
            return in.data() + from;
        } else {
            const std::size_t history = in.history(), known = std::min(history, std::size_t(in.in_stretch()) + from);
            samples_.resize(std::max(samples_.size(), history + n));
            std::fill_n(samples_.begin(), history - known, cf32{});
            kernels::to_floats(reinterpret_cast<const u8*>(in.data() + from - known),
                               reinterpret_cast<f32*>(samples_.data() + history - known), 2 * (known + n),
                               f32(1 / in.description().full_scale.value_or(128)));
            return samples_.data() + history;
        }
    }
    std::span<const Kind> kinds() const { return known_addresses ? std::span<const Kind>(all_kinds) : announcing; }
    /// What lies so near to the end that a long frame finds no room.
    void end_stretch() {
        if (begins_) return;
        powers_.finish();
        const std::int64_t end = (powers_.end() / powers_per_us - 1) * powers_per_us;
        powers_.pad(std::size_t((longest + 1) * powers_per_us + 2 * blocks::ModeSSearch::word));
        search_.mark(powers_, ratio_);
        search(end - longest * powers_per_us, kinds());
        search(end - shortest * powers_per_us, kinds().first(kinds().size() / 2));
        send_last();
    }
    /// Places from the last ones on, up to before power `end`.
    void search(std::int64_t end, std::span<const Kind> kinds) {
        for (const blocks::ModeSRead& read : search_.find(end, kinds))
            if (is_taken(read)) take({read, energy_at(read.place), 0});
        if (last_ && 2 * search_.next() > last_->place + 2 * us) send_last();
        powers_.forget(search_.next());
        search_.forget();
    }
    /// Of the four pulses of a preamble.
    f32 energy_at(std::int64_t place) const {
        const f32* p = powers_.from(place / 2);
        const auto half_bit = [&](int t) {
            const f32 here = p[t] + p[t + 1];
            return place % 2 == 0 ? here : (here + (p[t + 1] + p[t + 2])) * 0.5F;
        };
        return (half_bit(0) + half_bit(4)) + (half_bit(14) + half_bit(18));
    }

    std::uint32_t address_of(const blocks::ModeSFrame& frame) const {
        return announces_address(frame.format()) ? frame.announced() : frame.remainder();
    }
    /// Frames whose parity tells nothing count where their address has been heard.
    bool is_taken(const blocks::ModeSRead& read) {
        if (!known_addresses) return true;
        if (announces_address(read.frame.format()) && read.frame.remainder() == 0) {
            heard_[read.frame.announced()] = read.place;
            return true;
        }
        const auto heard = heard_.find(address_of(read.frame));
        return heard != heard_.end() && read.place - heard->second < 60 * 1000000 * us;
    }
    void take(Read read) {
        if (last_ && (last_->frame != read.frame || read.place > last_->place + 2 * us)) send_last();
        if (last_ && read.energy <= last_->energy) return;
        read.index = begun_ + std::uint64_t(powers_.sample_at(read.place));
        last_ = read;
    }
    void send_last() {
        if (!last_) return;
        const Read read = *std::exchange(last_, {});
        const int format = read.frame.format();
        const std::uint32_t remainder = read.frame.remainder();

        ++frames_;
        ++counts_[format];
        if (!messages) return;
        const double samples = double(preamble + std::int64_t(read.frame.bits())) * samples_per_us_;
        Value::Map said = in.place(read.index, std::uint64_t(std::ceil(samples)));
        said["hex"] = read.frame.hex();
        said["df"] = format;
        said["icao"] = fmt::format("{:06x}", address_of(read.frame));
        said["crc"] = std::int64_t(announces_address(format) ? remainder : 0);
        said["level"] = 10 * kernels::log10(double(read.energy) / 8);
        messages.send(read.index, std::move(said));
    }

    double samples_per_us_ = 2;
    f32 ratio_ = 1;
    bool begins_ = true, warned_ = false;
    std::uint64_t begun_ = 0;    // index of the first item of the stretch
    std::vector<cf32> samples_;  // of integers
    blocks::FinePowers powers_;
    blocks::ModeSSearch search_;
    std::optional<Read> last_;                     // that may still be read better at a place behind
    std::map<std::uint32_t, std::int64_t> heard_;  // address: place where it was announced last
    std::map<int, std::int64_t> counts_;
    std::int64_t frames_ = 0;
};

}  // namespace

void register_adsb_decoder(Registry& r) {
    r.add<AdsbDecoder>("adsb_decoder",
                       "Decodes Mode S frames (ADS-B) of aircraft on 1090 MHz, from samples at 2 MHz or more: a message for "
                       "each whose parity is right.",
                       types<cf32, cu8>, "threshold: 3 dB");
}

}  // namespace flowspan
