// The files of a sink that makes one for each stretch: NAME.EXT, NAME.2.EXT, NAME.3.EXT, …
//
// A stretch that begins with a retune of the recording may go on in the file of the one before (`retune: continue`).
#pragma once

#include <flowspan/block.hpp>

#include "core/files/file_kind.hpp"
#include "io/claim/folder.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
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

/// What stands behind the number of a stretch: the extension, unless a time is in it.
inline std::string stretch_suffix(const std::string& name) {
    std::string extension = std::filesystem::path(name).extension().string();
    return extension.find(BlockContext::no_date) == std::string::npos ? extension : "";
}

/// The names of the files of further stretches, for `product_patterns`.
inline std::vector<ProductPattern> stretch_patterns(const Block& block, const Parameter<ProductPath>& path) {
    if (is_written_in_place(path->path)) return {};
    const auto undated = block.context().undated.find(path.name());
    const std::string name = io::name_of(undated == block.context().undated.end() ? path->path : undated->second);
    const std::size_t end = name.size() - stretch_suffix(name).size();
    ProductPattern pattern{io::folder_of(path->path), {}, true};
    std::string literal;
    const auto flush = [&] {
        if (!literal.empty()) pattern.name.emplace_back(std::exchange(literal, {}));
    };
    for (std::size_t k = 0; k <= name.size(); ++k) {
        if (k == end) {
            literal += '.';
            flush();
            pattern.name.emplace_back(ProductPattern::Field::stretch);
        }
        if (k == name.size()) break;
        if (name[k] != BlockContext::no_date) {
            literal += name[k];
            continue;
        }
        pattern.numbered = false;  // of another time, it is not the same product's
        flush();
        pattern.name.emplace_back(ProductPattern::Field::time);
        while (k + 1 < name.size() && name[k + 1] == BlockContext::no_date && k + 1 != end) ++k;
    }
    flush();
    return {std::move(pattern)};
}

/// The path of the file of a sink's stretch `number` (from 1): the second and later ones are numbered, lie in the folder of the
/// first, and have the time of their own first sample where the path asks for a time. A pipe or a device takes all of them.
/// From `restart` on.
inline std::string stretch_path(const Block& block, const Parameter<ProductPath>& path, const InputPort& in,
                                std::size_t number) {
    if (number < 2 || is_written_in_place(path->path)) return path->path;
    std::string name = io::name_of(path->path), suffix = stretch_suffix(name);
    if (const auto dated = block.context().dated.find(path.name()); dated != block.context().dated.end()) {
        const StreamDescription& stream = in.description();
        std::optional<Time> utc;
        if (stream.utc && stream.sample_rate)
            utc = moved(*stream.utc,
                        Time::of(std::int64_t(std::max(in.index(), in.index() - in.in_stretch())), *stream.sample_rate));
        name = io::name_of(dated->second(utc, 0));
        suffix = stretch_suffix(io::name_of(block.context().undated.at(path.name())));
    }
    name.insert(name.size() - suffix.size(), "." + std::to_string(number));
    return (std::filesystem::path(path->path).parent_path() / name).string();
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
        complete_last();
        writers_.push_back(std::move(writer));
    }
    void open() { writers_.back()->open(); }
    /// A job for the present stretch, `job(writer)`, to be done with the next `submit`.
    template <class Job>
    void then(Job job) {
        jobs_.push_back([writer = writers_.back(), job = std::move(job)] { job(*writer); });
    }
    /// All jobs so far, in their order: a writer is complete before the next one opens its file.
    Step submit(Io& io) {
        return io.submit([jobs = std::exchange(jobs_, {})] {
            for (const auto& job : jobs) job();
        });
    }
    template <class Job>
    Step submit(Io& io, Job job) {
        then(std::move(job));
        return submit(io);
    }
    /// Whether `finish` has been called.
    bool finished() const { return finished_; }
    /// Completes what is left; done when it has been called before.
    Step finish(Io& io) {
        if (std::exchange(finished_, true)) return Step::done();
        complete_last();
        return submit(io);
    }

private:
    void complete_last() {
        if (!writers_.empty()) jobs_.push_back([writer = writers_.back()] { writer->complete(); });
    }

    std::vector<std::shared_ptr<Writer>> writers_;  // one a stretch
    std::vector<std::function<void()>> jobs_;
    bool finished_ = false;
};

}  // namespace flowspan::blocks
