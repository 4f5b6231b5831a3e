#include "memory/device/emulated/emulated.hpp"
#include "tests/device/behave.hpp"

namespace flowspan::device {

void behave(const std::string& text) { emulated::behave(emulated::parse_behaviour(text)); }
void poison(void*, std::size_t) {}

}  // namespace flowspan::device
