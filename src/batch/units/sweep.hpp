// `--sweep gain=1,2,4`: each recording once with each value.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <string>
#include <vector>

namespace flowspan::batch {

struct Sweep {
    std::string key;
    std::vector<std::string> values;  // as written, at least one
};

/// Reads `KEY=VALUE,VALUE,…`. A comma within brackets or parentheses is one of the value; a value in double quotes is what
/// stands between them, a doubled one for one. `set`: keys of `--set`, which cannot be swept as well. `from` and `duration` are
/// those of the recording.
std::vector<Sweep> read_sweeps(const std::vector<std::string>& texts, const std::vector<std::string>& set, Diagnostics& found);

}  // namespace flowspan::batch
