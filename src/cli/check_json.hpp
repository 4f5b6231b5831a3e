// `flowspan check --json`: docs/check.schema.json says what its fields are.
#pragma once

#include "partition/plan.hpp"
#include "run/start/examine.hpp"

#include <flowspan/value.hpp>

#include <string>
#include <vector>

namespace flowspan::cli {

/// A graph that can be run, and its plan. `existing`: products that are there already.
Value check_value(const run::Examined& examined, const partition::Plan& plan, const std::vector<std::string>& existing);
/// One that cannot.
Value mistakes_value(const Refused& refused);

}  // namespace flowspan::cli
