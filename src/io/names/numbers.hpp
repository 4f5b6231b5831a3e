// Rates and frequencies in names of files.
#pragma once

#include "io/names/name.hpp"

#include <optional>
#include <string>

namespace flowspan::io {

/// `digits` ("433.92", "2.4e6") times the prefix (0, 'k', 'M' or 'G', in any case). Nothing where it is no finite number.
std::optional<NamedNumber> named_number(const std::string& digits, char prefix);

/// Sets rate and frequency where the stem of a name says them, and adds a doubt where it says several.
void read_numbers(const std::string& stem, Named& named);

}  // namespace flowspan::io
