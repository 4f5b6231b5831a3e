// The life of a run, the same code on every rank: agree, describe, prepare, stream, publish, leave.
#pragma once

#include "comm/communicator.hpp"
#include "graph/spec.hpp"
#include "io/publish/product.hpp"
#include "partition/plan.hpp"
#include "runtime/flowgraph/flowgraph.hpp"
#include "runtime/partition/partition_tasks.hpp"

#include <flowspan/registry.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace flowspan::run {

class Team;
struct LogLine;
struct Started;

/// What rank 0 was asked to do. Only rank 0 fills it in, but for patience and the last two; the others get it by broadcast.
struct JobRequest {
    std::string graph_file;
    std::string graph_text;
    graph::ReadOptions read;
    Value seen;  // of rank 0: what is known of included files and variables before it looks (RememberedOutside), or null
    std::string out = ".";
    std::string control;  // of rank 0: the path of its control socket; "": none
    std::string report;   // of rank 0: the file that its report goes to; "": none
    bool overwrite = false;
    bool until_stopped = false;
    double patience_s = 30;  // of every rank
    std::string isa = "best";
    std::string fft = "native";      // or "portable": the same bits on every processor
    std::string transport = "auto";  // for the report: the command line has chosen it before MPI began
    int log_level = 2;               // see LogLevel; 2: info
    std::string from, duration;      // for every source; "" as the graph says
    std::uint64_t chunk_seed = 0;
    std::size_t max_chunk = 0;
    std::uint64_t memory_limit = 0;         // bytes a rank; 0: none
    std::uint64_t device_memory_limit = 0;  // bytes of a rank's device; 0: none
    std::uint64_t device_chunk = 0;         // bytes of a call on a device, and of a copy; 0: as the planner has it
    int readers = 1;                        // threads that share a large read of a file
    bool hash_inputs = false;               // the report says what was read
    bool hash_products = false;             // and the XXH3-128 of what was made
    /// Whoever asks sees to the folders of the products: there are no locks, nothing there is looked at, and complete parts are
    /// left for him to make durable and to publish (JobResult::made).
    bool hands_over = false;
    std::string run_id;                // of the parts; "": a new one
    std::vector<std::string> command;  // of rank 0, for the report
    std::exception_ptr trouble;        // what went wrong while this rank put it together; thrown on every rank

    Value value() const;
    static JobRequest from_value(const Value& v);
};

/// How far a run is, for people. Given to the observer on rank 0 about four times a second.
struct Progress {
    double seconds = 0;
    double fraction = -1;        // of the slowest sink; negative: unknown
    double samples = 0;          // of all sources, so far
    double samples_per_s = 0;    // of all sources
    double times_real_time = 0;  // 0: unknown
    std::string slowest_block;   // the one with the most CPU time in work
};

struct JobHooks {
    std::function<void(const Progress&)> progress;      // rank 0
    std::function<void(const std::string& line)> note;  // rank 0: lines for stderr
    std::function<void(const LogLine& line)> log;       // rank 0: what ranks say, instead of `note`
    std::function<void(int code)> leaving;              // before a rank ends all others by force
    std::function<bool(const Started&)> planned;  // rank 0, with all blocks, before any does anything; false: that was all
    std::function<bool()> dropped;  // every rank, often: whether it is to end now. Signals are then the asker's affair
    bool told_is_final = false;     // TERM comes of a launcher that asks for stops otherwise
    std::function<void(const std::vector<std::string>& locks)> claims;  // rank 0: the files that are about to be its locks
    std::function<void()> committed;  // rank 0: whatever happens now, the products get their names
    std::function<void()> ready;      // rank 0, then: all ranks can take a signal
    std::function<void(const std::string& how)>
        lost;  // not rank 0, which is lost: somebody says what has become of the products
};

/// What came of it. `code` is right on every rank; `report` and `cause` are for rank 0.
struct JobResult {
    ExitCode code = ExitCode::done;
    std::string cause;        // one line; "" when all is well
    Diagnostics diagnostics;  // when it was refused
    Value report;
    std::string no_report;                      // after a stop: why it is not written
    std::vector<std::string> products;          // final names
    std::vector<io::Publisher::Entry> made;     // where they are handed over: complete parts
    std::map<std::string, std::string> hashes;  // as above, with `hash_inputs`: of recordings that were read whole, by path
    std::uint64_t samples = 0;                  // that all sources have made
    int partial = 0;                            // the number of partial names, where the products have such
    bool late_stop = false;                     // a stop was asked for when nothing was left that it could have cut short
};

/// What this process must be to run anything: rounding, short sleeps. Once, and after code of others has run.
void make_process_ready();

/// Runs one unit. Collective within the team.
JobResult run_unit(Team& team, const Registry& registry, const JobRequest& request, const JobHooks& hooks);

/// A team that runs one unit, and how long signals ask for its end. Collective. `term_is_stop`: what TERM and INT mean (see
/// Signals).
JobResult run_job(comm::Communicator& communicator, const Registry& registry, const JobRequest& request, const JobHooks& hooks,
                  bool term_is_stop);

}  // namespace flowspan::run
