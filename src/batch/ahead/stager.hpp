// Recordings copied to a nearer disk ahead of the units that read them (`--stage`). docs/batches.md.
#pragma once

#include "batch/work/compute.hpp"
#include "batch/work/content.hpp"
#include "io/publish/product.hpp"
#include "io/writing/thread.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// Half of what is free where this folder lies.
std::uint64_t half_of_free(const std::string& folder);

/// A rank's. Copies are made one after another on a thread of its own, so that neither units nor their files wait for one;
/// computed and next unit have theirs. What cannot be copied is read where it lies.
class Stager {
public:
    using Clock = std::chrono::steady_clock;
    struct Options {
        std::string folder;         // this rank's own, in that of all
        std::string all;            // the folder that `limit` is about: of all ranks of this host
        std::uint64_t limit = 0;    // bytes
        bool one_at_least = false;  // the limit is a guess: a copy that is alone may exceed it
    };
    using Log = std::function<void(const std::string& run, const run::LogLine& line)>;
    Stager(Options options, Log log);
    ~Stager();

    void give(Task task) { waiting_.push_back(std::move(task)); }
    /// Those that may be computed now, in their order, told of their copies.
    std::vector<Task> turn(Clock::time_point now);
    /// A unit that `turn` gave is over.
    void over(std::uint64_t unit);
    /// Takes back what `turn` has not given: of this unit, or all.
    std::vector<Task> take_back(std::optional<std::uint64_t> unit);
    bool idle() const { return waiting_.empty(); }

private:
    /// Of one file.
    struct Copy {
        std::string original, file;
        FileFacts facts;
        Content content;
        std::string hash, trouble;
        bool too_large = false;  // for the limit, as things are
        bool minor = false;      // the trouble: nobody need know
        Clock::time_point unused{};
    };
    struct Given {
        std::uint64_t unit = 0;
        std::vector<std::shared_ptr<Copy>> copies;
    };
    void begin();
    bool lacks_room() const;
    void forget_failed();
    Task first(Clock::time_point now);
    void make(Copy& copy) const;
    void tell(Task& task, std::vector<std::shared_ptr<Copy>> copies);
    void remove_unused(Clock::time_point now, bool all);
    void log(const Task& task, run::LogLevel level, const std::string& text) const;

    Options options_;
    Log log_;
    std::atomic<bool> ends_{false};
    std::deque<Task> waiting_;
    std::map<std::string, std::shared_ptr<Copy>> copies_;  // by original
    std::vector<std::shared_ptr<Copy>> old_;               // of originals that have changed
    std::vector<std::shared_ptr<Copy>> front_;             // of the first that waits, which is
    std::optional<std::uint64_t> front_is_;
    std::optional<Step> job_;  // makes these
    bool waits_ = false, cleared_ = false;
    std::vector<Given> given_;
    std::uint64_t next_ = 0;
    io::Publisher none_;
    io::Thread thread_;
};

}  // namespace flowspan::batch
