// The files of a sink that makes one for each stretch: NAME.EXT, NAME.2.EXT, NAME.3.EXT, …
//
// A stretch that begins with a retune of the recording may go on in the file of the one before (`retune: continue`).
#pragma once

#include <flowspan/block.hpp>

#include "io/publish/product.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::blocks {

/// The parameter `retune` of such a sink.
class AtRetune {
public:
    explicit AtRetune(Block& owner)
        : choice_(
              owner, "retune",
              {.initial = "new_file",
               .choices = {"new_file", "continue"},
               .help = "What a retune in the recording, which ends a stretch, means here: a file of its own, or more of the "
                       "same one."}) {}
    /// Whether the stretch that begins on this input goes on in the file of the one before.
    bool goes_on(const InputPort& in) const {
        return choice_.get() == "continue" && in.discontinuity() && in.discontinuity()->kind == Break::retune;
    }

private:
    Parameter<std::string> choice_;
};

/// The path of the file of a sink's stretch `number` (from 1): the second and later ones are numbered, and have the time of
/// their own first sample where the path asks for a time. From `restart` on.
inline std::string stretch_path(const Block& block, const Parameter<ProductPath>& path, const InputPort& in,
                                std::size_t number) {
    if (number < 2) return path->path;
    const StreamDescription& stream = in.description();
    const auto dated = block.context().dated.find(path.name());
    if (dated == block.context().dated.end()) return io::with_infix(path->path, std::to_string(number));
    std::optional<Time> utc;
    if (stream.utc && stream.sample_rate)
        utc =
            moved(*stream.utc, Time::of(std::int64_t(std::max(in.index(), in.index() - in.in_stretch())), *stream.sample_rate));
    return io::with_infix(dated->second(utc), std::to_string(number));
}

/// `Writer` has open() and complete(), both for the I/O thread. A writer whose stretch is over is completed by the next job.
template <class Writer>
class StretchWriters {
public:
    bool empty() const { return writers_.empty(); }
    auto begin() const { return writers_.begin(); }
    auto end() const { return writers_.end(); }

    std::size_t size() const { return writers_.size(); }
    /// A stretch begins, the one before is over.
    void add(std::shared_ptr<Writer> writer) {
        if (!writers_.empty()) ended_.push_back(writers_.back());
        writers_.push_back(std::move(writer));
    }
    void open() { writers_.back()->open(); }
    /// A job for the present stretch: `job(writer)`.
    template <class Job>
    Step submit(Io& io, Job job) {
        return io.submit([ready = std::exchange(ended_, {}), writer = writers_.back(), job = std::move(job)] {
            for (const auto& before : ready) before->complete();
            job(*writer);
        });
    }
    /// Completes what is left; done when it has been called before.
    Step finish(Io& io) {
        if (std::exchange(finished_, true)) return Step::done();
        ended_.push_back(writers_.back());
        return io.submit([ready = std::exchange(ended_, {})] {
            for (const auto& writer : ready) writer->complete();
        });
    }

private:
    std::vector<std::shared_ptr<Writer>> writers_;  // one a stretch
    std::vector<std::shared_ptr<Writer>> ended_;
    bool finished_ = false;
};

}  // namespace flowspan::blocks
