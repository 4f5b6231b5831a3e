// Small files that a run leaves for other runs: a line with kind, length and SHA-256, then JSON.
#pragma once

#include <flowspan/value.hpp>

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace flowspan::io {

/// The file as text.
std::string sealed(const std::string& kind, const Value& content);

struct Unsealed {
    std::optional<Value> content;  // nothing where it is not to be trusted
    std::string why;               // then: "it is cut off", …; "" where it is not there any more
    bool unfinished = false;       // it may be one that is just being written
    uid_t owner = 0;
    std::int64_t modified_ns = 0;  // by the clock of its file system
    std::uint64_t device = 0, inode = 0;
};
/// Reads a file of this kind. Whatever stands there, it is bounded in time and memory, and no link is followed.
Unsealed unseal(const std::string& kind, const std::string& path);

}  // namespace flowspan::io
