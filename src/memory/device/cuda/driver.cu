#include "memory/device/cuda/driver.hpp"

#include "memory/device/cuda/check.hpp"

#include <cuda.h>
#include <cuda_runtime.h>

#include <string>

namespace flowspan::device {
namespace {

/// A function of the driver, by the runtime's own handle of its library. (By its address it would be linked.)
template <class F>
F* entry(int device, const char* name) {
    void* found = nullptr;
    cudaDriverEntryPointQueryResult result{};
    check_request(device, cudaGetDriverEntryPointByVersion(name, &found, 12000, cudaEnableDefault, &result), name);
    if (found == nullptr || result != cudaDriverEntryPointSuccess) throw Error(device, name, "this driver does not have it");
    return reinterpret_cast<F*>(found);
}

/// Calls functions of the driver, and throws Error of what they refuse.
class Driver {
public:
    explicit Driver(int device) : device_(device) {}

    template <class F, class... A>
    void call(const char* name, A... arguments) const {
        const CUresult result = entry<F>(device_, name)(arguments...);
        if (result == CUDA_SUCCESS) return;
        const char* words = nullptr;
        if (entry<decltype(cuGetErrorString)>(device_, "cuGetErrorString")(result, &words) != CUDA_SUCCESS) words = nullptr;
        throw Error(device_, name, words != nullptr ? words : "error " + std::to_string(int(result)));
    }

private:
    int device_;
};

/// Whatever it answers: nobody could do anything about it.
template <class F, class... A>
void ask(const char* name, A... arguments) noexcept {
    void* found = nullptr;
    cudaDriverEntryPointQueryResult result{};
    if (cudaGetDriverEntryPointByVersion(name, &found, 12000, cudaEnableDefault, &result) == cudaSuccess && found != nullptr)
        (void)reinterpret_cast<F*>(found)(arguments...);
}

CUmemAllocationProp on(int device) {
    CUmemAllocationProp kind{};
    kind.type = CU_MEM_ALLOCATION_TYPE_PINNED;
    kind.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    kind.location.id = device;
    return kind;
}

}  // namespace

std::size_t ring_page(int device) {
    const CUmemAllocationProp kind = on(device);
    std::size_t page = 0;
    Driver(device).call<decltype(cuMemGetAllocationGranularity)>("cuMemGetAllocationGranularity", &page, &kind,
                                                                 CU_MEM_ALLOC_GRANULARITY_MINIMUM);
    return page;
}

MappedTwice map_twice(int device, std::size_t size) {
    const Driver driver(device);
    const CUmemAllocationProp kind = on(device);
    CUmemGenericAllocationHandle allocation = 0;
    CUdeviceptr base = 0;
    driver.call<decltype(cuMemCreate)>("cuMemCreate", &allocation, size, &kind, 0ULL);
    try {
        driver.call<decltype(cuMemAddressReserve)>("cuMemAddressReserve", &base, 2 * size, std::size_t(0), CUdeviceptr(0),
                                                   0ULL);
        driver.call<decltype(cuMemMap)>("cuMemMap", base, size, std::size_t(0), allocation, 0ULL);
        driver.call<decltype(cuMemMap)>("cuMemMap", base + size, size, std::size_t(0), allocation, 0ULL);
        const CUmemAccessDesc access{kind.location, CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
        driver.call<decltype(cuMemSetAccess)>("cuMemSetAccess", base, 2 * size, &access, std::size_t(1));
    } catch (const Error&) {
        unmap_twice({reinterpret_cast<std::byte*>(base), allocation}, size);
        throw;
    }
    return {reinterpret_cast<std::byte*>(base), allocation};
}

// What has not been mapped is refused, and that is all. (These do not wait for kernels in flight.)
void unmap_twice(const MappedTwice& mapped, std::size_t size) noexcept {
    const auto base = reinterpret_cast<CUdeviceptr>(mapped.base);
    (void)cudaDeviceSynchronize();
    if (base != 0) {
        ask<decltype(cuMemUnmap)>("cuMemUnmap", base, size);
        ask<decltype(cuMemUnmap)>("cuMemUnmap", base + size, size);
        ask<decltype(cuMemAddressFree)>("cuMemAddressFree", base, 2 * size);
    }
    ask<decltype(cuMemRelease)>("cuMemRelease", CUmemGenericAllocationHandle(mapped.allocation));
}

}  // namespace flowspan::device
