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

/// Passes items of any type on unchanged.
class copy : public BlockProxy {
public:
    struct Settings {};
    explicit copy(const BlockProxy& block) : BlockProxy(block) {}
    copy(Graph& graph, const std::string& name) : copy(graph, name, Settings{}) {}
    copy(Graph& graph, const std::string& name, const Settings&, int copies = 0)
        : copy(graph.add(name, "copy", detail::given_settings({}), copies)) {}
};

/// Passes the first items of a stream and ends; what makes them is cancelled.
class head : public BlockProxy {
public:
    struct Settings {
        /// How many items pass. A number of samples (an integer) >= 0 samples; must be given.
        std::optional<std::int64_t> length{};
    };
    explicit head(const BlockProxy& block) : BlockProxy(block) {}
    head(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : head(graph.add(name, "head", detail::given_settings({
              {"length", detail::setting(settings.length)}}), copies)) {}

    TypedParameter<std::int64_t> length{*this, "length"};
};

/// Leaves out the first items of a stream; what follows is numbered from 0 and keeps its time.
class skip : public BlockProxy {
public:
    struct Settings {
        /// How many items are left out. A number of samples (an integer) >= 0 samples; must be given.
        std::optional<std::int64_t> length{};
    };
    explicit skip(const BlockProxy& block) : BlockProxy(block) {}
    skip(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : skip(graph.add(name, "skip", detail::given_settings({
              {"length", detail::setting(settings.length)}}), copies)) {}

    TypedParameter<std::int64_t> length{*this, "length"};
};

/// Joins streams into items with a new first axis, a position for each stream.
class streams_to_vector : public BlockProxy {
public:
    struct Settings {
        /// How many streams are joined. An integer from 1 to 65536; default 2.
        std::optional<std::int64_t> inputs{};
        /// Name of the new axis, the first one of what leaves. A text; default channel.
        std::optional<std::string> axis{};
    };
    explicit streams_to_vector(const BlockProxy& block) : BlockProxy(block) {}
    streams_to_vector(Graph& graph, const std::string& name) : streams_to_vector(graph, name, Settings{}) {}
    streams_to_vector(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : streams_to_vector(graph.add(name, "streams_to_vector", detail::given_settings({
              {"inputs", detail::setting(settings.inputs)},
              {"axis", detail::setting(settings.axis)}}), copies)) {}

    TypedParameter<std::int64_t> inputs{*this, "inputs"};
    TypedParameter<std::string> axis{*this, "axis"};
};

/// Splits items along their first axis, into a stream for each of its positions.
class vector_to_streams : public BlockProxy {
public:
    struct Settings {
        /// How many streams: the size of the items' first axis. An integer from 1 to 65536; must be given.
        std::optional<std::int64_t> outputs{};
    };
    explicit vector_to_streams(const BlockProxy& block) : BlockProxy(block) {}
    vector_to_streams(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : vector_to_streams(graph.add(name, "vector_to_streams", detail::given_settings({
              {"outputs", detail::setting(settings.outputs)}}), copies)) {}

    TypedParameter<std::int64_t> outputs{*this, "outputs"};
};

}  // namespace flowspan::blocks
