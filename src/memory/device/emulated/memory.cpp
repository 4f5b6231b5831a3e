// Memory of emulated devices: memory files, mapped without rights.
#include "memory/device/emulated/machine.hpp"
#include "memory/device/emulated/rights.hpp"
#include "memory/device/failed.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace flowspan::device::emulated {
namespace {

struct Shown {
    int process, file;
    std::uint64_t bytes, mapped;
};

constexpr std::size_t kept_places = 1000;

std::size_t host_page() { return std::size_t(sysconf(_SC_PAGESIZE)); }
std::size_t rounded_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

/// What a device's memory begins with: NaN.
void poison(int file, std::size_t bytes) {
    const std::vector<char> piece(std::min<std::size_t>(bytes, 1 << 20), char(0xFF));
    for (std::size_t done = 0; done < bytes;) {
        const auto n = pwrite(file, piece.data(), std::min(piece.size(), bytes - done), off_t(done));
        if (n <= 0) return;
        done += std::size_t(n);
    }
}

int make_file(int device, const char* call, std::size_t bytes) {
    const int file = memfd_create("flowspan-device", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, off_t(bytes)) != 0) throw Error(device, call, std::strerror(errno));
    poison(file, bytes);
    return file;
}

bool within(const std::byte* at, std::size_t bytes, const std::byte* from, std::size_t size) {
    return at >= from && bytes <= size && std::size_t(at - from) <= size - bytes;
}

}  // namespace

std::size_t Machine::page() { return behaviour().page != 0 ? behaviour().page : host_page(); }
std::size_t Machine::left(int device) { return behaviour().memory - std::min(behaviour().memory, taken_[device]); }

void Machine::take(int device, std::size_t bytes) {
    if (++made_.memory == behaviour().fail_allocate)
        throw Error(device, "allocation", fmt::format("emulated fault: allocation {}", made_.memory));
    if (bytes > left(device))
        throw Error(
            device, "allocation",
            fmt::format("out of memory: {} bytes asked for, {} of {} are left", bytes, left(device), behaviour().memory));
    taken_[device] += bytes;
}

// The last byte lies before a page without rights; the first is aligned to 16 bytes, no better.
std::byte* Machine::map(Region region, bool twice) {
    const std::size_t half = region.mapped, all = twice ? 2 * half : half;
    void* at = mmap(nullptr, all + host_page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (std::size_t from = 0; at != MAP_FAILED && from < all; from += half)
        if (mmap(static_cast<std::byte*>(at) + from, half, PROT_NONE, MAP_SHARED | MAP_FIXED, region.file, 0) == MAP_FAILED)
            at = MAP_FAILED;
    if (at == MAP_FAILED) throw Error(region.device, "mapping", std::strerror(errno));
    region.mapping = static_cast<std::byte*>(at);
    region.mapped = all;
    std::byte* const first = region.mapping + (twice ? 0 : all - rounded_up(region.bytes, 16));
    if (twice) region.bytes = all;
    regions_[first] = region;
    add_mapping(region.mapping, region.mapped);
    return first;
}

std::byte* Machine::allocate(int device, std::size_t bytes) {
    const std::size_t size = rounded_up(std::max<std::size_t>(bytes, 1), host_page());
    take(device, size);
    return map({.mapped = size, .bytes = bytes, .taken = size, .device = device, .file = make_file(device, "allocation", size)},
               false);
}

std::byte* Machine::allocate_ring(int device, std::size_t bytes) {
    take(device, bytes);
    return map(
        {.mapped = bytes, .bytes = bytes, .taken = bytes, .device = device, .file = make_file(device, "allocation", bytes)},
        true);
}

Handle Machine::handle_of(std::byte* at) {
    const Region& region = regions_.at(at);
    const Shown shown{getpid(), region.file, region.bytes, region.mapped};
    Handle handle;
    std::memcpy(handle.bytes.data(), &shown, sizeof shown);
    return handle;
}

std::byte* Machine::open(int device, const Handle& handle, std::size_t& bytes) {
    Shown shown{};
    std::memcpy(&shown, handle.bytes.data(), sizeof shown);
    const std::string path = fmt::format("/proc/{}/fd/{}", shown.process, shown.file);
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0)
        throw Error(device, "opening memory of another process",
                    fmt::format("process {}: {}", shown.process, std::strerror(errno)));
    bytes = std::size_t(shown.bytes);
    return map({.mapped = std::size_t(shown.mapped), .bytes = bytes, .device = device, .file = file}, false);
}

void Machine::free(std::byte* at) {
    const auto found = regions_.find(at);
    const Region region = found->second;
    regions_.erase(found);
    taken_[region.device] -= region.taken;
    remove_mapping(region.mapping);
    close(region.file);
    // Nothing else comes to lie there for a while: who still uses it is seen.
    const std::size_t bytes = region.mapped + host_page();
    if (mmap(region.mapping, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
        return;
    freed_.emplace_back(region.mapping, bytes);
    if (freed_.size() <= kept_places) return;
    munmap(freed_.front().first, freed_.front().second);
    freed_.pop_front();
}

void Machine::pin(const void* at, std::size_t bytes) {
    pinned_[static_cast<const std::byte*>(at)] = bytes;
    ++made_.pinned;
}
void Machine::unpin(const void* at) { pinned_.erase(static_cast<const std::byte*>(at)); }

void Machine::expect_on_device(int device, const char* call, const void* at, std::size_t bytes) const {
    const auto* place = static_cast<const std::byte*>(at);
    auto after = regions_.upper_bound(place);
    if (after != regions_.begin()) {
        const auto& [first, region] = *std::prev(after);
        if (within(place, bytes, first, region.bytes)) return;
    }
    fail(device, call, fmt::format("{} bytes that are not within one allocation of a device", bytes));
}

void Machine::expect_pinned(int device, const char* call, const void* at, std::size_t bytes) const {
    const auto* place = static_cast<const std::byte*>(at);
    auto after = pinned_.upper_bound(place);
    if (after != pinned_.begin()) {
        const auto& [first, size] = *std::prev(after);
        if (within(place, bytes, first, size)) return;
    }
    fail(device, call, fmt::format("{} bytes of the host that are not pinned as one", bytes));
}

}  // namespace flowspan::device::emulated
