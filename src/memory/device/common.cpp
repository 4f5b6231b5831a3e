#include "memory/device/failed.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

namespace flowspan::device {
namespace {

std::atomic<bool> any{false};
std::mutex guard;
std::map<int, Error>& first_errors() {
    static std::map<int, Error> errors;
    return errors;
}

}  // namespace

Error::Error(int device, std::string call, std::string words)
    : Failure(ExitCode::block, "device " + std::to_string(device) + ": " + call + " failed: " + words),
      device_(device),
      call_(std::move(call)),
      words_(std::move(words)) {}

bool failed(int device) {
    if (!any.load(std::memory_order_relaxed)) return false;
    const std::lock_guard lock(guard);
    return first_errors().contains(device);
}

void give_up(int device, const std::string& call, const std::string& words) {
    const std::lock_guard lock(guard);
    first_errors().try_emplace(device, device, call, words);
    any = true;
}

void expect_working(int device) {
    if (!any.load(std::memory_order_relaxed)) return;
    const std::lock_guard lock(guard);
    if (const auto found = first_errors().find(device); found != first_errors().end()) throw Error(found->second);
}

void fail(int device, const std::string& call, const std::string& words) {
    give_up(device, call, words);
    throw Error(device, call, words);
}

// (By the call: of CUDA's those that only allocate.)
bool lacked_memory(const Error& error) {
    return error.call() == "allocation" || error.call() == "cuMemCreate" || error.call() == "cudaMalloc";
}

void forget_failures() {
    const std::lock_guard lock(guard);
    first_errors().clear();
    any = false;
}

Memory& Memory::operator=(Memory&& other) noexcept {
    if (this == &other) return *this;
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    device_ = other.device_;
    opened_ = other.opened_;
    return *this;
}

Ring& Ring::operator=(Ring&& other) noexcept {
    if (this == &other) return *this;
    release();
    base_ = std::exchange(other.base_, nullptr);
    size_ = std::exchange(other.size_, 0);
    device_ = other.device_;
    allocation_ = other.allocation_;
    return *this;
}

PinnedMemory& PinnedMemory::operator=(PinnedMemory&& other) noexcept {
    if (this == &other) return *this;
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    device_ = other.device_;
    return *this;
}

Pin& Pin::operator=(Pin&& other) noexcept {
    if (this == &other) return *this;
    release();
    at_ = std::exchange(other.at_, nullptr);
    device_ = other.device_;
    return *this;
}

}  // namespace flowspan::device
