#include "memory/ring.hpp"

#include "core/process/memory_limit.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace flowspan::memory {
namespace {

[[noreturn]] void no_memory(std::size_t bytes) {
    throw Failure(ExitCode::block, fmt::format("cannot make stream buffers of {} bytes: {}", bytes, std::strerror(errno)));
}

/// Counts the bytes of rings while they are being made; of those that have been, their rings do.
class Taken {
public:
    explicit Taken(std::size_t bytes) : left_(bytes) {
        if (!take_shared_memory(bytes))
            throw Failure(ExitCode::block, fmt::format("out of memory: it needs more than {}: stream buffers of {} bytes",
                                                       memory_limit_said(), bytes));
    }
    ~Taken() { give_back_shared_memory(left_); }
    void pass(std::size_t bytes) { left_ -= bytes; }
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;

private:
    std::size_t left_;
};

std::byte* map_twice(int file, std::size_t offset, std::size_t size) {
    void* both = mmap(nullptr, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (both == MAP_FAILED) no_memory(size);
    auto* base = static_cast<std::byte*>(both);
    for (int half = 0; half < 2; ++half) {
        void* at = base + std::size_t(half) * size;
        if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, off_t(offset)) == MAP_FAILED) {
            const int error = errno;
            munmap(both, 2 * size);
            errno = error;
            no_memory(size);
        }
    }
    return base;
}

struct Descriptor {
    int value;
    ~Descriptor() { close(value); }
};

}  // namespace

std::size_t page_size() {
    static const auto size = std::size_t(sysconf(_SC_PAGESIZE));
    return size;
}

Ring::Ring(Ring&& other) noexcept : RingMemory(std::exchange(other.base_, nullptr), std::exchange(other.size_, 0)) {}

Ring& Ring::operator=(Ring&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    return *this;
}

Ring::~Ring() {
    if (base_ == nullptr) return;
    munmap(base_, 2 * size_);
    give_back_shared_memory(size_);
}

void Ring::zero(std::byte* at, std::size_t bytes) const { std::memset(at, 0, bytes); }

std::vector<Ring> make_rings(const std::vector<std::size_t>& bytes) {
    const std::size_t page = page_size();
    std::vector<std::size_t> sizes;
    sizes.reserve(bytes.size());
    for (const std::size_t b : bytes) sizes.push_back((b + page - 1) / page * page);
    const std::size_t total = std::accumulate(sizes.begin(), sizes.end(), std::size_t(0));
    Taken taken(total);
    const Descriptor file{memfd_create("flowspan", MFD_CLOEXEC)};
    if (file.value < 0 || ftruncate(file.value, off_t(total)) != 0) no_memory(total);
    std::vector<Ring> rings;
    rings.reserve(sizes.size());
    std::size_t offset = 0;
    for (const std::size_t size : sizes) {
        rings.push_back(Ring(map_twice(file.value, offset, size), size));
        taken.pass(size);
        offset += size;
    }
    return rings;
}

}  // namespace flowspan::memory
