// SigMF collections: https://github.com/sigmf/SigMF, "SigMF Collection Format".
#pragma once

#include <flowspan/value.hpp>

#include <string>
#include <utility>
#include <vector>

namespace flowspan::io {

/// Name and hash of a stream of a collection, which is an object of `name` and `hash` (1.2) or a list of both (1.0); nullptr:
/// it is neither.
std::pair<const Value*, const Value*> stream_of(const Value& stream);

/// A collection is no recording: says which it names. Throws Refused, or Failure when it cannot be read.
[[noreturn]] void refuse_collection(const std::string& path);

}  // namespace flowspan::io
