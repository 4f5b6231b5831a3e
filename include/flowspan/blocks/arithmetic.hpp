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

/// Magnitude of real samples (of complex ones: complex_to).
class abs : public BlockProxy {
public:
    struct Settings {};
    explicit abs(const BlockProxy& block) : BlockProxy(block) {}
    abs(Graph& graph, const std::string& name) : abs(graph, name, Settings{}) {}
    abs(Graph& graph, const std::string& name, const Settings&, int copies = 0)
        : abs(graph.add(name, "abs", detail::given_settings({}), copies)) {}
};

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

/// Adds a constant to every sample, in items of any shape.
class add_const : public BlockProxy {
public:
    struct Settings {
        /// What is added, as 2 or 0.5-1j; real to real samples. A complex number (1+2j); must be given; may change
        /// while running.
        std::optional<std::complex<double>> constant{};
    };
    explicit add_const(const BlockProxy& block) : BlockProxy(block) {}
    add_const(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : add_const(graph.add(name, "add_const", detail::given_settings({
              {"constant", detail::setting(settings.constant)}}), copies)) {}

    TypedParameter<std::complex<double>> constant{*this, "constant"};
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

/// Divides a stream by others sample by sample, in items of any shape.
class divide : public BlockProxy {
public:
    struct Settings {
        /// How many streams: the first is divided by the others. An integer from 1 to 4096; default 2.
        std::optional<std::int64_t> inputs{};
    };
    explicit divide(const BlockProxy& block) : BlockProxy(block) {}
    divide(Graph& graph, const std::string& name) : divide(graph, name, Settings{}) {}
    divide(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : divide(graph.add(name, "divide", detail::given_settings({
              {"inputs", detail::setting(settings.inputs)}}), copies)) {}

    TypedParameter<std::int64_t> inputs{*this, "inputs"};
};

/// Logarithm of real samples times a factor: decibels.
class log10 : public BlockProxy {
public:
    struct Settings {
        /// Factor: 10 makes decibels of powers, 20 of amplitudes. A number; default 10.0; may change while running.
        std::optional<double> scale{};
    };
    explicit log10(const BlockProxy& block) : BlockProxy(block) {}
    log10(Graph& graph, const std::string& name) : log10(graph, name, Settings{}) {}
    log10(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : log10(graph.add(name, "log10", detail::given_settings({
              {"scale", detail::setting(settings.scale)}}), copies)) {}

    TypedParameter<double> scale{*this, "scale"};
};

/// Multiplies streams sample by sample, in items of any shape; or by the conjugate of the second.
class multiply : public BlockProxy {
public:
    struct Settings {
        /// How many streams are multiplied. An integer from 1 to 4096; default 2.
        std::optional<std::int64_t> inputs{};
        /// Multiplies by the conjugate of the second of two complex streams. True or false; default false.
        std::optional<bool> conjugate{};
    };
    explicit multiply(const BlockProxy& block) : BlockProxy(block) {}
    multiply(Graph& graph, const std::string& name) : multiply(graph, name, Settings{}) {}
    multiply(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : multiply(graph.add(name, "multiply", detail::given_settings({
              {"inputs", detail::setting(settings.inputs)},
              {"conjugate", detail::setting(settings.conjugate)}}), copies)) {}

    TypedParameter<std::int64_t> inputs{*this, "inputs"};
    TypedParameter<bool> conjugate{*this, "conjugate"};
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

/// Takes streams from the first one, in items of any shape, each by its full scale; 16-bit integers saturate, and what
/// is clipped is counted.
class subtract : public BlockProxy {
public:
    struct Settings {
        /// How many streams: the others are taken from the first. An integer from 1 to 4096; default 2.
        std::optional<std::int64_t> inputs{};
    };
    explicit subtract(const BlockProxy& block) : BlockProxy(block) {}
    subtract(Graph& graph, const std::string& name) : subtract(graph, name, Settings{}) {}
    subtract(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : subtract(graph.add(name, "subtract", detail::given_settings({
              {"inputs", detail::setting(settings.inputs)}}), copies)) {}

    TypedParameter<std::int64_t> inputs{*this, "inputs"};
};

}  // namespace flowspan::blocks
