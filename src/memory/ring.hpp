// Memory in which windows that cross the end are contiguous: a memory file mapped twice, back to back.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace flowspan::memory {

/// Bytes of a page of this machine.
std::size_t page_size();

/// `size` bytes that repeat at base + size; zero at first. Empty when default-constructed.
class Ring {
public:
    Ring() = default;
    Ring(Ring&& other) noexcept;
    Ring& operator=(Ring&& other) noexcept;
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    ~Ring();
    std::byte* base() const { return base_; }
    std::size_t size() const { return size_; }

private:
    friend std::vector<Ring> make_rings(const std::vector<std::size_t>&);
    Ring(std::byte* base, std::size_t size) : base_(base), size_(size) {}
    std::byte* base_ = nullptr;
    std::size_t size_ = 0;
};

/// Makes rings of at least `bytes` each (rounded up to pages) that share one memory file, as those of a port group do.
/// Throws Failure naming the size when the machine has no memory for them.
std::vector<Ring> make_rings(const std::vector<std::size_t>& bytes);

}  // namespace flowspan::memory
