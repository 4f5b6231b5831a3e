#include "memory/device.hpp"

namespace flowspan::memory {

std::vector<std::string> devices() { return {}; }
std::string device_support() { return "none"; }

}  // namespace flowspan::memory
