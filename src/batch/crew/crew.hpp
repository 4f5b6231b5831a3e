// What each rank of a batch does: it has units computed by a worker below it, and sees to their files. docs/batches.md.
#pragma once

#include "batch/crew/committed.hpp"
#include "batch/see/unit_log.hpp"
#include "batch/work/compute.hpp"
#include "batch/worker/nursery/nursery.hpp"
#include "io/writing/thread.hpp"
#include "run/star/control_star.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

class Crew {
public:
    struct Options {
        std::string out;  // of the batch
        Limits limits;    // of a worker
        run::LogLevel log_level = run::LogLevel::warning;
        std::string log;  // the name of the file of what units say; "": none
    };
    Crew(run::ControlStar& star, Nursery& nursery, io::Thread& io, Options options);

    /// A word from rank 0; false: it is for somebody else.
    bool take(const run::ControlMessage& message);
    /// Workers, files, answers. Waits at most so long for something to happen.
    void turn(std::chrono::milliseconds wait);
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
    void give();
    void hear(const Event& event);
    void ended(const Ended& end);
    void answered(Answer answer);
    void clear_away(const Task& task, const Answer& answer);
    void make_durable();
    void look_at_files();
    void drop_all();

    run::ControlStar& star_;
    Nursery& nursery_;
    io::Thread& io_;
    Options options_;
    std::unique_ptr<Handle> worker_;
    std::deque<Task> waiting_, given_;  // given to the worker: the first is in the making
    std::vector<Answer> made_;          // their parts are not durable yet
    Value::List said_;                  // answers that are to go
    std::deque<Files> files_;
    bool durable_job_ = false, over_ = false;
    UnitLog log_;
    std::string at_run_;
    double fraction_ = -1, since_ = 0;  // of that attempt
};

}  // namespace flowspan::batch
