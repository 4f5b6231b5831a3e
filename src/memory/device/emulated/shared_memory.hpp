// The shared memory of a block: exactly as large as asked for.
#pragma once

#include "memory/device/emulated/simt.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace flowspan::device::simt {

/// Checks what a launch asks for. Throws Mistake.
inline void check_launch(Blocks blocks, unsigned threads, std::size_t shared_bytes) {
    if (threads == 0 || threads > 1024) throw Mistake("a block has 1 to 1024 threads, not " + std::to_string(threads));
    if (shared_bytes > std::size_t(163) << 10)  // of compute capability 8.0, the least that kernels are compiled for
        throw Mistake("a block has at most 163 KiB of shared memory, not " + std::to_string(shared_bytes) + " bytes");
    if (blocks.x == 0 || blocks.y == 0 || blocks.x > 0x7fffffffU || blocks.y > 65535)
        throw Mistake("a grid has 1 to 2^31 - 1 blocks by 1 to 65535, not " + std::to_string(blocks.x) + " by " +
                      std::to_string(blocks.y));
}

class SharedMemory {
public:
    SharedMemory() = default;
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    ~SharedMemory() { unmap(); }
    /// `bytes` of it, NaN, the last of them before a page without rights.
    std::byte* begin(std::size_t bytes) {
        const auto page = std::size_t(sysconf(_SC_PAGESIZE));
        const std::size_t room = std::max<std::size_t>((bytes + page - 1) / page * page, page);
        if (room > room_) {
            unmap();
            void* at = mmap(nullptr, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (at == MAP_FAILED || mprotect(static_cast<std::byte*>(at) + room, page, PROT_NONE) != 0) throw std::bad_alloc();
            base_ = static_cast<std::byte*>(at), room_ = room, page_ = page;
        }
        bytes_ = (bytes + 15) / 16 * 16;  // the alignment of dynamic shared memory
        std::memset(base_, 0xFF, room_);
        return data();
    }
    std::byte* data() const { return base_ + room_ - bytes_; }

private:
    void unmap() {
        if (base_ != nullptr) munmap(base_, room_ + page_);
    }
    std::byte* base_ = nullptr;
    std::size_t room_ = 0, page_ = 0, bytes_ = 0;
};

}  // namespace flowspan::device::simt
