// The block types of a registry and their parameters, for what needs no whole graph.
#pragma once

#include "graph/spec.hpp"

#include <flowspan/registry.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace flowspan::cli {

class Types final : public graph::Catalog {
public:
    explicit Types(const Registry& registry) : registry_(registry) {}
    std::vector<std::string> types() const override {
        std::vector<std::string> names;
        for (const auto& [name, type] : registry_.all()) names.push_back(name);
        return names;
    }
    bool has(const std::string& type) const override { return registry_.find(type) != nullptr; }
    std::vector<const ParameterDeclaration*> parameters(const std::string& type) const override {
        auto& prototype = prototypes_[type];
        if (prototype == nullptr) prototype = registry_.find(type)->variants[0].make();
        std::vector<const ParameterDeclaration*> all;
        for (const auto* p : prototype->parameters()) all.push_back(&p->declaration());
        return all;
    }
    std::vector<graph::PortInfo> ports(const graph::FlatBlock&, Diagnostics&) override { return {}; }

private:
    const Registry& registry_;
    mutable std::map<std::string, std::unique_ptr<Block>> prototypes_;
};

}  // namespace flowspan::cli
