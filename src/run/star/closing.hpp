// What becomes of the files of a run at its end, on rank 0: a record is written or partial names are found, the ranks rename,
// the record goes (docs/publishing.md).
#pragma once

#include "io/publish/commit.hpp"

#include <flowspan/io.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::run {

class Closing {
public:
    /// open: the products are being made; deciding: the record is written, or partial names are found; renaming: the ranks do;
    /// finishing: the record goes; rolling: rank 0 renames instead of the ranks.
    enum class Stage { open, deciding, renaming, finishing, rolling, over };
    using Submit = std::function<Step(std::function<void()>)>;
    /// `submit` runs a job on the I/O thread.
    Closing(io::Commit commit, Submit submit) : submit_(std::move(submit)), commit_(std::move(commit)) {}

    Stage stage() const { return stage_; }
    /// Something happens to files at present.
    bool busy() const { return job_.has_value(); }
    /// Once the job of this stage is over, once: true. Throws what it has thrown.
    bool has_ended();

    void add(const std::vector<io::Publisher::Entry>& products);
    /// All products of all ranks are complete. False: there are none, nothing has to be written.
    bool decide(bool partial);
    void renaming() { stage_ = Stage::renaming; }
    void could_not_rename(std::vector<io::Unpublished> left);
    /// All ranks have renamed what they could.
    void finish();
    /// The ranks cannot any more.
    void roll_forward();
    void over() { stage_ = Stage::over; }

    /// Rank 0 leaves without the others: it does for them what can be done within so long. Returns what has become of the
    /// products, as the end of a sentence.
    std::string settle(std::chrono::milliseconds within);
    /// The record is durable, and what it names has not been seen to have its name.
    bool unsettled() const { return durable() && stage_ != Stage::over && !rolled_; }

    /// Nothing may be discarded any more.
    bool durable() const { return commit_.durable(); }
    /// The number of partial names; 0: products take their own.
    int partial() const { return partial_; }
    bool all_renamed() const { return left_.empty(); }
    /// What could not be renamed, and what to do about it.
    std::string unpublished_text() const;
    /// The products that have a name now, by it.
    std::map<std::string, io::Publisher::Entry> named(bool failed) const;
    /// What went wrong at the end and spoils nothing.
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    bool waits(std::chrono::steady_clock::time_point until);
    std::string folders_text() const;
    std::string keep_partial();

    Submit submit_;
    io::Commit commit_;  // touched by the job while there is one
    Stage stage_ = Stage::open;
    std::optional<Step> job_;
    std::vector<io::Publisher::Entry> made_;
    int partial_ = 0;
    bool rolled_ = false;  // by such a job
    std::vector<io::Unpublished> left_;
    std::vector<std::string> warnings_;
};

}  // namespace flowspan::run
