#include "comm/local/local.hpp"
#include "link_runner.hpp"

namespace flowspan::tests {

bool has_ranks(int) { return true; }

Collected run_on(const std::string& text, int ranks, unsigned seed, std::uint64_t delay_seed, bool seam,
                 std::optional<std::uint64_t> begin) {
    Collected collected;
    comm::run_local(ranks,
                    [&](comm::Communicator& communicator) { run_partition(text, communicator, seed, seam, begin, collected); },
                    {.eager_bytes = seed % 2 == 0 ? 0U : 4096U, .delay_seed = delay_seed});
    return collected;
}

}  // namespace flowspan::tests
