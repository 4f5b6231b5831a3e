// A page that a worker and its rank share: signs of life that cost no call of the system, and what is left when a worker dies.
#pragma once

#include "batch/worker/nursery/descriptors.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace flowspan::batch {

/// The worker alone writes it.
struct PulsePage {
    std::atomic<std::uint64_t> beats;
    std::atomic<bool> memory_refused;  // in this task
    std::atomic<bool> spent;           // by it: no other is to come
    std::array<std::atomic<char>, 256> place;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<char>::is_always_lock_free);

class Pulse {
public:
    Pulse() = default;
    /// The page of a memory file.
    static Pulse of(const Descriptor& file);
    Pulse(Pulse&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}
    Pulse& operator=(Pulse&& other) noexcept {
        std::swap(page_, other.page_);
        return *this;
    }
    Pulse(const Pulse&) = delete;
    Pulse& operator=(const Pulse&) = delete;
    ~Pulse();

    explicit operator bool() const { return page_ != nullptr; }
    void beat() { page_->beats.store(page_->beats.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
    std::uint64_t beats() const { return page_->beats.load(std::memory_order_relaxed); }
    void set_place(std::string_view text);
    std::string place() const;
    void set_memory_refused(bool refused) { page_->memory_refused = refused; }
    bool memory_refused() const { return page_->memory_refused; }
    void set_spent(bool spent) { page_->spent = spent; }
    bool spent() const { return page_->spent; }

private:
    PulsePage* page_ = nullptr;
};

/// A memory file for one.
Descriptor pulse_file();

}  // namespace flowspan::batch
