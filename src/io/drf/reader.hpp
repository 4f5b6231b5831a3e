// The samples of a Digital RF channel: the file of each follows from its number.
#pragma once

#include <flowspan/format.hpp>

#include <memory>

namespace flowspan::io::drf {

/// Throws Failure.
std::unique_ptr<SampleReader> open_channel(const Recording& recording);

}  // namespace flowspan::io::drf
