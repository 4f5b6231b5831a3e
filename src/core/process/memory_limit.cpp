#include "core/process/memory_limit.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <mutex>
#include <utility>

#include <fmt/format.h>

namespace flowspan {
namespace {

/// RLIMIT_AS would count every ring twice, as it is mapped twice, and address space that is only set aside, as CUDA, threads'
/// heaps and sanitizers do: gigabytes that nobody uses. RLIMIT_DATA counts what is private and writable, but no rings: these
/// are counted here, and lower it.
struct Limit {
    std::mutex mutex;
    std::string said;
    std::uint64_t most = UINT64_MAX;  // of private and shared memory together
    std::uint64_t shared = 0;
};
Limit& limit() {
    static Limit& one = *new Limit;  // rings may go later than any destructor of a static object
    return one;
}

std::uint64_t private_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string key; status >> key;) {
        std::uint64_t kib = 0;
        if (key == "VmData:" && status >> kib) return kib * 1024;
        status.ignore(10000, '\n');
    }
    return 0;
}

bool set_limit(std::uint64_t bytes) {
    struct rlimit now {};
    if (getrlimit(RLIMIT_DATA, &now) != 0) return false;
    now.rlim_cur = std::min(rlim_t(bytes), now.rlim_max);
    return setrlimit(RLIMIT_DATA, &now) == 0;
}

}  // namespace

void limit_memory(std::uint64_t bytes, std::string said) {
    Limit& l = limit();
    const std::lock_guard lock(l.mutex);
    bytes = std::min(bytes, std::uint64_t(1) << 60);
    const std::uint64_t now = private_memory();
    if (now == 0 || !set_limit(now + bytes))
        throw Failure(ExitCode::block,
                      fmt::format("cannot keep to {}: {}", said, now == 0 ? "no /proc/self/status" : std::strerror(errno)));
    l.most = now + bytes + l.shared;
    l.said = std::move(said);
}

const std::string& memory_limit_said() { return limit().said; }

bool take_shared_memory(std::size_t bytes) {
    Limit& l = limit();
    const std::lock_guard lock(l.mutex);
    if (l.most != UINT64_MAX) {
        if (bytes > l.most || private_memory() + l.shared > l.most - bytes) return false;
        if (!set_limit(l.most - l.shared - bytes)) return false;
    }
    l.shared += bytes;
    return true;
}

void give_back_shared_memory(std::size_t bytes) noexcept {
    Limit& l = limit();
    const std::lock_guard lock(l.mutex);
    l.shared -= bytes;
    if (l.most != UINT64_MAX) set_limit(l.most - l.shared);
}

}  // namespace flowspan
