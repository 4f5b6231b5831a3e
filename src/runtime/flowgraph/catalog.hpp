// Blocks as the graph file means them: constructed, with their parameters set.
#pragma once

#include "graph/spec.hpp"

#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace flowspan::runtime {

/// A block of this type with its name and place. Throws Refused where it cannot be constructed.
std::unique_ptr<Block> construct(const BlockType& type, std::size_t variant, const graph::FlatBlock& flat);

/// Sets the parameters of a block from the texts of a graph file; appends mistakes.
void apply_settings(Block& block, const graph::FlatBlock& flat, Diagnostics& found);
/// Says of the mistakes from `first` on that are about values of this block what those values come from: "$width is 200 kHz
/// (…)".
void say_where_from(const graph::FlatBlock& flat, Diagnostics& found, std::size_t first);

/// What describe() says of the settings of a block of which no input is known: as far as it asks for none, and only what it
/// says whatever sample type comes.
void describe_alone(const BlockType& type, const graph::FlatBlock& flat, const Facts& facts, Diagnostics& found);

/// "in" of "in[3]": the group of a port.
std::string base_name(const std::string& port);

/// Constructs blocks as the reader meets them, into `blocks`, by name.
class BlockCatalog final : public graph::Catalog {
public:
    using Blocks = std::map<std::string, std::unique_ptr<Block>>;
    BlockCatalog(const Registry& registry, Blocks& blocks) : registry_(registry), blocks_(blocks) {}
    /// For what needs types and their parameters alone.
    explicit BlockCatalog(const Registry& registry) : registry_(registry), blocks_(own_) {}
    std::vector<std::string> types() const override;
    bool has(const std::string& type) const override;
    std::vector<const ParameterDeclaration*> parameters(const std::string& type) const override;
    std::vector<graph::PortInfo> ports(const graph::FlatBlock& flat, Diagnostics& found) override;

private:
    const Registry& registry_;
    Blocks own_;
    Blocks& blocks_;
    mutable Blocks prototypes_;
};

}  // namespace flowspan::runtime
