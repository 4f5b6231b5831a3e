// What the first start of a folder has pinned for all later ones, lest its products be of different bits.
#pragma once

#include "batch/journal/files.hpp"
#include "batch/opening/opening.hpp"
#include "comm/communicator.hpp"

#include <string>
#include <vector>

namespace flowspan::batch {

/// Empty where nothing is pinned yet.
struct Pins {
    std::string level, fft;   // as --isa and --fft name them
    std::string fingerprint;  // of what kernels and libraries compute there
    friend bool operator==(const Pins&, const Pins&) = default;
};

/// Of the first start of any part. Throws Failure where the folder cannot be read.
Pins pins_of(const std::string& out, Troubles& troubles);
inline Pins pins_of(const std::string& out) {
    Troubles said_elsewhere;
    return pins_of(out, said_elsewhere);
}

/// `--isa best` and no `--fft` become what is pinned. Throws Refused where something else is asked for.
void hold_to(const Pins& pins, run::JobRequest& job);
/// Throws Refused where this processor has not the level that is pinned.
void must_have_level_of(const Pins& pins);

/// All ranks settle on level, transforms and fingerprint, as those of a run do; `job` of rank 0 says what is asked for, and
/// behind it that of every rank what has been agreed. Returns that. Collective; throws the same on every rank: Refused, and
/// Failure where they differ.
Pins agree_on_numbers(comm::Communicator& communicator, const std::string& out, run::JobRequest& job,
                      const std::vector<std::string>& plugins);

}  // namespace flowspan::batch
