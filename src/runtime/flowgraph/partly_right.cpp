#include "runtime/flowgraph/partly_right.hpp"

#include "core/mistakes/collect.hpp"
#include "runtime/flowgraph/catalog.hpp"

namespace flowspan::runtime {

PartlyRight::PartlyRight(const Registry& registry, const std::string& text, const std::string& file,
                         const graph::ReadOptions& options)
    : registry_(registry) {
    BlockCatalog::Blocks made;
    BlockCatalog catalog(registry, made);
    read_ = graph::read_partly(text, file, options, catalog);
    const auto block = [&](int number) -> const Block* {
        const auto one = made.find(read_.spec.blocks[std::size_t(number)].name);
        return one == made.end() ? nullptr : one->second.get();
    };
    check_schedule(read_.spec, block, read_.found);
}

std::unique_ptr<Flowgraph> PartlyRight::part(const std::set<std::string>& wrong, Diagnostics& further) {
    for (std::size_t b = 0; b < read_.right.size(); ++b)
        if (wrong.contains(read_.spec.blocks[b].name)) read_.right[b] = false;
    std::unique_ptr<Flowgraph> all;
    if (collect(further, [&] { all = std::make_unique<Flowgraph>(registry_, graph::right_part(read_, false)); })) return all;
    return std::make_unique<Flowgraph>(registry_, graph::right_part(read_, true));  // without its cycles
}

}  // namespace flowspan::runtime
