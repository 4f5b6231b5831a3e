// A graph with mistakes, as far as it can be described: so that all of them are found in one go.
#pragma once

#include "runtime/flowgraph/flowgraph.hpp"

#include <memory>
#include <set>
#include <string>

namespace flowspan::runtime {

class PartlyRight {
public:
    /// Reads the graph. Throws Refused where it is no document, Failure where a file cannot be read.
    PartlyRight(const Registry& registry, const std::string& text, const std::string& file, const graph::ReadOptions& options);
    /// What is wrong with it as it stands.
    const Diagnostics& found() const { return read_.found; }
    const graph::Assignment& assignment() const { return read_.spec.assignment; }
    /// The blocks that are right and whose inputs come from such, ready to be described; `wrong`: names of some that are not
    /// right for another reason. Appends cycles.
    std::unique_ptr<Flowgraph> part(const std::set<std::string>& wrong, Diagnostics& further);

private:
    const Registry& registry_;
    graph::PartlyRead read_;
};

}  // namespace flowspan::runtime
