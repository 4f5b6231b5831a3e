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

/// Makes real samples of complex ones: a part, the magnitude, the power or the phase.
class complex_to : public BlockProxy {
public:
    struct Settings {
        /// What leaves of each sample: one of its two numbers, its magnitude, the square of that (power), or its phase
        /// from -pi to pi rad. One of real, imag, magnitude, power, phase; must be given.
        std::optional<std::string> part{};
    };
    explicit complex_to(const BlockProxy& block) : BlockProxy(block) {}
    complex_to(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : complex_to(graph.add(name, "complex_to", detail::given_settings({
              {"part", detail::setting(settings.part)}}), copies)) {}

    TypedParameter<std::string> part{*this, "part"};
};

/// Gives the real and the imaginary part of complex samples a stream each.
class complex_to_float : public BlockProxy {
public:
    struct Settings {};
    explicit complex_to_float(const BlockProxy& block) : BlockProxy(block) {}
    complex_to_float(Graph& graph, const std::string& name) : complex_to_float(graph, name, Settings{}) {}
    complex_to_float(Graph& graph, const std::string& name, const Settings&, int copies = 0)
        : complex_to_float(graph.add(name, "complex_to_float", detail::given_settings({}), copies)) {}
};

/// Conjugates complex samples: mirrors the spectrum at its centre.
class conjugate : public BlockProxy {
public:
    struct Settings {};
    explicit conjugate(const BlockProxy& block) : BlockProxy(block) {}
    conjugate(Graph& graph, const std::string& name) : conjugate(graph, name, Settings{}) {}
    conjugate(Graph& graph, const std::string& name, const Settings&, int copies = 0)
        : conjugate(graph.add(name, "conjugate", detail::given_settings({}), copies)) {}
};

/// Makes complex samples of two real streams: the real and the imaginary part.
class float_to_complex : public BlockProxy {
public:
    struct Settings {};
    explicit float_to_complex(const BlockProxy& block) : BlockProxy(block) {}
    float_to_complex(Graph& graph, const std::string& name) : float_to_complex(graph, name, Settings{}) {}
    float_to_complex(Graph& graph, const std::string& name, const Settings&, int copies = 0)
        : float_to_complex(graph.add(name, "float_to_complex", detail::given_settings({}), copies)) {}
};

/// Mixes complex samples with an oscillator, in each channel (frequency_translate filters, too).
class rotate : public BlockProxy {
public:
    struct Settings {
        /// How far up everything moves; what was as far below the centre becomes the centre. A frequency; must be
        /// given; may change while running.
        std::optional<double> frequency{};
    };
    explicit rotate(const BlockProxy& block) : BlockProxy(block) {}
    rotate(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : rotate(graph.add(name, "rotate", detail::given_settings({
              {"frequency", detail::setting(settings.frequency)}}), copies)) {}

    TypedParameter<double> frequency{*this, "frequency"};
};

}  // namespace flowspan::blocks
