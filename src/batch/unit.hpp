// A unit of a batch: what one run of the graph is about. docs/batches.md is the design.
#pragma once

#include <flowspan/value.hpp>

#include <map>
#include <string>
#include <vector>

namespace flowspan::batch {

struct Unit {
    std::string folder;                               // of its products, below OUT; its name: no two units share one
    std::string recording;                            // its path
    std::string graph{};                              // the path of another graph than that of the batch
    std::string from{}, duration{};                   // of the recording, as written; "" all of it
    std::map<std::string, std::string> parameters{};  // as written

    Value value() const;
    /// Throws Failure where it is none.
    static Unit from_value(const Value& v);
    friend bool operator==(const Unit&, const Unit&) = default;
};

/// The files that a recording consists of: the header, where there is one, and then what holds the samples.
std::vector<std::string> files_of_recording(const std::string& path);

}  // namespace flowspan::batch
