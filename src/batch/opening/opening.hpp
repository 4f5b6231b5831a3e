// The start of a batch on rank 0: which units there are, what is known of them, what is left to be done.
#pragma once

#include "batch/journal/history.hpp"
#include "batch/journal/journal.hpp"
#include "batch/units/plan.hpp"
#include "batch/units/units.hpp"
#include "io/claim/lock.hpp"
#include "run/job/job.hpp"

#include <flowspan/registry.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace flowspan::batch {

/// What a person asks for.
struct BatchRequest {
    run::JobRequest job;      // graph and `--set`; of each unit: isa, fft (as agreed), memory, log level, patience
    std::string fingerprint;  // of what kernels and libraries compute, as agreed
    UnitsRequest units;
    std::string part;   // "K/N"; "" without parts
    std::string input;  // the parameter that a recording goes to; "" the one that is meant
    std::string out;
    std::vector<std::string> plugins, plugin_files, command;  // plug-ins by name and hash
    int attempts = 3;
    double wait_s = 0;                        // for another batch that works on `out`
    bool no_retry = false;                    // what has failed before is not tried again
    bool takes_more = false, serves = false;  // units may come while it runs; it waits for them until it is stopped
    int ranks = 1;                            // there are
    std::string team;  // how many compute a unit together: a number, "graph", or "" for as few as it fits
};

/// What is to be done with a unit.
struct UnitPlan {
    UnitId id;
    enum class What : std::uint8_t { run, nothing, given_up } what = What::run;
    std::string fingerprint;  // of what its products follow from, as far as that is known without reading
    std::string known_key;    // where its products are there
    Value known_content;
    std::string fingerprint_if_wrong;  // the same with what the system says of its files
    int attempts = 0;                  // that failed and were to be followed by others
    int deaths = 0;                    // of whole batches that did nothing else
    bool suspect = false;
    double cost = 1;          // bytes of its recording
    std::string why = "new";  // it is run
    std::string cause;        // of one that was given up before
};

/// A graph of the batch: its own, or one that a list names.
struct GraphText {
    std::string file, text;
    std::string input;        // the parameter that a recording goes to
    std::string fingerprint;  // of what all its units have in common
    Value seen{};             // of included files and variables (JobRequest)
    // Of the rank that computes one of its units, as far as the first ones say:
    std::vector<graph::Need> needs{};
    bool wants_devices = false, wants_transforms = false;
};

struct Opened {
    std::string run;                          // of this start, 12 hexadecimal digits
    std::map<std::string, GraphText> graphs;  // by `Unit::graph`
    int part = 0;
    int team = 1;                 // ranks that compute a unit together
    bool shares_devices = false;  // each is one rank's
    std::vector<Unit> units;
    std::vector<UnitPlan> plans;          // by unit
    std::vector<Planned> planned;         // of a dry run
    std::unique_ptr<io::RunLocks> locks;  // nothing of a dry run
    std::unique_ptr<Journal> journal;     // as above
    std::vector<std::string> notes, warnings;
    // Where more may come:
    UnitsRequest pinned;  // what all units have in common
    std::unique_ptr<History> history;
    std::unordered_map<std::string, std::size_t> folders;  // of `units`, by name; empty before the first come
};

/// Units for a batch that runs.
struct MoreUnits {
    UnitsRequest units;                // words, sweeps, list, from, duration
    std::string graph;                 // the path of that of all which do not name one; "" that of the batch
    std::vector<std::string> plugins;  // files
};
struct Added {
    std::size_t units = 0, before = 0;  // new; of these done before
    std::vector<std::size_t> known{};   // those that the batch has already
    std::vector<std::string> notes;
};

/// Lists the units, checks the graph with the first of them whose recording can be read, locks the part, ends what earlier
/// starts have begun, and says what is left to be done. Throws Refused with all mistakes, Failure. `dry`: nothing is written.
Opened open_batch(const Registry& registry, BatchRequest request, bool dry);

/// Lists, checks and plans units that have come later; they stand behind the others of `opened`. Throws Refused with all
/// mistakes, Failure; then nothing has changed.
Added add_units(const Registry& registry, const BatchRequest& request, const MoreUnits& more, Opened& opened);

/// The overrides of a unit: those of the batch, its parameters, its recording.
std::vector<graph::Override> overrides_of(const BatchRequest& request, const GraphText& graph, const Unit& unit);

}  // namespace flowspan::batch
