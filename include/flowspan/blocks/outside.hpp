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

/// Passes items through a program of your own: raw items on its stdin, raw items on its stdout. What it writes to
/// stderr is logged; an exit code other than 0 fails the run. Whether it does the same each time is not checked.
class pipe : public BlockProxy {
public:
    struct Settings {
        /// The program and its arguments: [python3, demodulate.py]. With `shell: true` one line for /bin/sh. A list of
        /// texts; must be given.
        std::optional<std::vector<std::string>> command{};
        /// Whether /bin/sh runs the command. True or false; default false.
        std::optional<bool> shell{};
        /// What the program expects to read: another type is refused before the run. A sample type (cf32, ci16, rf32,
        /// ...); may be left out.
        std::optional<std::string> input{};
        /// What it writes; default: what it reads. A sample type (cf32, ci16, rf32, ...); may be left out.
        std::optional<std::string> output{};
        /// How many items it writes for each that it reads: 1, 1/10, 2. A text; default 1.
        std::optional<std::string> ratio{};
        /// Items of a frame: the program gets the next one when it has written what `ratio` makes of the last. 0: it
        /// reads and writes as it likes. A number of samples (an integer) from 0 samples to 1048576 samples; default 0
        /// samples.
        std::optional<std::int64_t> framing{};
    };
    explicit pipe(const BlockProxy& block) : BlockProxy(block) {}
    pipe(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : pipe(graph.add(name, "pipe", detail::given_settings({
              {"command", detail::setting(settings.command)},
              {"shell", detail::setting(settings.shell)},
              {"input", detail::setting(settings.input)},
              {"output", detail::setting(settings.output)},
              {"ratio", detail::setting(settings.ratio)},
              {"framing", detail::setting(settings.framing)}}), copies)) {}

    TypedParameter<std::vector<std::string>> command{*this, "command"};
    TypedParameter<bool> shell{*this, "shell"};
    TypedParameter<std::string> input{*this, "input"};
    TypedParameter<std::string> output{*this, "output"};
    TypedParameter<std::string> ratio{*this, "ratio"};
    TypedParameter<std::int64_t> framing{*this, "framing"};
};

}  // namespace flowspan::blocks
