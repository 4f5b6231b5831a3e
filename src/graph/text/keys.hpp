// The keys of a graph file: for the reader, the JSON Schema, and the test of the manual.
#pragma once

#include <string>
#include <vector>

namespace flowspan::graph::keys {

using Words = std::vector<std::string>;

inline const Words sections{"flowspan",    "name",     "include", "parameters", "groups",  "blocks",
                            "connections", "messages", "unused",  "ranks",      "schedule"};
inline const Words included{"flowspan", "name", "include", "parameters", "groups"};
inline const Words group{"help", "parameters", "ports", "blocks", "connections", "messages", "unused"};
inline const Words parameter{"default", "unit", "range", "choices", "help"};
inline const Words block{"type", "group", "copies", "enabled", "device"};  // beside the parameters of the block or the group
inline const Words devices{"cpu", "cuda", "auto"};                         // as in DeviceChoice
inline const Words needing{"require", "prefer"};                           // of a block, a use of a group, or a place
inline const Words needs{"cuda", "memory", "host", "path", "plugin", "exclusive"};  // as in Need::Kind
inline const Words place{"blocks", "count", "require", "prefer"};
inline const Words stream{"buffer"};
inline const Words message{"order", "feedback"};
inline const Words change{"at", "set", "to", "call", "with"};           // a line of `schedule:`
inline const Words facts{"sample_rate", "center_frequency", "length"};  // of sources, in expressions
inline const Words functions{"min", "max", "round", "floor", "ceil", "log2", "count"};

}  // namespace flowspan::graph::keys
