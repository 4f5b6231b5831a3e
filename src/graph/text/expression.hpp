// Arithmetic in graph files: `$source.sample_rate / $spacing`, `max(3, 2 * $n)`, `$width <= 25 kHz`.
#pragma once

#include <flowspan/units.hpp>

#include <functional>
#include <optional>
#include <string>

namespace flowspan::graph {

/// What an expression comes to: a number in base units of its dimension (Hz, s, dB, B, rad, samples), or a boolean (1 or 0).
struct Computed {
    double value = 0;
    Dimension dimension = Dimension::none;
    bool boolean = false;
    /// As it could stand in a graph file: "48000 Hz", "16", "true".
    std::string text() const;
};

/// What `$name` or `$block.parameter` comes to; nothing when it has said itself what is wrong.
using Lookup = std::function<std::optional<Computed>(const std::string& name)>;

/// How many entries `$name` has: of a list its length, else 1; nothing when it has said itself what is wrong.
using CountOf = std::function<std::optional<std::size_t>(const std::string& name)>;

/// What is wrong with an expression, and where in its text.
struct Mistake {
    std::string why;         // "a `)` is missing"; empty when `lookup` has said it
    std::size_t offset = 0;  // of the character at fault
    bool syntax = false;     // it is no expression at all
};

/// + - * / // % ( ), == != < <= > >=, min max round floor ceil log2, count($list), numbers with units, true and false. `//` and
/// `%` round towards minus infinity. Units must agree; like divided by like is a plain number, 1 / frequency is a time and the
/// other way round. Nothing after a mistake, which `mistake` then tells.
std::optional<Computed> evaluate(const std::string& text, const Lookup& lookup, Mistake& mistake, const CountOf& count = {});

}  // namespace flowspan::graph
