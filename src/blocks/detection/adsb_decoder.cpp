#include <flowspan/flowspan.hpp>

#include "blocks/detection/half_pulses.hpp"
#include "blocks/detection/mode_s.hpp"
#include "kernels/mode_s/mode_s.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace flowspan {
namespace {

constexpr std::int64_t us = blocks::HalfPulses::per_us, preamble = kernels::mode_s_preamble_us, shortest = preamble + 56 + 1,
                       longest = preamble + 112 + 1;

bool announces_address(int format) { return format == 11 || format == 17 || format == 18; }

constexpr std::uint32_t bit(int format) { return std::uint32_t{1} << format; }
constexpr std::uint32_t announcing = bit(11) | bit(17) | bit(18);
constexpr std::uint32_t answering = bit(0) | bit(4) | bit(5) | bit(16) | bit(20) | bit(21);

// Frames of Mode S, as aircraft send them on 1090 MHz: four pulses within 8 us, then a bit a microsecond, 1 where its first
// half has more energy than its second (ICAO Annex 10, volume IV, 3.1.2).
//
// A frame may begin anywhere between two samples: energies are known on a grid of 1/8 us (blocks::HalfPulses), and each of its
// places is tried: the pulses of the preamble against its gaps, the format, then all bits and their parity. Of neighbouring
// places where the same frame is read, the one with the most energy in its pulses is its beginning.
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
        if (in.sample_rate() < 5e5 || in.sample_rate() > 64e6)
            refuse("samples at a rate from 500 kHz to 64 MHz, best 2 MHz or more", fmt::format("{} Hz", in.sample_rate()),
                   "`rational_resampler` makes them");
        if (in.sample_rate() < 2e6 && !std::exchange(warned_, true)) warn("below 2 MHz most frames cannot be read");
        const Rational rate = *in.description().sample_rate;
        if (!blocks::HalfPulses::can(rate))
            refuse("a rate of which 4 MHz is a ratio of numbers up to 4096", fmt::format("{} Hz", in.sample_rate()),
                   "`rational_resampler` with `output_rate: 2 MHz` makes one");

        samples_per_us_ = in.sample_rate() / 1e6;
        ratio({.grid = 4096});  // calls of some length: messages may be about what came before
        in.history(blocks::HalfPulses::history_for(rate));
        const auto span = std::uint64_t(std::ceil(double(longest + 2) * samples_per_us_)) + blocks::HalfPulses::reach_for(rate);
        messages.reach(2 * span);
        if (known_addresses)
            memory(Memory::unbounded, "the addresses of the last minute");
        else
            memory(4 * span, "the frame that is coming");
        cost(10);
    }
    void prepare() override {
        ratio_ = f32(kernels::exp(threshold * (kernels::log(10) / 10)));
        if (begins_) energies_ = blocks::HalfPulses(*in.description().sample_rate);
    }

    void work(std::size_t n) override {
        const auto first = std::int64_t(in.in_stretch());
        if (std::exchange(begins_, false)) energies_.begin(first);
        energies_.take(in.data(), first, n);
        search(longest);
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
    struct Read {
        blocks::ModeSFrame frame;
        std::int64_t place = 0;
        f32 energy = 0;  // of its four pulses
        Value::Map where;
        std::uint64_t index = 0;
    };

    /// What lies so near to the end that a long frame finds no room.
    void end_stretch() {
        if (begins_) return;
        energies_.finish();
        search(longest);
        search(shortest);
        send_last();
    }
    /// All places behind which so much is known.
    void search(std::int64_t length_us) {
        const std::int64_t first = energies_.first(), spans = (energies_.end() - first) / us - length_us;
        if (spans <= 0) return;
        formats_ = announcing | (known_addresses ? answering : 0);
        if (length_us == shortest) formats_ &= bit(16) - 1;
        reads_.clear();
        found_.resize(std::size_t(spans));
        for (std::int64_t place = first; place < first + us; ++place) search_from(place);
        std::sort(reads_.begin(), reads_.end(), [](const Read& a, const Read& b) { return a.place < b.place; });
        for (Read& read : reads_)
            if (is_taken(read)) take(std::move(read));
        const std::int64_t next = first + spans * us;
        if (last_ && next > last_->place + 2 * us) send_last();
        energies_.forget(next);
    }
    /// Places 1 us apart.
    void search_from(std::int64_t place) {
        const f32 *early = energies_.from(place), *late = energies_.from(place + blocks::HalfPulses::half_bit);
        kernels::find_preambles(early, late, found_.size(), ratio_, formats_, found_.data());
        for (std::size_t k = next_found(0); k < found_.size(); k = next_found(k + 1)) {
            const int format = found_[k] - 1;
            blocks::ModeSFrame frame;
            frame.size = blocks::mode_s_bits(format) / 8;
            kernels::read_bits(early + k + preamble, late + k + preamble, 8 * frame.size, frame.bytes.data());
            if (announces_address(format)) {
                const std::uint32_t remainder = frame.remainder();
                if (known_addresses && format == 11 ? remainder >= 0x80 : remainder != 0) continue;
            }
            const f32 energy = (early[k] + early[k + 1]) + (late[k + 3] + late[k + 4]);
            reads_.push_back({frame, place + std::int64_t(k) * us, energy, {}, 0});
        }
    }
    /// The first from `k` on that is not 0. Most are: eight are looked at together.
    std::size_t next_found(std::size_t k) const {
        for (std::uint64_t eight = 0; k + 8 <= found_.size(); k += 8) {
            std::memcpy(&eight, found_.data() + k, 8);
            if (eight != 0) break;
        }
        while (k < found_.size() && found_[k] == 0) ++k;
        return k;
    }

    std::uint32_t address_of(const blocks::ModeSFrame& frame) const {
        return announces_address(frame.format()) ? frame.announced() : frame.remainder();
    }
    /// Frames whose parity tells nothing count where their address has been heard.
    bool is_taken(const Read& read) {
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
        const auto back = std::int64_t(in.in_stretch()) - energies_.sample_at(read.place);
        read.index = std::uint64_t(std::int64_t(in.index()) - back);
        read.where = in.place(read.index,
                              std::uint64_t(std::ceil(double(preamble + std::int64_t(8 * read.frame.size)) * samples_per_us_)));
        last_ = std::move(read);
    }
    void send_last() {
        if (!last_) return;
        const Read read = *std::exchange(last_, {});
        const int format = read.frame.format();
        const std::uint32_t remainder = read.frame.remainder();

        ++frames_;
        ++counts_[format];
        Value::Map said = read.where;
        said["hex"] = read.frame.hex();
        said["df"] = format;
        said["icao"] = fmt::format("{:06x}", address_of(read.frame));
        said["crc"] = std::int64_t(announces_address(format) ? remainder : 0);
        said["level"] = 10 * kernels::log10(double(read.energy) / 8);
        messages.send(read.index, std::move(said));
    }

    double samples_per_us_ = 2;
    f32 ratio_ = 1;
    std::uint32_t formats_ = 0;  // that are looked for
    bool begins_ = true, warned_ = false;
    blocks::HalfPulses energies_;
    std::vector<u8> found_;
    std::vector<Read> reads_;
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
                       "threshold: 3 dB");
}

}  // namespace flowspan
