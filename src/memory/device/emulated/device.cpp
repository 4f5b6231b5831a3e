// The interface of devices, by the emulation.
#include "memory/device/device.hpp"

#include "memory/device.hpp"
#include "memory/device/emulated/machine.hpp"
#include "memory/device/failed.hpp"
#include "memory/device/gathered.hpp"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fmt/format.h>

namespace flowspan::memory {

std::string device_support() { return "emulated"; }
int oldest_driver() { return 0; }

std::vector<Device> devices() {
    std::vector<Device> all;
    for (int k = 0; k < device::seen().count; ++k)
        all.push_back({device::properties(k).name, fmt::format("{:032x}", k + 1), std::to_string(k)});
    return all;
}

}  // namespace flowspan::memory

namespace flowspan::device {
namespace {

using emulated::Lane;
using emulated::Machine;
using emulated::Mark;
using emulated::Operation;
using Lock = std::lock_guard<emulated::Door>;

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// The machine, of a device that is there and works.
Machine& machine_of(int device, const char* call) {
    Machine& machine = Machine::get();
    if (device < 0 || device >= machine.behaviour().devices)
        throw Error(device, call, fmt::format("there are {} devices", machine.behaviour().devices));
    expect_working(device);
    return machine;
}

std::byte* as_bytes(void* at) { return static_cast<std::byte*>(at); }

}  // namespace

Seen seen() {
    const Lock lock(Machine::get().lock());
    const int count = Machine::get().behaviour().devices;
    return {count, count > 0 ? "" : "FLOWSPAN_EMULATED says devices=0"};
}

Properties properties(int device) {
    const Lock lock(Machine::get().lock());
    Machine& machine = machine_of(device, "properties");
    return {fmt::format("emulated device {}", device), machine.behaviour().memory, machine.page(), 4};
}

std::size_t free_memory(int device) {
    const Lock lock(Machine::get().lock());
    return machine_of(device, "free memory").left(device);
}

// ---- Memory

Memory::Memory(int device, std::size_t bytes) : size_(bytes), device_(device) {
    const Lock lock(Machine::get().lock());
    data_ = machine_of(device, "allocation").allocate(device, bytes);
}

Memory Memory::open(int device, const Handle& handle) {
    const Lock lock(Machine::get().lock());
    Memory memory;
    memory.device_ = device;
    memory.data_ = machine_of(device, "opening memory of another process").open(device, handle, memory.size_);
    memory.opened_ = true;
    return memory;
}

Handle Memory::handle() const {
    const Lock lock(Machine::get().lock());
    return machine_of(device_, "handle of memory").handle_of(data_);
}

namespace {

/// After what is in flight. (Of a device that has failed nothing runs any more.)
void free_on(int device, std::byte* at) noexcept {
    if (at == nullptr) return;
    const Lock lock(Machine::get().lock());
    Machine::get().drain(device);
    Machine::get().free(at);
}

void unpin(int device, void* at) noexcept {
    const Lock lock(Machine::get().lock());
    Machine::get().drain(device);
    Machine::get().unpin(at);
}

}  // namespace

void Memory::release() noexcept {
    free_on(device_, data_);
    data_ = nullptr;
}

Ring::Ring(int device, std::size_t bytes) : device_(device) {
    const Lock lock(Machine::get().lock());
    Machine& machine = machine_of(device, "allocation of a ring");
    if (!machine.behaviour().rings) throw Error(device, "allocation of a ring", "FLOWSPAN_EMULATED says rings=off");
    const std::size_t page = machine.page();
    size_ = std::max<std::size_t>((bytes + page - 1) / page, 1) * page;
    base_ = machine.allocate_ring(device, size_);
}

void Ring::release() noexcept {
    free_on(device_, base_);
    base_ = nullptr;
}

PinnedMemory::PinnedMemory(int device, std::size_t bytes) : size_(bytes), device_(device) {
    const Lock lock(Machine::get().lock());
    Machine& machine = machine_of(device, "allocation of pinned memory");
    data_ = as_bytes(std::aligned_alloc(4096, std::max<std::size_t>((bytes + 4095) / 4096, 1) * 4096));
    if (data_ == nullptr) throw Error(device, "allocation of pinned memory", "out of memory");
    machine.pin(data_, bytes);
}

void PinnedMemory::release() noexcept {
    if (data_ == nullptr) return;
    unpin(device_, data_);
    std::free(data_);
    data_ = nullptr;
}

Pin::Pin(int device, void* at, std::size_t bytes) : at_(at), device_(device) {
    const Lock lock(Machine::get().lock());
    Machine& machine = machine_of(device, "pinning");
    if (!machine.behaviour().pins) throw Error(device, "pinning", "FLOWSPAN_EMULATED says pins=off");
    machine.pin(at, bytes);
}

void Pin::release() noexcept {
    if (at_ != nullptr) unpin(device_, at_);
    at_ = nullptr;
}

// ---- Queues and fences

struct Fence::State {
    int device = 0;
    bool timed = false;
    std::shared_ptr<const Mark> mark;  // none: never recorded
    std::weak_ptr<Lane> lane;
};

Fence::Fence(int device, bool timed) : state_(std::make_unique<State>()) {
    const Lock lock(Machine::get().lock());
    ++machine_of(device, "fence").made().fences;
    state_->device = device;
    state_->timed = timed;
}
Fence::Fence(Fence&&) noexcept = default;
Fence& Fence::operator=(Fence&&) noexcept = default;
Fence::~Fence() = default;

bool Fence::done() const {
    const Lock lock(Machine::get().lock());
    expect_working(state_->device);
    if (state_->mark == nullptr || state_->mark->reached) return true;
    if (const auto lane = state_->lane.lock()) Machine::get().poll(*lane);
    expect_working(state_->device);
    return state_->mark->reached;
}

double Fence::seconds_since(const Fence& earlier) const {
    const Lock lock(Machine::get().lock());
    const bool right = state_->timed && earlier.state_->timed && state_->mark != nullptr && earlier.state_->mark != nullptr &&
                       state_->mark->reached && earlier.state_->mark->reached;
    if (!right) fail(state_->device, "time between fences", "they are not both timed and done");
    return state_->mark->at_s - earlier.state_->mark->at_s;
}

struct Queue::State {
    std::shared_ptr<Lane> lane;
    Counts counts;
    ~State() {
        const Lock lock(Machine::get().lock());
        if (lane != nullptr) lane->closed = true;
    }
    void issue(Operation::Kind kind, const char* call, std::function<void()> run) const {
        Machine::get().issue(*lane, {.kind = kind, .call = call, .run = std::move(run), .after = nullptr});
    }
};

Queue::Queue(int device) : state_(std::make_unique<State>()) {
    const Lock lock(Machine::get().lock());
    state_->lane = machine_of(device, "queue").make_lane(device);
}
Queue::Queue(Queue&&) noexcept = default;
Queue& Queue::operator=(Queue&&) noexcept = default;
Queue::~Queue() = default;
int Queue::device() const { return state_->lane->device; }
const Queue::Counts& Queue::counts() const { return state_->counts; }

void Queue::to_device(void* to, const void* from, std::size_t bytes) {
    before_other();
    const Lock lock(Machine::get().lock());
    const char* call = "copy to the device";
    Machine& machine = machine_of(device(), call);
    if (bytes == 0) return;
    machine.expect_on_device(device(), call, to, bytes);
    machine.expect_pinned(device(), call, from, bytes);
    state_->issue(Operation::Kind::copy, call, [=] { std::memcpy(to, from, bytes); });
    state_->counts.bytes_to_device += bytes;
}

void Queue::to_host(void* to, const void* from, std::size_t bytes) {
    before_other();
    const Lock lock(Machine::get().lock());
    const char* call = "copy to the host";
    Machine& machine = machine_of(device(), call);
    if (bytes == 0) return;
    machine.expect_pinned(device(), call, to, bytes);
    machine.expect_on_device(device(), call, from, bytes);
    state_->issue(Operation::Kind::copy, call, [=] { std::memcpy(to, from, bytes); });
    state_->counts.bytes_to_host += bytes;
}

void Queue::copy(void* to, const void* from, std::size_t bytes) {
    before_other();
    const Lock lock(Machine::get().lock());
    const char* call = "copy within the device";
    Machine& machine = machine_of(device(), call);
    if (bytes == 0) return;
    machine.expect_on_device(device(), call, to, bytes);
    machine.expect_on_device(device(), call, from, bytes);
    state_->issue(Operation::Kind::copy, call, [=] { std::memcpy(to, from, bytes); });
}

void Queue::zero(void* at, std::size_t bytes) {
    before_other();
    const Lock lock(Machine::get().lock());
    const char* call = "writing zeros";
    Machine& machine = machine_of(device(), call);
    if (bytes == 0) return;
    machine.expect_on_device(device(), call, at, bytes);
    state_->issue(Operation::Kind::other, call, [=] { std::memset(at, 0, bytes); });
}

void Queue::record(Fence& fence) {
    flush();
    const Lock lock(Machine::get().lock());
    machine_of(device(), "fence");
    auto mark = std::make_shared<Mark>();
    fence.state_->mark = mark;
    fence.state_->lane = state_->lane;
    state_->issue(Operation::Kind::other, "fence", [mark] {
        mark->reached = true;
        mark->at_s = now_s();
    });
}

void Queue::wait_for(const Fence& fence) {
    flush();
    const Lock lock(Machine::get().lock());
    Machine& machine = machine_of(device(), "fence");
    if (fence.state_->mark == nullptr) return;
    machine.issue(*state_->lane, {.kind = Operation::Kind::other, .call = "fence", .run = [] {}, .after = fence.state_->mark});
}

void* Queue::stream() {
    before_other();
    return nullptr;
}

bool Queue::finish(double most_s) {
    flush();
    const double from = now_s();
    while (true) {
        {
            const Lock lock(Machine::get().lock());
            const bool empty = Machine::get().drain(*state_->lane);
            expect_working(device());
            if (empty) return true;
        }
        if (now_s() - from >= most_s) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void emulated::issue_kernel(Queue& queue, const char* name, std::function<void()> kernel) {
    queue.before_other();
    const Lock lock(Machine::get().lock());
    machine_of(queue.device(), name);
    queue.state().issue(Operation::Kind::kernel, name, std::move(kernel));
    ++queue.state().counts.launches;
}

}  // namespace flowspan::device
