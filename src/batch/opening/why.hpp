// For `--dry-run`: why a unit will be computed, in words.
#pragma once

#include "batch/journal/history.hpp"
#include "batch/opening/opening.hpp"
#include "batch/units/plan.hpp"

namespace flowspan::batch {

/// `known`: null where no start knew it. `now`: what this start would say of itself. `folder`: of the unit's products.
Planned planned(const UnitPlan& plan, const Unit& unit, const Known* known, const History& history, const line::Begin& now,
                const std::string& folder);

}  // namespace flowspan::batch
