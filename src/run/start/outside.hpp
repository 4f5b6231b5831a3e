// What reading a graph needs beyond its text: included files, environment variables, headers of recordings. Rank 0 looks and
// remembers; the other ranks are told the same.
#pragma once

#include "graph/spec.hpp"

#include <flowspan/registry.hpp>

#include <map>
#include <string>
#include <vector>

namespace flowspan::run {

/// "expected a recording that can be read, got band.cf32: No such file or directory", without its place.
Diagnostic unreadable(const Failure& failure);

class RememberedOutside final : public graph::Outside {
public:
    /// Looks for itself and remembers what it saw.
    explicit RememberedOutside(const Registry& registry) : registry_(registry), looks_(true) {}
    /// Knows what another one saw; and nothing else, unless it looks for the rest itself.
    RememberedOutside(const Registry& registry, const Value& seen, bool looks = false);

    std::string text_of(const std::string& path) override;
    /// Also of NumPy arrays, whatever their shape.
    std::vector<std::complex<double>> numbers_of(const std::string& path) override;
    std::optional<std::string> variable(const std::string& name) override;
    graph::SourceFacts facts_of(const graph::FlatBlock& block, Diagnostics& found) override;

    /// Everything seen so far, for the other ranks and for the report.
    Value value() const;
    const std::map<std::string, std::optional<std::string>>& variables() const { return variables_; }
    /// The texts that were read: what the graph includes.
    std::vector<std::string> files() const;
    /// The files of numbers that were read.
    std::vector<std::string> lists() const;

private:
    const Recording& recording(const std::string& path);

    const Registry& registry_;
    bool looks_ = false;
    std::map<std::string, std::string> texts_;
    std::map<std::string, std::vector<std::complex<double>>> numbers_;
    std::map<std::string, std::optional<std::string>> variables_;
    std::map<std::string, Recording> recordings_;
};

}  // namespace flowspan::run
