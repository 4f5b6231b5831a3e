// One side of `->`, and one word of an assignment: `block`, `block[0-7]`, `block.port[*]`, `block[1,4].port[2]`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::graph {

/// What stands in brackets: `*`, or numbers and inclusive ranges.
struct Selector {
    bool all = false;
    std::vector<std::pair<int, int>> ranges;
    std::string text;  // as written, without brackets
    /// The indices below `size`; nothing when one is outside, or there are more than `size`.
    std::optional<std::vector<int>> pick(int size) const;
    bool has(int index) const;
    /// How many indices it names; 0 of `*`.
    int size() const;
};

struct Endpoint {
    std::string text;        // as written
    std::size_t offset = 0;  // of its first character in the text that it was taken from
    std::size_t part = 0;    // which text that is, of those that a connection is written in
    std::string block;
    std::optional<Selector> copies;
    std::string port;
    std::optional<Selector> ports;
};

/// Reads one endpoint. On a mistake returns nothing, and `why` says what was expected.
std::optional<Endpoint> parse_endpoint(const std::string& text, std::size_t offset, std::string& why);

/// One step of a path, and the whole: `receive[3].demod`.
struct PathStep {
    std::string name;
    std::optional<Selector> copies;
};
struct Path {
    std::string text;
    std::size_t offset = 0;
    std::vector<PathStep> steps;
};
/// Reads a path of any length. On a mistake returns nothing, and `why` says what was expected.
std::optional<Path> parse_path(const std::string& text, std::size_t offset, std::string& why);

/// Splits at `separator` outside brackets; each piece with its offset, blanks at its ends taken off.
std::vector<std::pair<std::string, std::size_t>> split_outside_brackets(const std::string& text, const std::string& separator);

}  // namespace flowspan::graph
