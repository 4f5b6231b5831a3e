// Ports by their names, of blocks that may have tens of thousands.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace flowspan::runtime {

/// Of the inputs, or of the outputs, of all blocks; while their ports stay as they are.
class PortNumbers {
public:
    /// Of the port of this name, which the block has.
    template <class Ports>
    std::size_t number(int block, const Ports& ports, const std::string& name) {
        auto& known = of_block_[block];
        if (known.empty())
            for (std::size_t k = 0; k < ports.size(); ++k) known.emplace(ports[k]->name(), k);
        return known.at(name);
    }

private:
    std::map<int, std::unordered_map<std::string_view, std::size_t>> of_block_;
};

}  // namespace flowspan::runtime
