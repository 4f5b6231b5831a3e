#include "memory/device/emulated/rights.hpp"

#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <vector>

namespace flowspan::device::emulated {
namespace {

using Address = std::uintptr_t;
struct Range {
    Address begin = 0, end = 0;
    bool has(Address at) const { return begin <= at && at < end; }
};

/// At most so much is opened at once.
constexpr Address piece = Address(256) << 10;

// The handler may allocate nothing, and wait for nobody but another handler: the mappings do not change while operations run.
std::vector<Range>& mappings() {
    static auto* const all = new std::vector<Range>;  // (never destroyed, as the machine)
    return *all;
}
struct Opened {
    std::array<Range, 256> pieces;
    std::size_t count = 0;
};
Opened opened;
std::atomic_flag busy;
std::atomic<int> running{0};
struct sigaction before {};

class Alone {
public:
    Alone() {
        while (busy.test_and_set(std::memory_order_acquire)) {}
    }
    Alone(const Alone&) = delete;
    Alone& operator=(const Alone&) = delete;
    ~Alone() { busy.clear(std::memory_order_release); }
};

bool set(const Range& range, int rights) {
    return mprotect(reinterpret_cast<void*>(range.begin), range.end - range.begin, rights) == 0;
}

void close_all() {
    for (std::size_t k = 0; k < opened.count; ++k) set(opened.pieces[k], PROT_NONE);
    opened.count = 0;
}

bool open_around(Address at) {
    const Alone alone;
    const auto end = opened.pieces.begin() + std::ptrdiff_t(opened.count);
    if (std::any_of(opened.pieces.begin(), end, [&](const Range& r) { return r.has(at); })) return true;  // (by another thread)
    const auto found = std::find_if(mappings().begin(), mappings().end(), [&](const Range& r) { return r.has(at); });
    if (found == mappings().end()) return false;
    if (opened.count == opened.pieces.size()) close_all();
    const Address from = at / piece * piece;
    const Range range{std::max(from, found->begin), std::min(from + piece, found->end)};
    opened.pieces[opened.count++] = range;
    return set(range, PROT_READ | PROT_WRITE);
}

// What this does not open is touched again after it, and meets what was there before.
void on_touch(int, siginfo_t* info, void*) {
    const int error = errno;
    if (running.load(std::memory_order_relaxed) == 0 || !open_around(Address(info->si_addr)))
        sigaction(SIGSEGV, &before, nullptr);
    errno = error;
}

// (On whatever stack the thread is: a fiber's has room for it.)
void install() {
    struct sigaction action {};
    action.sa_sigaction = on_touch;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &before);
}

}  // namespace

void add_mapping(std::byte* at, std::size_t bytes) {
    static const bool installed = (install(), true);
    (void)installed;
    mappings().push_back({Address(at), Address(at) + bytes});
}

void remove_mapping(const std::byte* at) {
    std::erase_if(mappings(), [&](const Range& r) { return r.begin == Address(at); });
}

Opening::Opening() { ++running; }
Opening::~Opening() {
    if (--running == 0) close_all();
}

}  // namespace flowspan::device::emulated
