// A graph with mistakes, as far as it can be described: so that all of them are found in one go.
#pragma once

#include "runtime/flowgraph/catalog.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace flowspan::runtime {

class PartlyRight {
public:
    /// Reads the graph. Throws Refused where it is no document, Failure where a file cannot be read.
    PartlyRight(const Registry& registry, const std::string& text, const std::string& file, const graph::ReadOptions& options);
    /// What is wrong with it as it stands.
    const Diagnostics& found() const { return read_.found; }
    const graph::Assignment& assignment() const { return read_.spec.assignment; }
    /// Paths of all recordings that parameters name whose value is known, each once.
    std::vector<std::string> recordings() const;
    /// f(block, parameter, flat block) for every such parameter that names this recording.
    void for_blocks_of(const std::string& path,
                       const std::function<void(const Block&, const ParameterBase&, const graph::FlatBlock&)>& f) const;
    /// What depends on the recording is in doubt: nothing is known of it.
    void hide(const std::string& recording);
    /// The blocks whose ports are known and whose inputs come from such, ready to be described. Unknown keys are left out,
    /// wrong values are in doubt. Appends cycles.
    std::unique_ptr<Flowgraph> part(Diagnostics& further);
    /// What blocks that `part` leaves out say by themselves: paths of products, and describe() as far as it asks for no input.
    void check_others(const Flowgraph& part, const Facts& facts, Diagnostics& found) const;

private:
    const Block* block(std::size_t number) const;
    void doubt_wrong_values();

    const Registry& registry_;
    BlockCatalog::Blocks made_;
    graph::PartlyRead read_;
};

}  // namespace flowspan::runtime
