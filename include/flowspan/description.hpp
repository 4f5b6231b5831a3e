// What a stream carries, known before anything runs.
#pragma once

#include <flowspan/rational.hpp>
#include <flowspan/types.hpp>
#include <flowspan/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan {

/// One axis of an item: a spectrum is an item of shape {frequency, 1024 bins}.
struct Axis {
    std::string name;  // "frequency"
    std::string unit;  // "Hz"
    std::size_t size = 1;
    double first = 0, step = 1;  // value at position k is first + k * step, in `unit`
    friend bool operator==(const Axis&, const Axis&) = default;
};
/// What items of this shape are, for people: "items of one sample", "items of 2 channels x 1024 bins of frequency".
std::string items_text(const std::vector<Axis>& shape);

/// What `StreamDescription::unit` says of bits. Hard ones are ru8, one a byte, 0 or 1, the most significant of a number first;
/// soft ones are rf32, of which positive ones are 1.
inline constexpr const char* bit_unit = "bit";

/// The description of a stream. Rate, length and times follow a block's ratio by themselves: a block's `describe` passes its
/// input's description on and changes what is its own.
struct StreamDescription {
    SampleType type = SampleType::any;
    std::vector<Axis> shape;                 // empty: an item is one sample
    std::optional<Rational> sample_rate;     // items per second
    std::optional<double> center_frequency;  // Hz, what 0 Hz of the samples was on the air
    std::optional<Time> utc;                 // of index 0
    std::optional<double> full_scale;        // the value that means 1.0; nothing: the type's own
    std::optional<std::int64_t> length;      // items, if known
    std::string unit;                        // of the sample values, "" when plain amplitude
    Time origin;                             // delay-compensated time of index 0 relative to index 0 of its source
    Rational ticks{1};                       // items per second of stamp time: the rate, or 1 where a source has none
    int source = -1;                         // which source block it comes from; -1: several or none
    std::uint64_t slip = 0;  // items: the next one may lie so much before its nominal time, should the stretch end before it
    std::uint64_t lead = 0;  // items: the very first one may lie so much more before, where stretches end in what was skipped
    std::uint64_t run_in =
        0;               // items at the beginning of a stretch that filters before made with zeros in front of it in sight
    Rational places{0};  // items lie where marks in the stream say, to 2^-16 of an item of this rate; 0: at nominal places

    std::size_t samples_per_item() const;
    std::size_t item_size() const { return samples_per_item() * size_of(type); }
    double rate_hz() const { return sample_rate ? sample_rate->value() : 0; }
    /// How long so many items last, where their rate is known.
    std::optional<double> seconds(std::uint64_t items) const {
        return sample_rate ? std::optional(double(items) / rate_hz()) : std::nullopt;
    }
    /// What its items are called where they are counted: "samples" (of all channels), "spectra", else "items".
    std::string items_word() const;
    /// Items per second for stamps: a source without a rate counts 1 item/s.
    const Rational& stamp_rate() const { return ticks; }

    /// The same stream as another type.
    StreamDescription as(SampleType other) const;
    /// Real numbers of what was modulated: no centre frequency.
    StreamDescription baseband() const;
    /// Frequency channel c of n, in ascending order: channel n/2 (rounded down) is centred where the input is.
    StreamDescription channel(int c, int n) const;
    /// Moved so that `shift_hz` above the centre becomes the centre.
    StreamDescription translated(double shift_hz) const;
    StreamDescription with_shape(std::vector<Axis> axes) const;
    /// Hz on the air that an item may tell of, lowest and highest: of spectra their axis, of complex samples half a rate to
    /// each side of the centre. Nothing where that is not known.
    std::optional<std::pair<double, double>> band() const;

    Value value() const;
    static StreamDescription from(const Value& value);
    friend bool operator==(const StreamDescription&, const StreamDescription&) = default;
};

/// Why one stretch of a stream ended and the next began.
enum class Break : std::uint8_t { gap, retune, restart };
std::string_view name_of(Break kind);

/// Why a new stretch began, as a block sees it in `restart()`.
struct Discontinuity {
    Break kind = Break::restart;
    std::uint64_t missing = 0;  // items that are not there, if known
    friend bool operator==(const Discontinuity&, const Discontinuity&) = default;
};

/// A tag: something that is said about one item of a stream.
struct Tag {
    std::uint64_t index = 0;
    std::string key;
    Value value;
    friend bool operator==(const Tag&, const Tag&) = default;
};

enum class TagPolicy : std::uint8_t { all_to_all, one_to_one, drop, own };

}  // namespace flowspan
