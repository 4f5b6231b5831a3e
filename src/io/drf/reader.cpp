#include "io/drf/reader.hpp"

#include "io/drf/channel.hpp"
#include "io/drf/file.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace flowspan::io::drf {
namespace {

/// What was refused before a run has changed since.
template <class Action>
auto while_running(Action action) {
    try {
        return action();
    } catch (const Refused& refused) { throw Failure(ExitCode::file, refused.what()); }
}

class ChannelReader final : public SampleReader {
public:
    explicit ChannelReader(const RecordingFacts& r)
        : r_(r),
          item_(size_of(r.type) * r.channels),
          properties_(while_running([&] { return read_properties(r.data_path); })) {}

    std::size_t read(std::uint64_t first, std::span<std::byte> to) override {
        missing_.clear();
        for (std::span<std::byte> rest = to; rest.size() >= item_;) {
            const std::uint64_t count = while_running([&] { return read_piece(first, rest); });
            rest = rest.subspan(count * item_);
            first += count;
        }
        return to.size() / item_ * item_;
    }
    std::span<const Missing> missing() const override { return missing_; }

private:
    /// Rows of one file that follow on each other.
    std::uint64_t read_piece(std::uint64_t first, std::span<std::byte> to) {
        auto capture = std::upper_bound(r_.captures.begin(), r_.captures.end(), first,
                                        [](std::uint64_t s, const Capture& c) { return s < c.start; });
        const std::uint64_t end = capture == r_.captures.end() ? r_.length : capture->start;
        if (capture == r_.captures.begin() || first >= end)
            throw Failure(ExitCode::file, fmt::format("{} ends at sample {}, expected another", r_.path, r_.length));
        --capture;
        const std::uint64_t sample = *capture->global_index + (first - capture->start);
        open(properties_.cadence.file_of(sample));
        const auto& runs = file_->runs();
        auto rows =
            std::upper_bound(runs.begin(), runs.end(), sample, [](std::uint64_t s, const Rows& r) { return s < r.sample; });
        if (rows == runs.begin() || sample - std::prev(rows)->sample >= std::prev(rows)->count)
            throw Failure(ExitCode::file, fmt::format("{} has changed: sample {} is no longer in it", file_->path(), sample));
        --rows;
        const std::uint64_t at = sample - rows->sample;
        const std::uint64_t count = std::min({to.size() / item_, end - first, rows->count - at});
        const auto part = to.first(count * item_);
        file_->read(rows->row + at, part);
        if (file_->filled()) note_fill(first, part);
        return count;
    }

    void open(std::int64_t ms) {
        if (file_ && ms_ == ms) return;
        file_.reset();
        file_.emplace((std::filesystem::path(r_.data_path) / file_name(properties_.cadence, ms)).string(), properties_, ms);
        if (file_->type() != r_.type)
            throw Failure(ExitCode::file, fmt::format("{} has changed: it holds samples of another type", file_->path()));
        ms_ = ms;
    }

    void note_fill(std::uint64_t first, std::span<std::byte> rows) {
        for (std::size_t at = 0; at < rows.size(); at += item_, ++first) {
            const auto row = rows.subspan(at, item_);
            if (!is_fill(row, r_.type)) continue;
            std::fill(row.begin(), row.end(), std::byte{0});
            if (missing_.empty() || missing_.back().first + missing_.back().count != first) missing_.push_back({first, 0});
            ++missing_.back().count;
        }
    }

    RecordingFacts r_;
    std::size_t item_;
    Properties properties_;
    std::optional<RfFile> file_;
    std::int64_t ms_ = 0;
    std::vector<Missing> missing_;
};

}  // namespace

std::unique_ptr<SampleReader> open_channel(const Recording& recording) { return std::make_unique<ChannelReader>(recording); }

}  // namespace flowspan::io::drf
