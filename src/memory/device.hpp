// Accelerators of this machine, as the driver tells of them.
#pragma once

#include <string>
#include <vector>

namespace flowspan::memory {

struct Device {
    std::string name;     // "NVIDIA H100"
    std::string id;       // of this very one, the same for all processes of its host: 32 hexadecimal digits
    std::string visible;  // what CUDA_VISIBLE_DEVICES is, for a process with this one's environment to see it alone
};

/// Those that can be used now, in the order of their numbers; empty where there is no driver, none that fits, or no device. A
/// process that has asked has its choice of devices behind it: CUDA_VISIBLE_DEVICES means nothing to it any more.
std::vector<Device> devices();

// One of memory/device/{none.cpp,cuda.cu} is built, as CMake finds CUDA or not:
/// "CUDA 13.0" or "none": what this program was built for.
std::string device_support();
/// The oldest driver that suits it, as cuDriverGetVersion says; 0: any.
int oldest_driver();

}  // namespace flowspan::memory
