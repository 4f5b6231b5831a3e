// Memory in which windows that cross the end are contiguous: a memory file mapped twice, back to back.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace flowspan::memory {

/// Bytes of a page of this machine.
std::size_t page_size();

/// `size` bytes that repeat at base + size, of the host or of a device; zero at first.
class RingMemory {
public:
    RingMemory(const RingMemory&) = delete;
    RingMemory& operator=(const RingMemory&) = delete;
    virtual ~RingMemory() = default;
    std::byte* base() const { return base_; }
    std::size_t size() const { return size_; }
    /// Writes zeros, in the order of what else its writer has written.
    virtual void zero(std::byte* at, std::size_t bytes) const = 0;

protected:
    RingMemory() = default;
    RingMemory(std::byte* base, std::size_t size) : base_(base), size_(size) {}
    std::byte* base_ = nullptr;
    std::size_t size_ = 0;
};

/// Of the host. Empty when default-constructed.
class Ring final : public RingMemory {
public:
    Ring() = default;
    Ring(Ring&& other) noexcept;
    Ring& operator=(Ring&& other) noexcept;
    ~Ring() override;
    void zero(std::byte* at, std::size_t bytes) const override;

private:
    friend std::vector<Ring> make_rings(const std::vector<std::size_t>&);
    Ring(std::byte* base, std::size_t size) : RingMemory(base, size) {}
};

/// Makes rings of at least `bytes` each (rounded up to pages) that share one memory file, as those of a port group do.
/// Throws Failure naming the size when the machine has no memory for them.
std::vector<Ring> make_rings(const std::vector<std::size_t>& bytes);

}  // namespace flowspan::memory
