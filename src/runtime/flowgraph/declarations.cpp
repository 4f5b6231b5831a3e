#include "runtime/flowgraph/declarations.hpp"

#include <algorithm>
#include <map>
#include <typeindex>
#include <utility>

namespace flowspan::runtime {
namespace {

std::shared_ptr<const BlockDeclarations> copied(const Block& block) {
    auto all = std::make_shared<BlockDeclarations>();
    for (const ParameterBase* p : block.parameters()) all->parameters.push_back(p->declaration());
    for (const CommandBase* c : block.commands()) all->commands.push_back(c->name());
    for (const ReadingBase* r : block.readings()) all->readings.push_back(r->name());
    for (const MessageOutput* m : block.message_outputs()) all->message_outputs.push_back(m->name());
    return all;
}

}  // namespace

const ParameterDeclaration* BlockDeclarations::parameter(std::string_view name) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name == name; });
    return found == parameters.end() ? nullptr : &*found;
}

std::vector<std::shared_ptr<const BlockDeclarations>> declarations_of(const Flowgraph& graph) {
    // The class tells the variant; the type's name besides, since two types may be one class.
    std::map<std::pair<std::string_view, std::type_index>, std::shared_ptr<const BlockDeclarations>> known;
    std::vector<std::shared_ptr<const BlockDeclarations>> all;
    for (int b = 0; b < graph.size(); ++b) {
        const Block& block = graph.block(b);
        auto& declarations = known[{graph.spec().blocks[std::size_t(b)].type, std::type_index(typeid(block))}];
        if (declarations == nullptr) declarations = copied(block);
        all.push_back(declarations);
    }
    return all;
}

}  // namespace flowspan::runtime
