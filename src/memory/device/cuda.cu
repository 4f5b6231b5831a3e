#include "memory/device.hpp"

#include <cuda_runtime.h>

namespace flowspan::memory {

std::string device_support() {
    return "CUDA " + std::to_string(CUDART_VERSION / 1000) + "." + std::to_string(CUDART_VERSION % 1000 / 10);
}

int oldest_driver() { return CUDART_VERSION / 1000 * 1000; }  // of one major version all minor ones go together

}  // namespace flowspan::memory
