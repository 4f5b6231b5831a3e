// Our own rules for scalars in graph files and on the command line: numbers, units, booleans.
//
//   010 is ten, 2e6 is an integer because its value is one, only true and false are booleans, and a number may carry a
//   unit: `200 kHz`, `30 s`, `-3 dB`, `8 GiB`, `45 deg`, `4096 samples`. A number without one is in the declared unit.
#pragma once

#include <flowspan/units.hpp>

#include <complex>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan {

/// A number with the unit that was written after it.
struct Quantity {
    double value = 0;  // in base units (Hz, s, dB, B, rad, samples) if a unit was written, else as written
    bool has_unit = false;
    Dimension dimension = Dimension::none;
    friend bool operator==(const Quantity&, const Quantity&) = default;
};

/// Reads `-1.5e3 kHz`. The decimal prefixes shift the exponent before the text is rounded to a double, so `433.92 MHz` is
/// the double nearest to 433920000. Nothing when it is no number, or the unit is unknown. `inf` and `nan` are no numbers.
std::optional<Quantity> parse_quantity(std::string_view text);

/// The units that a number may carry, as people write them.
std::vector<std::string_view> unit_symbols();

/// Reads a plain decimal number without unit.
std::optional<double> parse_number(std::string_view text);

/// Reads an integer: digits, or any number whose value is integral and below 2^53 in magnitude (`2e6`, `1.5e1`).
std::optional<std::int64_t> parse_integer(std::string_view text);

/// Reads a complex number: `1+2j`, `-0.5j`, `1e-3 - 2e-3j`, `3`; `i` for `j`.
std::optional<std::complex<double>> parse_complex(std::string_view text);

/// `true` or `false`, nothing else.
std::optional<bool> parse_boolean(std::string_view text);

/// The number in `unit`, or nothing: text is no number, or has a unit of another dimension. What is wrong goes to `why`,
/// as the end of a sentence: "3 kg (`kg` is no unit)", "3 s (a time)".
std::optional<double> read_quantity(std::string_view text, const Unit& unit, std::string* why = nullptr);

/// The shortest text that reads back as the same double: "0.1", "48000", "2e+20".
std::string format_number(double value);
/// The same of a complex number: "1+2j", "-0.5j", "3".
std::string format_complex(std::complex<double> value);

/// For people, with the prefix that suits: "48 kHz", "1.5 ms", "8 GiB", "12 dB"; `value` is in `unit`.
std::string format_quantity(double value, const Unit& unit);

/// "frequency", "time", "level", "size in bytes", "angle", "number of samples"; "number" for none.
std::string_view name_of(Dimension dimension);

}  // namespace flowspan
