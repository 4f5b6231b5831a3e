#include "runtime/flowgraph/partly_right.hpp"

#include "core/mistakes/collect.hpp"

#include <map>
#include <set>
#include <utility>

namespace flowspan::runtime {

PartlyRight::PartlyRight(const Registry& registry, const std::string& text, const std::string& file,
                         const graph::ReadOptions& options)
    : registry_(registry) {
    BlockCatalog catalog(registry, made_);
    read_ = graph::read_partly(text, file, options, catalog);
    check_schedule(
        read_.spec, [this](int number) { return block(std::size_t(number)); }, read_.found);
    doubt_wrong_values();
}

const Block* PartlyRight::block(std::size_t number) const {
    const auto one = made_.find(read_.spec.blocks[number].name);
    return one == made_.end() ? nullptr : one->second.get();
}

void PartlyRight::doubt_wrong_values() {
    for (std::size_t b = 0; b < read_.spec.blocks.size(); ++b) {
        graph::FlatBlock& flat = read_.spec.blocks[b];
        const Block* made = block(b);
        if (made == nullptr) continue;
        std::erase_if(flat.settings, [&](const auto& setting) {
            const ParameterBase* parameter = made->parameter(setting.first);
            if (parameter != nullptr && parameter->explicitly_given()) return false;
            if (parameter != nullptr) flat.in_doubt.insert(setting.first);
            return true;
        });
    }
}

std::vector<std::string> PartlyRight::recordings() const {
    std::set<std::string> paths;
    for (std::size_t b = 0; b < read_.spec.blocks.size(); ++b) {
        const Block* made = block(b);
        if (made == nullptr) continue;
        for (const ParameterBase* p : made->parameters())
            if (p->declaration().kind == ParameterKind::input_path && p->explicitly_given() &&
                !read_.spec.blocks[b].in_doubt.contains(p->name()))
                paths.insert(p->value().string());
    }
    return {paths.begin(), paths.end()};
}

void PartlyRight::for_blocks_of(
    const std::string& path, const std::function<void(const Block&, const ParameterBase&, const graph::FlatBlock&)>& f) const {
    for (std::size_t b = 0; b < read_.spec.blocks.size(); ++b) {
        const Block* made = block(b);
        if (made == nullptr) continue;
        for (const ParameterBase* p : made->parameters())
            if (p->declaration().kind == ParameterKind::input_path && p->explicitly_given() && p->value().string() == path)
                f(*made, *p, read_.spec.blocks[b]);
    }
}

void PartlyRight::hide(const std::string& recording) {
    std::map<std::string, std::string> named;  // block, parameter
    for_blocks_of(recording, [&](const Block& block, const ParameterBase& parameter, const graph::FlatBlock&) {
        named.emplace(block.name(), parameter.name());
    });
    for (graph::FlatBlock& flat : read_.spec.blocks) {
        const auto one = named.find(flat.name);
        if (one == named.end()) continue;
        flat.settings.erase(one->second);
        flat.in_doubt.insert(one->second);
    }
}

std::unique_ptr<Flowgraph> PartlyRight::part(Diagnostics& further) {
    std::unique_ptr<Flowgraph> all;
    if (collect(further, [&] { all = std::make_unique<Flowgraph>(registry_, graph::right_part(read_, false)); })) return all;
    return std::make_unique<Flowgraph>(registry_, graph::right_part(read_, true));  // without its cycles
}

void PartlyRight::check_others(const Flowgraph& part, const Facts& facts, Diagnostics& found) const {
    std::set<std::string> there;
    for (const graph::FlatBlock& flat : part.spec().blocks) there.insert(flat.name);
    std::map<std::string, Value> values;
    for (const auto& [name, node] : read_.spec.parameters)
        if (!node.text.empty()) values.emplace(name, node.text);
    for (std::size_t b = 0; b < read_.spec.blocks.size(); ++b) {
        const graph::FlatBlock& flat = read_.spec.blocks[b];
        const Block* made = block(b);
        if (made == nullptr || there.contains(flat.name)) continue;
        for (const ParameterBase* p : made->parameters())
            if (p->declaration().kind == ParameterKind::product_path && p->explicitly_given() &&
                !flat.in_doubt.contains(p->name()))
                check_plain_path(*made, *p, values, found);
        if (read_.usable[b]) collect(found, [&] { describe_alone(*registry_.find(flat.type), flat, facts, found); });
    }
}

}  // namespace flowspan::runtime
