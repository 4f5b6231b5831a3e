// A recording, or a part of it, written as another one.
#pragma once

#include "run/plugins/library.hpp"

#include <map>
#include <string>

namespace flowspan::cli {

/// A value as a graph file has it: quoted, with nothing to be filled in.
std::string quoted(const std::string& text);

struct Conversion {
    std::string in, out;                         // paths
    std::string to, format;                      // a sample type; raw, npy, sigmf, wav, digital_rf; "": as `out` says
    std::map<std::string, std::string> reading;  // parameters of the source: from, duration, datatype, …
    bool overwrite = false, quiet = false;
    std::string progress = "auto";
};

/// Makes it on this process alone, through the same publishing as any product. Returns the exit code; what went wrong has been
/// said. Throws Refused, Failure before the run.
int convert(const Conversion& conversion, const Registry& registry);

}  // namespace flowspan::cli
