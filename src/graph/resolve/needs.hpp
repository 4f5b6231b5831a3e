// What blocks and places need of the node that runs them: `require:` and `prefer:`.
#pragma once

#include "graph/text/document.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::graph {

class Names;
struct Reading;

struct Need {
    enum class Kind { cuda, memory, host, path, plugin, exclusive };
    Kind kind = Kind::cuda;
    std::string text;          // as written, "8 GiB", "nid0*"; a path is taken from the file's folder
    std::uint64_t amount = 0;  // devices or bytes; exclusive: 1
    bool preferred = false;    // of `prefer:`: where nobody offers it, that is said and the run goes on
    std::string key;           // "ranks.gpu.require.cuda"
    Position at;
};

/// Reads the map below `require:` or `prefer:` (`preferred`). Mistakes go to `reading`, under `key`.
std::vector<Need> read_needs(Reading& reading, Names& names, const Node& node, const std::string& key, bool preferred);

}  // namespace flowspan::graph
