#include "core/mistakes/failure_of.hpp"

#include "core/mistakes/sane.hpp"
#include "core/process/memory_limit.hpp"

#include <sys/resource.h>

#include <filesystem>
#include <new>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

namespace flowspan {
namespace {

constexpr std::size_t longest = 16000;

std::string out_of_memory() {
    if (const std::string& said = memory_limit_said(); !said.empty()) return "out of memory: it needs more than " + said;
    struct rlimit limit {};
    if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return "out of memory";
    return fmt::format("out of memory: this process may have {} KiB (ulimit -v)", limit.rlim_cur / 1024);
}

}  // namespace

bool is_of_memory(const std::exception& e) {
    return dynamic_cast<const std::bad_alloc*>(&e) != nullptr || dynamic_cast<const std::length_error*>(&e) != nullptr;
}

Failure failure_of(const std::exception& e) {
    if (const auto* refused = dynamic_cast<const Refused*>(&e)) return {refused->code(), sane(refused->what(), longest)};
    if (const auto* failure = dynamic_cast<const Failure*>(&e)) return {failure->code(), sane(failure->what(), longest)};
    if (is_of_memory(e)) return {ExitCode::block, out_of_memory()};
    if (const auto* of_files = dynamic_cast<const std::filesystem::filesystem_error*>(&e))
        return file_failure("look at", of_files->path1().string(), of_files->code().value());
    if (const auto* of_system = dynamic_cast<const std::system_error*>(&e))
        return {ExitCode::block, fmt::format("the system refuses what the run needs: {}", of_system->what())};
    return {ExitCode::bug, sane(e.what(), longest)};
}

}  // namespace flowspan
