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

/// Sums of successive items, in items of any shape (their mean: moving_average and keep_one_in_n).
class integrate : public BlockProxy {
public:
    struct Settings {
        /// How many items make a sum. An integer from 1 to 16777216; must be given.
        std::optional<std::int64_t> n{};
    };
    explicit integrate(const BlockProxy& block) : BlockProxy(block) {}
    integrate(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : integrate(graph.add(name, "integrate", detail::given_settings({
              {"n", detail::setting(settings.n)}}), copies)) {}

    TypedParameter<std::int64_t> n{*this, "n"};
};

/// Keeps some successive items in so many, each at its time.
class keep_m_in_n : public BlockProxy {
public:
    struct Settings {
        /// So many successive items stay … An integer from 1 to 1073741824; must be given.
        std::optional<std::int64_t> m{};
        /// … of so many. An integer from 1 to 1073741824; must be given.
        std::optional<std::int64_t> n{};
        /// The first of them, from 0. An integer from 0 to 1073741823; default 0.
        std::optional<std::int64_t> offset{};
    };
    explicit keep_m_in_n(const BlockProxy& block) : BlockProxy(block) {}
    keep_m_in_n(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : keep_m_in_n(graph.add(name, "keep_m_in_n", detail::given_settings({
              {"m", detail::setting(settings.m)},
              {"n", detail::setting(settings.n)},
              {"offset", detail::setting(settings.offset)}}), copies)) {}

    TypedParameter<std::int64_t> m{*this, "m"};
    TypedParameter<std::int64_t> n{*this, "n"};
    TypedParameter<std::int64_t> offset{*this, "offset"};
};

/// Keeps the first item in so many, without a filter.
class keep_one_in_n : public BlockProxy {
public:
    struct Settings {
        /// One in so many items stays. An integer from 1 to 1073741824; must be given.
        std::optional<std::int64_t> n{};
    };
    explicit keep_one_in_n(const BlockProxy& block) : BlockProxy(block) {}
    keep_one_in_n(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : keep_one_in_n(graph.add(name, "keep_one_in_n", detail::given_settings({
              {"n", detail::setting(settings.n)}}), copies)) {}

    TypedParameter<std::int64_t> n{*this, "n"};
};

/// Repeats every item, of any type.
class repeat : public BlockProxy {
public:
    struct Settings {
        /// How often each item leaves. An integer from 1 to 1048576; must be given.
        std::optional<std::int64_t> n{};
    };
    explicit repeat(const BlockProxy& block) : BlockProxy(block) {}
    repeat(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : repeat(graph.add(name, "repeat", detail::given_settings({
              {"n", detail::setting(settings.n)}}), copies)) {}

    TypedParameter<std::int64_t> n{*this, "n"};
};

}  // namespace flowspan::blocks
