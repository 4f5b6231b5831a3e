// What of a recording's SigMF header stays true of a stream that was made of it, and what is said of how that was made.
#pragma once

#include <flowspan/recording.hpp>

#include <string>

namespace flowspan::io {

/// Global keys that travel: all but those that describe the file itself (datatype, rate, channels, offset, sha512, dataset,
/// trailing bytes, DOIs, collection), those that a writer sets (version, recorder, extensions) and our own.
Value::Map kept_global(const Value& header);

/// The unit of the samples, as `flowspan:unit` says it; "" where it says none.
std::string stated_unit(const Value& header);

/// Keys of a capture that travel: all but its place, time and frequency, which follow from the stream.
Value::Map kept_capture(const Value& capture);

/// What a run says of itself, under our own namespace: `flowspan:version`, and `flowspan:graph`, the graph's name, where it has
/// one. (Not the recording's: a batch may read a copy of another name.)
void add_provenance(Value::Map& global, const std::string& graph);

/// core:extensions as a list of objects, also where it is an object of versions by name, as before SigMF 1.0.
Value::List extensions_of(const Value::Map& global);
/// Adds our extension to core:extensions, and those of the header whose keys are kept; all as optional.
void declare_extensions(Value::Map& global, const Value* header = nullptr);

/// Whether a key of an object is of our own namespace.
bool has_own_keys(const Value& object);

}  // namespace flowspan::io
