// The collective part of a run: text and facts to all ranks, agreement, description, plan, preparation.
#pragma once

#include "io/claim/lock.hpp"
#include "io/writing/thread.hpp"
#include "run/job/job.hpp"
#include "run/report/report_file.hpp"
#include "run/start/examine.hpp"
#include "run/start/team.hpp"
#include "runtime/flowgraph/declarations.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace flowspan::run {

class ControlService;

/// Everything a rank has when streaming begins. Order of members is order of construction.
struct Started {
    Started() = default;
    Started(const Started&) = delete;
    Started& operator=(const Started&) = delete;
    ~Started();  // jobs under way point into the tasks' buffers: they end first

    JobRequest request;
    std::string run_id;
    std::vector<std::string> hosts;             // by rank
    std::vector<int> pids;                      // by rank
    Value agreement;                            // numeric level, build, library, smallest first cache
    io::Claims claims;                          // of all ranks
    std::unique_ptr<io::RunLocks> locks;        // rank 0; others where they write to a folder of their own node
    std::unique_ptr<ReportFile> report;         // rank 0, where it was asked for
    std::unique_ptr<runtime::Flowgraph> graph;  // with the blocks of this rank alone
    partition::Plan plan;
    std::vector<std::string> block_names;
    std::vector<std::shared_ptr<const runtime::BlockDeclarations>> declarations;  // by block, of all ranks
    std::unique_ptr<io::Publisher> publisher;
    std::unique_ptr<io::Thread> io;
    std::unique_ptr<runtime::PartitionTasks> tasks;
    std::unique_ptr<ControlService> control;  // rank 0, where it was asked for
    std::vector<std::string> notes, warnings;
    std::vector<std::string> command;                          // rank 0
    std::vector<Recording> recordings;                         // that the graph names
    std::map<std::string, std::vector<std::string>> files_of;  // each of them, by what the graph calls it
    std::vector<std::string> inputs;                           // the files that these consist of
    std::chrono::system_clock::time_point begun = std::chrono::system_clock::now();
};

/// Throws Refused with the mistakes of all ranks, the same on every rank; Failure likewise. Nothing where `hooks.planned` says
/// that it was all.
std::unique_ptr<Started> start_up(Team& team, const Registry& registry, const JobRequest& request, const JobHooks& hooks);

/// From now on a rank that its timer ends by force (see Watch) takes with it what it has begun to write, its locks last.
void clear_when_leaving(const Started& s, int rank);

/// The end of every start, once there is a plan: blocks of other ranks go, those of this one touch files and make tables.
/// Throws Refused, or BlockFailure for what failed otherwise; other ranks must then hear of it.
void make_ready(comm::Communicator& communicator, Started& started, const runtime::LoopOptions& options);

/// 12 hexadecimal digits.
std::string new_run_id();
/// How many ranks an assignment names; 1 where it names none.
int ranks_wanted(const graph::Assignment& assignment);

}  // namespace flowspan::run
