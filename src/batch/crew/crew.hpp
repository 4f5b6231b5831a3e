// What each rank of a batch does: it has units computed, and sees to their files. docs/batches.md.
#pragma once

#include "batch/crew/committed.hpp"
#include "batch/crew/computing.hpp"
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
    /// `out`: of the batch.
    Crew(run::ControlStar& star, Computing& computing, io::Thread& io, std::string out)
        : star_(star), computing_(computing), io_(io), out_(std::move(out)) {}

    /// A word from rank 0; false: it is for somebody else.
    bool take(const run::ControlMessage& message);
    /// Units, files, answers. Waits at most so long for something to happen.
    void turn(std::chrono::milliseconds wait);
    /// The same but for units: also while one of them is computed.
    void files();
    /// Nothing is to be done, and everything has been said.
    bool idle() const;
    /// Rank 0 has said that nothing more will come.
    bool over() const { return over_ && idle(); }

private:
    /// A job on the I/O thread for several units, and what it will have to say.
    struct Files {
        Step job;
        std::shared_ptr<std::vector<Answer>> answers;
        std::shared_ptr<std::vector<Renamed>> renamed;
    };
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
};

}  // namespace flowspan::batch
