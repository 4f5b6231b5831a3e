#include "memory/device.hpp"

#include <cuda_runtime.h>

namespace flowspan::memory {

std::vector<std::string> devices() {
    int count = 0;
    if (cudaGetDeviceCount(&count) != cudaSuccess) return {};  // no driver, or none that fits
    std::vector<std::string> names;
    for (int d = 0; d < count; ++d) {
        cudaDeviceProp properties{};
        if (cudaGetDeviceProperties(&properties, d) == cudaSuccess) names.emplace_back(properties.name);
    }
    return names;
}

std::string device_support() {
    return "CUDA " + std::to_string(CUDART_VERSION / 1000) + "." + std::to_string(CUDART_VERSION % 1000 / 10);
}

}  // namespace flowspan::memory
