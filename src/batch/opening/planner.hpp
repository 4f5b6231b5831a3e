// What is to be done with each unit, by what earlier starts have said of it.
#pragma once

#include "batch/journal/history.hpp"
#include "batch/opening/opening.hpp"

#include <cstddef>
#include <vector>

namespace flowspan::batch {

class Planner {
public:
    /// `begin`: what this start says of itself. Units that no start knew get their lines in `opened.journal`, where there is
    /// one.
    Planner(const BatchRequest& request, const History& history, const line::Begin& begin, Opened& opened);
    /// Appends the plan of a unit of `opened`, and in a dry run why.
    void plan(const Unit& unit);

private:
    const BatchRequest& request_;
    const History& history_;
    const line::Begin& begin_;
    Opened& o_;
    std::vector<std::size_t> suspects_;  // in order
};

}  // namespace flowspan::batch
