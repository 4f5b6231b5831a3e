// Who works on a batch: the lock of each of its parts, in OUT/.flowspan.
#pragma once

#include "io/claim/lock.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

struct Holder {
    std::string run, host;
    int pid = 0;
};

/// The living batch that holds a part, as far as this host can tell: one on another host counts as living until its lock has
/// not been renewed for a minute. Nothing is written.
std::optional<Holder> holder_of(const std::string& out, int part);

/// Locks these parts. Throws Refused where somebody works on one, Failure where a lock cannot be made.
std::unique_ptr<io::RunLocks> lock_parts(const std::string& out, const std::vector<int>& parts, const std::string& run);

}  // namespace flowspan::batch
