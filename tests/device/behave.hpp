// How the device of a test behaves: emulated (behave_emulated.cpp), or a real one (tests/gpu/behave_cuda.cpp), which behaves as
// it does.
#pragma once

#include <cstddef>
#include <string>

namespace flowspan::device {

/// FLOWSPAN_EMULATED's words; of a real device nothing comes of it.
void behave(const std::string& text);

/// Memory of a device becomes 0xFF, as that of an emulated one is from the beginning.
void poison(void* at, std::size_t bytes);

}  // namespace flowspan::device
