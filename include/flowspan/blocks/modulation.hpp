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

/// Demodulates frequency modulation (quadrature), of each channel.
class fm_demod : public BlockProxy {
public:
    struct Settings {
        /// Frequency deviation that gives an output of 1. A frequency >= 1 Hz; default 75000.0 Hz; may change while
        /// running.
        std::optional<double> deviation{};
    };
    explicit fm_demod(const BlockProxy& block) : BlockProxy(block) {}
    fm_demod(Graph& graph, const std::string& name) : fm_demod(graph, name, Settings{}) {}
    fm_demod(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : fm_demod(graph.add(name, "fm_demod", detail::given_settings({
              {"deviation", detail::setting(settings.deviation)}}), copies)) {}

    TypedParameter<double> deviation{*this, "deviation"};
};

/// Modulates the frequency of a carrier at 0 Hz, one for each channel. Counts samples that are not finite, which leave
/// the phase as it is.
class fm_modulator : public BlockProxy {
public:
    struct Settings {
        /// Frequency deviation for an input of 1. A frequency >= 0 Hz; default 75000.0 Hz; may change while running.
        std::optional<double> deviation{};
        /// Magnitude of the output. A number >= 0; default 1.0; may change while running.
        std::optional<double> amplitude{};
    };
    explicit fm_modulator(const BlockProxy& block) : BlockProxy(block) {}
    fm_modulator(Graph& graph, const std::string& name) : fm_modulator(graph, name, Settings{}) {}
    fm_modulator(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : fm_modulator(graph.add(name, "fm_modulator", detail::given_settings({
              {"deviation", detail::setting(settings.deviation)},
              {"amplitude", detail::setting(settings.amplitude)}}), copies)) {}

    TypedParameter<double> deviation{*this, "deviation"};
    TypedParameter<double> amplitude{*this, "amplitude"};
};

/// Lets a phase go on where it jumps by a turn, of real samples; leaves 64-bit floats.
class unwrap : public BlockProxy {
public:
    struct Settings {
        /// What one turn is: 2 pi rad. A number from 1e-30 to 1e+30; default 6.283185307179586.
        std::optional<double> period{};
    };
    explicit unwrap(const BlockProxy& block) : BlockProxy(block) {}
    unwrap(Graph& graph, const std::string& name) : unwrap(graph, name, Settings{}) {}
    unwrap(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : unwrap(graph.add(name, "unwrap", detail::given_settings({
              {"period", detail::setting(settings.period)}}), copies)) {}

    TypedParameter<double> period{*this, "period"};
};

}  // namespace flowspan::blocks
