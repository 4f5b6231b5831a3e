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

/// Gives the items of a stream to several streams in turn, each of a part of its rate.
class deinterleave : public BlockProxy {
public:
    struct Settings {
        /// How many streams: items go to them in turn. An integer from 1 to 4096; must be given.
        std::optional<std::int64_t> outputs{};
    };
    explicit deinterleave(const BlockProxy& block) : BlockProxy(block) {}
    deinterleave(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : deinterleave(graph.add(name, "deinterleave", detail::given_settings({
              {"outputs", detail::setting(settings.outputs)}}), copies)) {}

    TypedParameter<std::int64_t> outputs{*this, "outputs"};
};

/// Lets samples and their tags leave later, zeros first, as many items as come; each keeps its time.
class delay : public BlockProxy {
public:
    struct Settings {
        /// How many items later the samples leave. A number of samples (an integer) from 0 samples to 268435456
        /// samples; must be given.
        std::optional<std::int64_t> samples{};
    };
    explicit delay(const BlockProxy& block) : BlockProxy(block) {}
    delay(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : delay(graph.add(name, "delay", detail::given_settings({
              {"samples", detail::setting(settings.samples)}}), copies)) {}

    TypedParameter<std::int64_t> samples{*this, "samples"};
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

/// Puts items of streams one after the other in turn, into one stream of as many times their rate.
class interleave : public BlockProxy {
public:
    struct Settings {
        /// How many streams take turns. An integer from 1 to 4096; default 2.
        std::optional<std::int64_t> inputs{};
    };
    explicit interleave(const BlockProxy& block) : BlockProxy(block) {}
    interleave(Graph& graph, const std::string& name) : interleave(graph, name, Settings{}) {}
    interleave(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : interleave(graph.add(name, "interleave", detail::given_settings({
              {"inputs", detail::setting(settings.inputs)}}), copies)) {}

    TypedParameter<std::int64_t> inputs{*this, "inputs"};
};

/// Passes one of several streams, which one may change while it runs; the others are taken and dropped.
class selector : public BlockProxy {
public:
    struct Settings {
        /// How many streams there are. An integer from 1 to 4096; default 2.
        std::optional<std::int64_t> inputs{};
        /// Which one passes, from 0. An integer from 0 to 4095; default 0; may change while running.
        std::optional<std::int64_t> selected{};
    };
    explicit selector(const BlockProxy& block) : BlockProxy(block) {}
    selector(Graph& graph, const std::string& name) : selector(graph, name, Settings{}) {}
    selector(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : selector(graph.add(name, "selector", detail::given_settings({
              {"inputs", detail::setting(settings.inputs)},
              {"selected", detail::setting(settings.selected)}}), copies)) {}

    TypedParameter<std::int64_t> inputs{*this, "inputs"};
    TypedParameter<std::int64_t> selected{*this, "selected"};
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

/// Joins successive items into one with a new first axis.
class stream_to_vector : public BlockProxy {
public:
    struct Settings {
        /// How many items make one. An integer from 1 to 16777216; must be given.
        std::optional<std::int64_t> size{};
        /// Name of the new axis, the first one of what leaves. A text; default time.
        std::optional<std::string> axis{};
    };
    explicit stream_to_vector(const BlockProxy& block) : BlockProxy(block) {}
    stream_to_vector(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : stream_to_vector(graph.add(name, "stream_to_vector", detail::given_settings({
              {"size", detail::setting(settings.size)},
              {"axis", detail::setting(settings.axis)}}), copies)) {}

    TypedParameter<std::int64_t> size{*this, "size"};
    TypedParameter<std::string> axis{*this, "axis"};
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

/// Passes items on at the rate of the clock on the wall, unchanged: for demonstrations, to watch a recording as it was.
/// Recordings need none.
class throttle : public BlockProxy {
public:
    struct Settings {
        /// Items per second of the clock on the wall; default: the stream's sample rate. A frequency >= 1 Hz; may be
        /// left out.
        std::optional<double> rate{};
    };
    explicit throttle(const BlockProxy& block) : BlockProxy(block) {}
    throttle(Graph& graph, const std::string& name) : throttle(graph, name, Settings{}) {}
    throttle(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : throttle(graph.add(name, "throttle", detail::given_settings({
              {"rate", detail::setting(settings.rate)}}), copies)) {}

    TypedParameter<double> rate{*this, "rate"};
};

/// Takes items apart along their first axis, into successive ones.
class vector_to_stream : public BlockProxy {
public:
    struct Settings {};
    explicit vector_to_stream(const BlockProxy& block) : BlockProxy(block) {}
    vector_to_stream(Graph& graph, const std::string& name) : vector_to_stream(graph, name, Settings{}) {}
    vector_to_stream(Graph& graph, const std::string& name, const Settings&, int copies = 0)
        : vector_to_stream(graph.add(name, "vector_to_stream", detail::given_settings({}), copies)) {}
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
