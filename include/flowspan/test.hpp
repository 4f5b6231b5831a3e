// Testing one block alone: no graph file, no MPI.
#pragma once

#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>
#include <flowspan/when.hpp>

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::test {

/// A whole stream in memory.
struct Stream {
    struct Stretch {
        std::uint64_t index = 0;
        Discontinuity what;
        std::optional<double> center_frequency;
        std::optional<Time> utc;
    };
    /// What came out: another centre frequency from this item on, within a stretch.
    struct Retuning {
        std::uint64_t index = 0;
        std::optional<double> center_frequency;
        friend bool operator==(const Retuning&, const Retuning&) = default;
    };
    StreamDescription description;
    std::vector<std::byte> bytes;
    std::vector<Tag> tags;
    std::vector<Stretch> stretches;  // those after the first
    std::vector<Retuning> retunings;
    std::uint64_t first = 0;  // of what came out: index of the first item

    template <class T>
    static Stream of(const std::vector<T>& samples, std::optional<Rational> rate = {}) {
        Stream s;
        s.description.type = sample_type_of<T>;
        s.description.sample_rate = rate;
        s.bytes.resize(samples.size() * sizeof(T));
        if (!samples.empty()) std::memcpy(s.bytes.data(), samples.data(), s.bytes.size());
        return s;
    }
    template <class T>
    std::vector<T> samples() const {
        std::vector<T> v(bytes.size() / sizeof(T));
        if (!v.empty()) std::memcpy(v.data(), bytes.data(), v.size() * sizeof(T));
        return v;
    }
};

/// A change while the block runs: a parameter that is set, or a command that is called with a list of arguments.
struct Change {
    std::string name;
    Value value;
    When when;
    bool command = false;
};

struct Options {
    std::uint64_t seed = 0;               // 0: chunks as large as the buffers; else random sizes from this seed
    std::size_t max_chunk = 0;            // 0: no limit
    std::uint64_t max_outputs = 1000000;  // for endless sources
    const Registry* registry = nullptr;   // default: built_in_blocks()
    std::string out = ".";                // where products go
    bool seam = false;                    // the inputs are a segment of longer streams: they end without padding or flush
    std::optional<std::uint64_t> begin;   // and begin at this index, within a stretch; what is before is not looked at
    std::vector<Change> changes;          // of the block
    std::function<Recording(const std::string& path)> recordings;  // reads headers, for blocks that read files
};

struct Outcome {
    std::vector<Stream> outputs;  // in the order of the block's ports
    std::map<std::string, std::vector<Message>> messages;
    Value results;
    std::vector<std::string> answers;   // to the changes, in their order: "sample 480", or why they were refused
    std::vector<std::string> warnings;  // of the block, each text once
};

/// Runs one block of the given type on whole streams and returns all that comes out. Throws Refused or Failure as a run
/// would.
Outcome run(const std::string& type, const Value::Map& parameters, const std::vector<Stream>& inputs,
            const Options& options = {});

}  // namespace flowspan::test
