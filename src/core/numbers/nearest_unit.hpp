// Units that somebody nearly wrote.
#pragma once

#include <flowspan/units.hpp>

#include <string>
#include <string_view>

namespace flowspan {

/// Of a text that is no quantity of this unit's dimension, "did you mean `100 kHz`?": for 100khz, 100k and 0.1 Msps. "" where
/// it is none that is near.
std::string hint_for_quantity(std::string_view text, const Unit& unit);

}  // namespace flowspan
