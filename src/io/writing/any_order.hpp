// For formats that go back to what they have written.
#pragma once

#include <string>

namespace flowspan::io {

/// Throws Failure where File::write cannot: `cannot create PATH: WHAT needs a file that can be written in any order, and it is
/// a FIFO`.
void check_any_order(const std::string& path, const std::string& what);

}  // namespace flowspan::io
