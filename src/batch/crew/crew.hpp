// What each rank of a batch does: it has units computed, and sees to their files. docs/batches.md.
#pragma once

#include "batch/ahead/stager.hpp"
#include "batch/crew/committed.hpp"
#include "batch/crew/computing.hpp"
#include "batch/crew/sender.hpp"
#include "batch/see/unit_log.hpp"
#include "io/writing/thread.hpp"
#include "run/star/control_star.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::batch {

class Crew {
public:
    /// `out`: of the batch; `log`: the name of the file of what units say.
    Crew(run::ControlStar& star, Computing& computing, io::Thread& io, std::string out, const std::string& log)
        : star_(star), computing_(computing), io_(io), out_(std::move(out)), log_(io, out_, log) {}
    /// A line of the unit that is being computed, for its file.
    void log(const std::string& run, const run::LogLine& line);
    /// This host does not see the batch's OUT: products are made below `own`, and sent to rank 0.
    void send_products(const std::string& own, std::string host);

    /// Recordings are copied ahead of the units.
    void stage(Stager::Options options, Stager::Log log);

    /// A word from rank 0; false: it is for somebody else.
    bool take(const run::ControlMessage& message);
    /// Units, files, answers. Waits at most so long for something to happen.
    void turn(std::chrono::milliseconds wait);
    /// The same but for units: also while one of them is computed.
    void files();
    /// Nothing is to be done, and everything has been said.
    bool idle() const;
    /// The unit that is being computed here, for those who look: `unit`, `fraction`, `since`; or null.
    Value at();
    /// Rank 0 has said that nothing more will come.
    bool over() const { return over_ && idle(); }

private:
    /// A job on the I/O thread for several units, and what it will have to say.
    struct Files {
        Step job;
        std::shared_ptr<std::vector<Answer>> answers;
        std::shared_ptr<std::vector<Renamed>> renamed;
    };
    void give(Task task);
    void compute(Task task);
    void take_back(std::optional<std::uint64_t> unit, const char* why);
    void take_tasks(const Value::List& given);
    void take(Outcome outcome);
    void clear_away(const Task& task, Answer answer);
    void make_durable();
    void look_at_files();

    run::ControlStar& star_;
    Computing& computing_;
    io::Thread& io_;
    std::string out_;
    std::vector<Answer> made_;  // their parts are not durable yet
    Value::List said_;          // answers that are to go
    std::deque<Files> files_;
    bool durable_job_ = false, over_ = false;
    UnitLog log_;
    std::unique_ptr<Sender> sender_;
    std::unique_ptr<Stager> stager_;
    std::string host_;
    std::string at_run_;
    double since_ = 0;  // of that attempt
};

}  // namespace flowspan::batch
