// The interface of devices, by CUDA: its runtime is linked statically, and what only the driver has (virtual memory) is asked
// of the runtime by name, so that no library of CUDA is needed to start.
#include "memory/device.hpp"
#include "memory/device/cuda/check.hpp"
#include "memory/device/cuda/driver.hpp"
#include "memory/device/cuda/queue.hpp"
#include "memory/device/device.hpp"
#include "memory/device/failed.hpp"
#include "memory/device/gathered.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

namespace flowspan::memory {

std::string device_support() {
    return "CUDA " + std::to_string(CUDART_VERSION / 1000) + "." + std::to_string(CUDART_VERSION % 1000 / 10);
}

int oldest_driver() { return CUDART_VERSION / 1000 * 1000; }  // of one major version all minor ones go together

}  // namespace flowspan::memory

namespace flowspan::device {

Seen seen() {
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error == cudaSuccess && count > 0) return {count, {}};
    cudaGetLastError();
    return {0, error == cudaSuccess ? "no CUDA-capable device is detected" : cudaGetErrorString(error)};
}

Properties properties(int device) {
    use(device);
    cudaDeviceProp found{};
    check(device, cudaGetDeviceProperties(&found, device), "cudaGetDeviceProperties");
    return {found.name, found.totalGlobalMem, ring_page(device), found.multiProcessorCount};
}

std::size_t free_memory(int device) {
    use(device);
    std::size_t left = 0, all = 0;
    check(device, cudaMemGetInfo(&left, &all), "cudaMemGetInfo");
    return left;
}

// ---- Memory. (Where a device has failed, what it has is left to the end of the process.)

Memory::Memory(int device, std::size_t bytes) : size_(bytes), device_(device) {
    use(device);
    void* at = nullptr;
    check_request(device, cudaMalloc(&at, std::max<std::size_t>(bytes, 1)), "cudaMalloc");
    data_ = static_cast<std::byte*>(at);
}

namespace {

struct Shown {
    cudaIpcMemHandle_t handle;
    std::uint64_t bytes;
};
static_assert(sizeof(Shown) <= sizeof(Handle));

}  // namespace

Handle Memory::handle() const {
    use(device_);
    Shown shown{{}, size_};
    check_request(device_, cudaIpcGetMemHandle(&shown.handle, data_), "cudaIpcGetMemHandle");
    Handle handle;
    std::memcpy(handle.bytes.data(), &shown, sizeof shown);
    return handle;
}

Memory Memory::open(int device, const Handle& handle) {
    use(device);
    Shown shown{};
    std::memcpy(&shown, handle.bytes.data(), sizeof shown);
    void* at = nullptr;
    check_request(device, cudaIpcOpenMemHandle(&at, shown.handle, cudaIpcMemLazyEnablePeerAccess), "cudaIpcOpenMemHandle");
    Memory memory;
    memory.data_ = static_cast<std::byte*>(at);
    memory.size_ = std::size_t(shown.bytes);
    memory.device_ = device;
    memory.opened_ = true;
    return memory;
}

void Memory::release() noexcept {
    if (data_ != nullptr && !failed(device_) && cudaSetDevice(device_) == cudaSuccess)
        (void)(opened_ ? cudaIpcCloseMemHandle(data_) : cudaFree(data_));
    data_ = nullptr;
}

Ring::Ring(int device, std::size_t bytes) : device_(device) {
    use(device);
    const std::size_t page = ring_page(device);
    size_ = std::max<std::size_t>((bytes + page - 1) / page, 1) * page;
    const MappedTwice mapped = map_twice(device, size_);
    base_ = mapped.base;
    allocation_ = mapped.allocation;
}

void Ring::release() noexcept {
    if (base_ != nullptr && !failed(device_) && cudaSetDevice(device_) == cudaSuccess) unmap_twice({base_, allocation_}, size_);
    base_ = nullptr;
}

PinnedMemory::PinnedMemory(int device, std::size_t bytes) : size_(bytes), device_(device) {
    use(device);
    void* at = nullptr;
    check_request(device, cudaHostAlloc(&at, std::max<std::size_t>(bytes, 1), cudaHostAllocPortable), "cudaHostAlloc");
    data_ = static_cast<std::byte*>(at);
}

