#include "memory/device.hpp"
#include "memory/device/device.hpp"
#include "memory/device/gathered.hpp"
#include "memory/device/transforms.hpp"

// A build without devices says so of each thing that is asked of one.
namespace flowspan::memory {

std::string device_support() { return "none"; }
int oldest_driver() { return 0; }

}  // namespace flowspan::memory

namespace flowspan::device {
namespace {

constexpr const char* why = "this flowspan was built without CUDA";
[[noreturn]] void refuse(int device, const char* call) { throw Error(device, call, why); }

}  // namespace

struct Fence::State {};
struct Queue::State {
    Counts counts;
};

std::byte* shared_memory();
std::byte* shared_memory() { return nullptr; }  // of kernels that nothing runs

Seen seen() { return {0, why}; }
Properties properties(int device) { refuse(device, "properties"); }
std::size_t free_memory(int device) { refuse(device, "free memory"); }

Memory::Memory(int device, std::size_t) { refuse(device, "allocation"); }
Memory Memory::open(int device, const Handle&) { refuse(device, "opening memory of another process"); }
Handle Memory::handle() const { refuse(device_, "handle of memory"); }
void Memory::release() noexcept {}

Ring::Ring(int device, std::size_t) { refuse(device, "allocation of a ring"); }
void Ring::release() noexcept {}

PinnedMemory::PinnedMemory(int device, std::size_t) { refuse(device, "allocation of pinned memory"); }
void PinnedMemory::release() noexcept {}

Pin::Pin(int device, void*, std::size_t) { refuse(device, "pinning"); }
void Pin::release() noexcept {}

Fence::Fence(int device, bool) { refuse(device, "fence"); }
Fence::Fence(Fence&&) noexcept = default;
Fence& Fence::operator=(Fence&&) noexcept = default;
Fence::~Fence() = default;
bool Fence::done() const { return true; }
double Fence::seconds_since(const Fence&) const { return 0; }

// There is none, so nothing is ever asked of one.
Queue::Queue(int device) { refuse(device, "queue"); }
Queue::Queue(Queue&&) noexcept = default;
Queue& Queue::operator=(Queue&&) noexcept = default;
Queue::~Queue() = default;
int Queue::device() const { return 0; }
void Queue::to_device(void*, const void*, std::size_t) { refuse(0, "copy"); }
void Queue::to_host(void*, const void*, std::size_t) { refuse(0, "copy"); }
void Queue::copy(void*, const void*, std::size_t) { refuse(0, "copy"); }
void Queue::zero(void*, std::size_t) { refuse(0, "zero"); }
void Queue::record(Fence&) { refuse(0, "fence"); }
void Queue::wait_for(const Fence&) { refuse(0, "fence"); }
void* Queue::stream() { refuse(0, "stream"); }
bool Queue::finish(double) { return true; }
const Queue::Counts& Queue::counts() const { return state_->counts; }

struct Transforms::State {};
std::string why_no_transforms() { return why; }
Transforms::Transforms(Queue& queue, std::size_t, std::size_t) { refuse(queue.device(), "transforms"); }
Transforms::Transforms() = default;
Transforms::Transforms(Transforms&&) noexcept = default;
Transforms& Transforms::operator=(Transforms&&) noexcept = default;
Transforms::~Transforms() = default;
void Transforms::run(Queue& queue, cf32*, std::size_t, std::size_t) const { refuse(queue.device(), "transforms"); }

}  // namespace flowspan::device
