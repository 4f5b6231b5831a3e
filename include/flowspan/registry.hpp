// The library of block types.
#pragma once

#include <flowspan/block.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace flowspan {

template <class... T>
struct Types {};
/// `types<cf32, f32>`: the sample types that a block template is offered in; the first is the default.
template <class... T>
inline constexpr Types<T...> types{};

/// How a block type is made. A type in several sample types has one variant each; the stream on input 0 (a source: the
/// parameter `datatype`) chooses.
struct BlockType {
    struct Variant {
        SampleType type = SampleType::any;
        std::function<std::unique_ptr<Block>()> make;
    };
    std::string name, summary;
    std::string example;  // parameters as in a graph file: "deviation: 75 kHz"
    std::vector<Variant> variants;
    std::string kind{};  // "filters": what it is listed under; "" of plug-ins
};

class Registry {
public:
    /// `example`: the block's parameters as they could stand in a graph file; shown by `flowspan blocks`, run by the tests.
    template <class B>
    void add(std::string name, std::string summary, std::string example = {}) {
        add(BlockType{std::move(name), std::move(summary), std::move(example), {{SampleType::any, [] {
                                                                                     return std::make_unique<B>();
                                                                                 }}}});
    }
    template <template <class> class B, class... T>
    void add(std::string name, std::string summary, Types<T...>, std::string example = {}) {
        add(BlockType{std::move(name), std::move(summary), std::move(example), {{sample_type_of<T>, [] {
                                                                                     return std::make_unique<B<T>>();
                                                                                 }}...}});
    }
    void add(BlockType type);
    /// What the types added from here on are listed under.
    void kind(std::string kind) { kind_ = std::move(kind); }
    const BlockType* find(std::string_view name) const;
    /// All, by name.
    const std::map<std::string, BlockType, std::less<>>& all() const { return types_; }

private:
    std::map<std::string, BlockType, std::less<>> types_;
    std::string kind_;
};

/// The blocks that flowspan brings along.
const Registry& built_in_blocks();

}  // namespace flowspan