void PinnedMemory::release() noexcept {
    if (data_ != nullptr && !failed(device_) && cudaSetDevice(device_) == cudaSuccess) (void)cudaFreeHost(data_);
    data_ = nullptr;
}

Pin::Pin(int device, void* at, std::size_t bytes) : at_(at), device_(device) {
    use(device);
    check_request(device, cudaHostRegister(at, bytes, cudaHostRegisterPortable), "cudaHostRegister");
}

void Pin::release() noexcept {
    if (at_ != nullptr && !failed(device_) && cudaSetDevice(device_) == cudaSuccess) (void)cudaHostUnregister(at_);
    at_ = nullptr;
}

// ---- Queues and fences

struct Fence::State {
    int device = 0;
    cudaEvent_t event = nullptr;
    ~State() {
        if (event != nullptr && !failed(device)) (void)cudaEventDestroy(event);
    }
};

Fence::Fence(int device, bool timed) : state_(std::make_unique<State>()) {
    use(device);
    state_->device = device;
    check(device, cudaEventCreateWithFlags(&state_->event, timed ? cudaEventDefault : cudaEventDisableTiming),
          "cudaEventCreateWithFlags");
}
Fence::Fence(Fence&&) noexcept = default;
Fence& Fence::operator=(Fence&&) noexcept = default;
Fence::~Fence() = default;

bool Fence::done() const {
    expect_working(state_->device);
    const cudaError_t error = cudaEventQuery(state_->event);
    if (error == cudaErrorNotReady) return false;
    check(state_->device, error, "cudaEventQuery");
    return true;
}

double Fence::seconds_since(const Fence& earlier) const {
    use(state_->device);
    float milliseconds = 0;
    check(state_->device, cudaEventElapsedTime(&milliseconds, earlier.state_->event, state_->event), "cudaEventElapsedTime");
    return double(milliseconds) / 1000;
}

Queue::State::~State() {
    if (stream != nullptr && !failed(device)) (void)cudaStreamDestroy(stream);  // (what is in it goes on)
}

Queue::Queue(int device) : state_(std::make_unique<State>()) {
    use(device);
    state_->device = device;
    check(device, cudaStreamCreateWithFlags(&state_->stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
}
Queue::Queue(Queue&&) noexcept = default;
Queue& Queue::operator=(Queue&&) noexcept = default;
Queue::~Queue() = default;
int Queue::device() const { return state_->device; }
const Queue::Counts& Queue::counts() const { return state_->counts; }

namespace {

void copy(const Queue::State& queue, void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    use(queue.device);
    check(queue.device, cudaMemcpyAsync(to, from, bytes, kind, queue.stream), "cudaMemcpyAsync");
}

}  // namespace

void Queue::to_device(void* to, const void* from, std::size_t bytes) {
    before_other();
    device::copy(*state_, to, from, bytes, cudaMemcpyHostToDevice);
    state_->counts.bytes_to_device += bytes;
}
void Queue::to_host(void* to, const void* from, std::size_t bytes) {
    before_other();
    device::copy(*state_, to, from, bytes, cudaMemcpyDeviceToHost);
    state_->counts.bytes_to_host += bytes;
}
void Queue::copy(void* to, const void* from, std::size_t bytes) {
    before_other();
    device::copy(*state_, to, from, bytes, cudaMemcpyDefault);
}

void Queue::zero(void* at, std::size_t bytes) {
    before_other();
    use(device());
    check(device(), cudaMemsetAsync(at, 0, bytes, state_->stream), "cudaMemsetAsync");
}

void Queue::record(Fence& fence) {
    flush();
    use(device());
    check(device(), cudaEventRecord(fence.state_->event, state_->stream), "cudaEventRecord");
}

void Queue::wait_for(const Fence& fence) {
    flush();
    use(device());
    check(device(), cudaStreamWaitEvent(state_->stream, fence.state_->event, 0), "cudaStreamWaitEvent");
}

void* Queue::stream() {
    before_other();
    use(device());
    return state_->stream;
}

bool Queue::finish(double most_s) {
    flush();
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(most_s);
    while (true) {
        use(device());
        const cudaError_t error = cudaStreamQuery(state_->stream);
        if (error != cudaErrorNotReady) {
            check(device(), error, "cudaStreamQuery");
            return true;
        }
        if (Clock::now() >= end) return false;
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
}

}  // namespace flowspan::device
