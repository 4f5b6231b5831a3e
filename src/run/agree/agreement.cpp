#include "run/agree/agreement.hpp"

#include "run/agree/together.hpp"
#include "run/job/job.hpp"
#include "run/start/node.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/kernels.hpp>
#include <flowspan/version.hpp>

#include <algorithm>
#include <bit>
#include <stdexcept>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

void pin_level(const std::string& isa) {
    try {
        kernels::pin_isa(isa);
    } catch (const std::invalid_argument&) {
        std::string levels;
        for (const std::string& level : kernels::isa_levels()) levels += level + ", ";
        throw Refused(Diagnostic{{}, "--isa", "a level of this processor: " + levels + "best", isa, "", {}});
    }
}

// Levels are ordered, each contains those below it: the shortest list is what all have.
std::string common_level(comm::Communicator& communicator) {
    std::string common;
    std::size_t fewest = SIZE_MAX;
    for (const std::string& text :
         communicator.all_gather(fmt::format("{} {}", kernels::isa_levels().size(), kernels::isa_levels().back()))) {
        const std::size_t count = std::stoul(text);
        if (count < fewest) common = text.substr(text.find(' ') + 1);
        fewest = std::min(fewest, count);
    }
    return common;
}

/// Throws Failure where the facts of a rank are others than those of rank 0.
void compare(const std::vector<Value>& ranks, const std::string& fft) {
    std::string differences;
    bool numbers = false, other = false;
    const Value& first = ranks[0];
    for (std::size_t r = 1; r < ranks.size(); ++r) {
        const Value& theirs = ranks[r];
        for (const auto& [key, value] : first.at("facts").map()) {
            if (theirs.at("facts").at(key) == value) continue;
            (key == "fingerprint" ? numbers : other) = true;
            differences +=
                fmt::format("\n  {}: {} on rank 0 ({}), {} on rank {} ({})", key, value.json(), first.at("host").string(),
                            theirs.at("facts").at(key).json(), r, theirs.at("host").string());
        }
    }
    if (differences.empty()) return;
    if (numbers && !other)
        differences += fft == "portable" ? "\n   hint: start all ranks on nodes with the same libraries"
                                         : "\n   hint: FFTW chooses its code by the processor; give --fft portable";
    throw Failure(ExitCode::communication, "the ranks differ:" + differences);
}

}  // namespace

Value agree(comm::Communicator& communicator, const JobRequest& request, const std::vector<std::string>& plugins) {
    kernels::portable_fft(request.fft == "portable");
    std::size_t first_cache = 0;
    together(communicator, [&] {
        first_cache = first_cache_bytes();
        pin_level(request.isa);
    });
    const std::string common = common_level(communicator);
    if (request.isa == "best") kernels::pin_isa(common);
    Value mine = Value::Map{{"fft", request.fft},
                            {"mpi", communicator.library()},
                            {"build", std::string(version) + " " __VERSION__},
                            {"byte_order", std::endian::native == std::endian::little ? "little" : "big"},
                            {"isa", kernels::isa()},
                            {"fingerprint", kernels::fingerprint()},
                            {"plugins", Value::List(plugins.begin(), plugins.end())}};
    std::vector<Value> ranks;
    for (const std::string& text : communicator.all_gather(
             packed(Value::Map{{"facts", mine}, {"host", communicator.host()}, {"first_cache_bytes", first_cache}})))
        ranks.push_back(unpacked(text));
    compare(ranks, request.fft);
    // Caches may differ, the plan may not: steps fit the smallest.
    for (const Value& rank : ranks) first_cache = std::min(first_cache, std::size_t(rank.at("first_cache_bytes").integer()));
    mine.map()["first_cache_bytes"] = first_cache;
    return mine;
}

}  // namespace flowspan::run
