// The library of block types.
#pragma once

#include <flowspan/block.hpp>
#include <flowspan/format.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace flowspan {

template <class... T>
struct Types {};
/// `types<cf32, f32>`: the sample types that a block template is offered in; the first is the default.
template <class... T>
inline constexpr Types<T...> types{};

/// Of a block that says `static constexpr int revision = 2;` (public), else 1.
template <class B>
constexpr int revision_of() {
    if constexpr (requires { requires std::is_same_v<decltype(&B::revision), const int*>; })  // no other member of that name
        return B::revision;
    else
        return 1;
}

/// Whether a block has kernels for devices: one that says `static constexpr bool on_devices = true;` (public).
template <class B>
constexpr bool is_on_devices() {
    if constexpr (requires { requires std::is_same_v<decltype(&B::on_devices), const bool*>; })
        return B::on_devices;
    else
        return false;
}

/// How a block type is made. A type in several sample types has one variant each; the stream on input 0 (a source: the
/// parameter `datatype`) chooses.
struct BlockType {
    struct Variant {
        SampleType type = SampleType::any;
        std::function<std::unique_ptr<Block>()> make;
        bool on_devices = false;  // it can run on one
    };
    std::string name, summary;
    std::string example;  // parameters as in a graph file: "deviation: 75 kHz"
    std::vector<Variant> variants;
    std::string kind{};  // "filters": what it is listed under; "" of plug-ins
    /// Raised whenever the same input comes to other bytes: what a batch has made with an earlier one is made again. A number
    /// of the block itself: `static constexpr int revision = 2;`. Plug-ins count by their file instead.
    int revision = 1;
};

class Registry {
public:
    // NOLINTBEGIN(performance-unnecessary-value-param): all are moved from.
    /// `example`: the block's parameters as they could stand in a graph file; shown by `flowspan blocks`, run by the tests.
    template <class B>
    void add(std::string name, std::string summary, std::string example = {}) {
        add({.name = std::move(name),
             .summary = std::move(summary),
             .example = std::move(example),
             .variants = {{SampleType::any, [] { return std::make_unique<B>(); }, is_on_devices<B>()}},
             .revision = revision_of<B>()});
    }
    template <template <class> class B, class... T>
    void add(std::string name, std::string summary, Types<T...>, std::string example = {}) {
        add({.name = std::move(name),
             .summary = std::move(summary),
             .example = std::move(example),
             .variants = {{sample_type_of<T>, [] { return std::make_unique<B<T>>(); }, is_on_devices<B<T>>()}...},
             .revision = std::max({revision_of<B<T>>()...})});
    }
    // NOLINTEND(performance-unnecessary-value-param)
    void add(BlockType type);
    /// Of recordings: of a name that no other has. Known in the whole process from when the plug-in is loaded.
    void add(std::shared_ptr<const RecordingFormat> format) { formats_.push_back(std::move(format)); }
    const std::vector<std::shared_ptr<const RecordingFormat>>& formats() const { return formats_; }
    /// What the types added from here on are listed under.
    void kind(std::string kind) { kind_ = std::move(kind); }
    const BlockType* find(std::string_view name) const;
    /// All, by name.
    const std::map<std::string, BlockType, std::less<>>& all() const { return types_; }

private:
    std::map<std::string, BlockType, std::less<>> types_;
    std::vector<std::shared_ptr<const RecordingFormat>> formats_;
    std::string kind_;
};

/// The blocks that flowspan brings along.
const Registry& built_in_blocks();

}  // namespace flowspan
