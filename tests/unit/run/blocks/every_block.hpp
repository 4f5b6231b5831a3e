// What holds for every block, which a new one joins by being registered: a feed of odd samples before it, everything that comes
// of it kept, and what the tests of every_block_*.cpp share of that.
#pragma once

#include "run/job/job.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <flowspan/test.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace flowspan::run::every_block {

/// Named by the registered type.
class EveryBlock : public ::testing::TestWithParam<std::string> {};

constexpr std::uint64_t length = 30011;

/// Pseudo-random, of the index alone.
f32 number(std::uint64_t i);
template <class T>
T sample(std::uint64_t i) {
    if constexpr (std::is_same_v<T, cf32>)
        return {number(2 * i), number(2 * i + 1)};
    else
        return number(i);
}

// ---- Items -----------------------------------------------------------------------------------------------------------------

using Shape = std::vector<Axis>;
Axis channels(std::size_t n);
Axis bins(std::size_t n);
std::size_t samples_of(const Shape& shape);
/// Items that every block takes are of one sample; what splits items takes those that its example splits.
Shape usual_items(const BlockType& type);

/// Every one of these items, and what it is called.
struct NamedShape {
    Shape shape;
    const char* called;
};

const std::vector<NamedShape>& odd_items();

/// Samples as the feed makes them, with its gap.
template <class T>
test::Stream odd_stream(std::uint64_t items, const Shape& shape = {}) {
    std::vector<T> samples;
    for (std::uint64_t i = 0; i < items * samples_of(shape); ++i) samples.push_back(sample<T>(i));
    test::Stream s = test::Stream::of(samples, Rational(1000000));
    s.description.shape = shape;
    s.description.center_frequency = 1e8;
    s.description.utc = Time(1000, Rational());
    s.stretches.push_back({10007, {Break::gap, 501}, 1e8, Time(1000, Rational(10007 + 501, 1000000))});
    return s;
}

// ---- Whole jobs ------------------------------------------------------------------------------------------------------------

/// What was seen, by whom; shared by the ranks of a local run.
struct Seen {
    std::mutex mutex;
    std::map<std::string, std::string> of;
};

/// The built-in blocks, and `feed`, `retuner`, `teller`, and `keep` and `note`, which write into `seen`.
Registry registry_with(Seen& seen);
bool takes_group(const Block& block);

constexpr const char *plain = "{type: copy}", *filter = "{type: fir_filter, taps: [0.5, 0.25, 0.25], decimation: 2}",
                     *retuner = "{type: retuner}";

/// Of the block before.
constexpr const char* retunings =
    "  - {at: 503, set: before.center, to: 1.5e8}\n  - {at: 5003, set: before.center, to: 2e8}\n  - {at: 10006, set: "
    "before.center, to: 3e8}\n"
    "  - {at: 15001, set: before.center, to: 4e8}\n  - {at: 15002, set: before.center, to: 5e8}\n";

/// The block behind a feed, everything that comes of it kept. `before` stands before it: a decimation ends a stretch at odd
/// places.
std::string graph_around(const BlockType& type, std::uint64_t first, const std::string& schedule, const std::string& before,
                         std::optional<Shape> items = {});

/// Names and bytes of all files in a folder.
std::string content(const std::string& folder);

/// What a job came to, and what was seen.
struct Ran {
    ExitCode code = ExitCode::bug;
    std::string cause;
    std::map<std::string, std::string> seen;
    Value report;
    std::map<std::string, std::string> hashes;  // XXH3-128 of the files, by path
};

/// `request` is changed by `change`, if there is one.
Ran ran(const std::string& text, int ranks, std::uint64_t seed, const std::function<void(JobRequest& request)>& change = {});

/// The described graph of a block behind a source of its first sample type; nothing where it has no stream input and output.
struct Described {
    Registry registry;
    Seen seen;
    std::unique_ptr<runtime::Flowgraph> graph;
    int block = -1;
};

void describe(const BlockType& type, Described& d);
void describe_graph(const std::string& text, Described& d);
Value::Map parameters_of(const Described& d);

}  // namespace flowspan::run::every_block
