// Block types as C++ classes, for graphs that a program builds; written by `flowspan blocks --cpp`:
//
//     flowspan::blocks::TYPE block(graph, "name", {.parameter = value});
//     block.parameter.set(value);
//
// Settings that are left out keep their defaults. A class can also be made of what `Graph::block` gives.
// clang-format off
#pragma once

#include <flowspan/typed.hpp>

#include <complex>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::blocks {

/// Adds streams of items of any shape, each by its full scale; 16-bit integers saturate, and what is clipped is
/// counted.
class add : public BlockProxy {
public:
    struct Settings {
        /// How many streams are added. An integer from 1 to 4096; default 2.
        std::optional<std::int64_t> inputs{};
    };
    explicit add(const BlockProxy& block) : BlockProxy(block) {}
    add(Graph& graph, const std::string& name) : add(graph, name, Settings{}) {}
    add(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : add(graph.add(name, "add", detail::given_settings({
              {"inputs", detail::setting(settings.inputs)}}), copies)) {}

    TypedParameter<std::int64_t> inputs{*this, "inputs"};
};

/// Turns samples into another type, in items of any shape: by full scale, rounded half to even, saturated. Counts
/// finite values that are clipped, and those that are not finite (as an integer NaN becomes 0).
class convert : public BlockProxy {
public:
    struct Settings {
        /// The type that leaves: cf32, cf64, ci8, ci16, ci32, cu8, cu16, cu32 (of complex samples), rf32, rf64, ri8,
        /// ri16, ri32, ru8, ru16, ru32 (of real ones). A sample type (cf32, ci16, rf32, ...); must be given.
        std::optional<std::string> to{};
    };
    explicit convert(const BlockProxy& block) : BlockProxy(block) {}
    convert(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : convert(graph.add(name, "convert", detail::given_settings({
              {"to", detail::setting(settings.to)}}), copies)) {}

    TypedParameter<std::string> to{*this, "to"};
};

/// Multiplies every sample by a constant, in items of any shape.
class multiply_const : public BlockProxy {
public:
    struct Settings {
        /// Factor, as 2 or 0.5-1j; real for real samples. A complex number (1+2j); must be given; may change while
        /// running.
        std::optional<std::complex<double>> constant{};
    };
    explicit multiply_const(const BlockProxy& block) : BlockProxy(block) {}
    multiply_const(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : multiply_const(graph.add(name, "multiply_const", detail::given_settings({
              {"constant", detail::setting(settings.constant)}}), copies)) {}

    TypedParameter<std::complex<double>> constant{*this, "constant"};
};

}  // namespace flowspan::blocks
