// Accelerators of this machine. One of memory/device/*.{cpp,cu} is built, as CMake finds CUDA or not.
#pragma once

#include <string>
#include <vector>

namespace flowspan::memory {

/// Names of the devices that can be used now, in the order of their numbers; empty where there is no driver or no device.
std::vector<std::string> devices();

/// "CUDA 13.0" or "none": what this program was built for.
std::string device_support();

}  // namespace flowspan::memory
