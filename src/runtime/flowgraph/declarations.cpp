#include "runtime/flowgraph/declarations.hpp"

#include "core/process/alive.hpp"

#include <map>
#include <typeindex>
#include <utility>

namespace flowspan::runtime {

std::vector<std::shared_ptr<const BlockDeclarations>> declarations_of(const Flowgraph& graph) {
    // The class tells the variant; the type's name besides, since two types may be one class.
    std::map<std::pair<std::string_view, std::type_index>, std::shared_ptr<const BlockDeclarations>> known;
    std::vector<std::shared_ptr<const BlockDeclarations>> all;
    for (int b = 0; b < graph.size(); ++b) {
        still_here();
        const Block& block = graph.block(b);
        auto& declarations = known[{graph.spec().blocks[std::size_t(b)].type, std::type_index(typeid(block))}];
        if (declarations == nullptr) declarations = std::make_shared<BlockDeclarations>(declarations_of(block));
        all.push_back(declarations);
    }
    return all;
}

}  // namespace flowspan::runtime
