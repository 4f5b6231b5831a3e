#include "memory/device.hpp"

namespace flowspan::memory {

std::string device_support() { return "none"; }
int oldest_driver() { return 0; }

}  // namespace flowspan::memory
