// What a worker does with a unit.
#pragma once

#include "batch/work/content.hpp"
#include "run/job/job.hpp"
#include "run/job/log.hpp"

#include <flowspan/registry.hpp>
#include <flowspan/value.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::run {
class Team;
}

namespace flowspan::batch {

/// What a unit is to whoever computes it.
struct Task {
    std::uint64_t unit = 0;  // its number
    std::string run;         // the attempt's id, 12 hexadecimal digits
    std::string graph_file, graph_text;
    Value seen;                              // of included files and variables, as rank 0 sees them (JobRequest)
    std::vector<graph::Override> overrides;  // its parameters, the recording among them
    std::string from, duration;
    std::optional<std::string> ranks_text;  // of --ranks
    std::string ranks_file;
    bool ranks_auto = false;
    std::string out;  // folder of its products
    std::string isa = "best", fft = "native";
    std::uint64_t memory_limit = 0;
    graph::DeviceChoice device = graph::DeviceChoice::cpu;  // of blocks for which the graph does not say it
    std::uint64_t device_chunk = 0, device_memory_limit = 0;
    int readers = 1;
    int log_level = 2;
    double patience_s = 30;
    /// Of its products, where all are there: if they would come out the same, nothing is to be done.
    std::string known_key;
    Value known_content;
    /// A file that is read in the place of another, and the hash of its content.
    struct Copy {
        std::string file, hash;
    };
    std::map<std::string, Copy> copies;  // by the path that the unit names
    int device_order = -1;               // of the rank that computes it, among those of its host
    std::optional<std::string> devices;  // those that a worker may see, as CUDA_VISIBLE_DEVICES says it; nothing: all
    std::string cache;                   // a folder of products by key; "" none
    std::uint64_t cache_limit = 0;       // bytes; 0: any

    Value value() const;
    static Task read(const Value& v);
};

/// A part that is complete.
struct MadePart {
    std::string path, part;
    std::uint64_t bytes = 0;

    static Value list_of(const std::vector<MadePart>& parts);
    static std::vector<MadePart> from(const Value& list);
};

struct Answer {
    std::uint64_t unit = 0;
    std::string run;
    enum class What : std::uint8_t { made, unchanged, failed } what = What::failed;
    // made, unchanged
    std::string key;
    Value content;
    std::vector<MadePart> parts;
    std::uint64_t samples = 0;
    // failed
    std::string cause;
    ExitCode code = ExitCode::bug;
    bool may_be_tried_again = true;  // its inputs are not to blame
    bool lacks = false;              // its recording is not on this host
    bool cached = false;             // made: taken from the cache
    // all
    double began = 0, seconds = 0, cpu_s = 0;  // `began`: since 1970; 0: not known
    std::uint64_t peak_bytes = 0;              // of the worker's memory

    Value value() const;
    static Answer from(const Value& v);
};

struct ComputeHooks {
    std::function<void(const run::Progress&)> progress;
    std::function<void(const run::LogLine&)> log;
    std::function<bool()> dropped;          // where the ranks compute it themselves: whether it is to end now
    std::function<void(int code)> leaving;  // as above: before others are ended by force
};

/// Throws Refused where a product would not lie below `out`.
void check_products(const runtime::Flowgraph& graph, const std::string& out);

/// Runs the unit in this process, with the other ranks of the team; the answer counts on the first of them. Throws no exception
/// of the standard library: what goes wrong is the answer. Parts of a failed unit are removed.
Answer compute(run::Team& team, const Registry& registry, const Task& task, const ComputeHooks& hooks);

}  // namespace flowspan::batch
