// A unit whose products are to take their names, as rank 0 tells it to the rank that made them.
#pragma once

#include "batch/work/compute.hpp"

#include <flowspan/value.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::batch {

struct ToRename {
    std::uint64_t unit = 0;
    std::string run;
    std::vector<MadePart> parts;
    Value value() const;
    static ToRename from(const Value& v);
};

/// `why`: of those that could not take their names; "" where all have.
struct Renamed {
    std::uint64_t unit = 0;
    std::string run, why;
    Value value() const;
    static Renamed from(const Value& v);
};

/// Makes complete parts durable. Throws Failure.
void make_durable(const std::vector<MadePart>& parts);
/// Gives parts their names, durably, all at once; one for each.
std::vector<Renamed> rename_all(const std::vector<ToRename>& units, const std::string& out);

}  // namespace flowspan::batch
