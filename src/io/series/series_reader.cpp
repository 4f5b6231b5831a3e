// The samples of a recording of several files.
#include "io/series/series.hpp"

#include "io/formats/datatype.hpp"
#include "io/formats/formats.hpp"
#include "io/recording/recording_reader.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

class SeriesReader final : public SampleReader {
public:
    explicit SeriesReader(const RecordingFacts& recording) : item_(size_of(recording.type) * recording.channels) {
        std::size_t k = 0;
        std::uint64_t first = 0;
        FilesInOrder files(recording.files);
        for (FilesInOrder before = files; files.next(); before = files, ++k) {
            if (k % between_marks == 0) marks_.push_back({first, before});
            first += files.file().length;
        }
    }

    std::size_t read(std::uint64_t first, std::span<std::byte> to) override {
        for (std::span<std::byte> rest = to; !rest.empty();) {
            go_to(first);
            const std::uint64_t count = std::min<std::uint64_t>(rest.size() / item_, end_ - first);
            reader_->read(first - begin_, rest.first(count * item_));
            rest = rest.subspan(count * item_);
            first += count;
        }
        return to.size();
    }

private:
    struct Mark {
        std::uint64_t first = 0;  // sample of the file that comes next
        FilesInOrder before;
    };
    static constexpr std::size_t between_marks = 256;

    /// Opens the file that holds a sample.
    void go_to(std::uint64_t sample) {
        if (reader_ != nullptr && sample >= begin_ && sample < end_) return;
        if (reader_ == nullptr || sample < begin_) {
            const auto next = std::upper_bound(marks_.begin(), marks_.end(), sample,
                                               [](std::uint64_t s, const Mark& mark) { return s < mark.first; });
            at_ = *std::prev(next);
        }
        for (;;) {
            if (!at_.before.next()) throw Failure(ExitCode::bug, fmt::format("no file holds sample {}", sample));
            begin_ = at_.first;
            end_ = at_.first += at_.before.file().length;
            if (sample < end_) break;
        }
        open(at_.before.file());
    }

    void open(const RecordingFacts& file) {
        reader_ = nullptr;  // one at a time is open
        Recording found = read_recording(file.path);
        if (found.data_bytes != file.data_bytes)
            throw Failure(ExitCode::file, fmt::format("cannot read {}: it has {} bytes, and had {} when the run began",
                                                      file.path, found.data_bytes, file.data_bytes));
        std::string identity = std::move(found.identity);
        static_cast<RecordingFacts&>(found) = file;
        found.identity = std::move(identity);
        reader_ = open_samples(found, false);
    }

    std::size_t item_;
    std::vector<Mark> marks_;
    Mark at_{0, FilesInOrder(nullptr)};
    std::uint64_t begin_ = 0, end_ = 0;  // of the file that is open
    std::unique_ptr<SampleReader> reader_;
};

}  // namespace

std::unique_ptr<SampleReader> open_series(const Recording& recording) { return std::make_unique<SeriesReader>(recording); }

}  // namespace flowspan::io
