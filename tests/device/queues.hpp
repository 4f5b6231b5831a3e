// What tests of devices have in common: behaviours of the emulation, and data that goes there and back.
#pragma once

#include "memory/device/device.hpp"
#include "tests/device/behave.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace flowspan::device {

/// The orders that every kernel is tried in.
inline const std::vector<std::string> orders = {"order=early", "order=late", "order=random,seed=5"};

/// Until the fence is reached; fails the test where it is not for very long.
inline void wait_for(const Fence& fence) {
    for (int k = 0; k < 100000; ++k)
        if (fence.done()) return;
    FAIL() << "the fence is not reached";
}

/// Data of the host on device 0.
template <class T>
class Array {
public:
    explicit Array(std::size_t n) : size_(n), memory_(0, n * sizeof(T)) { poison(memory_.data(), memory_.size()); }
    Array(Queue& queue, std::span<const T> data) : Array(data.size()) { set(queue, data); }
    void set(Queue& queue, std::span<const T> data) {
        PinnedMemory pinned(0, data.size_bytes());
        if (!data.empty()) std::memcpy(pinned.data(), data.data(), data.size_bytes());
        queue.to_device(memory_.data(), pinned.data(), data.size_bytes());
        EXPECT_TRUE(queue.finish(10));
    }
    std::vector<T> get(Queue& queue) const {
        PinnedMemory pinned(0, size_ * sizeof(T));
        queue.to_host(pinned.data(), memory_.data(), size_ * sizeof(T));
        EXPECT_TRUE(queue.finish(10));
        std::vector<T> data(size_);
        if (size_ > 0) std::memcpy(data.data(), pinned.data(), size_ * sizeof(T));
        return data;
    }
    T* data() const { return reinterpret_cast<T*>(memory_.data()); }

private:
    std::size_t size_;
    Memory memory_;
};

/// The sentence of what a call throws.
template <class Call>
std::string said_by(Call call) {
    try {
        call();
    } catch (const std::exception& e) { return e.what(); }
    return "nothing";
}

}  // namespace flowspan::device
