// Recordings for random graphs: bursts of a square-ish tone in noise, in any of the types that recorders write.
#pragma once

#include "random_model.hpp"

#include <cstdint>
#include <string>

namespace random_graph {

struct Recording {
    std::string file;           // what a file_source names
    std::string datatype;       // cf32, ci16, …
    std::uint64_t rate = 0;     // Hz
    std::uint64_t samples = 0;  // in the file
    std::uint64_t length = 0;   // as the stream counts, with zeros for what is missing
    bool sigmf = false, gaps = false, retunes = false, centre = false;
};

/// Writes it into `folder`; nowhere where that is empty. With `odd_captures`: a SigMF recording with gaps, retunes and captures
/// at odd places. `zeros`: how what is missing will be read.
Recording write_recording(Random& random, const std::string& folder, const std::string& name, std::uint64_t samples,
                          std::uint64_t rate, bool odd_captures, bool zeros);

}  // namespace random_graph
