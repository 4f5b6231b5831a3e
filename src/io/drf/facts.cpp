#include "io/drf/facts.hpp"

#include "io/drf/channel.hpp"
#include "io/drf/file.hpp"
#include "io/drf/metadata.hpp"
#include "io/formats/datatype.hpp"
#include "io/formats/refuse.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace flowspan::io::drf {
namespace fs = std::filesystem;
namespace {

/// Samples that follow on each other, whatever files they lie in.
struct Run {
    std::uint64_t sample = 0, count = 0;
    std::uint64_t end() const { return sample + count; }
};

std::uint64_t bytes_of(const std::string& path) {
    struct stat there {};
    return ::stat(path.c_str(), &there) == 0 ? std::uint64_t(there.st_size) : 0;
}

class Collector {
public:
    explicit Collector(const std::string& path) : channel_(*channel_folder(path)), properties_(read_properties(channel_)) {
        r_.path = path;
        r_.data_path = channel_;
        r_.format = "digital_rf";
        r_.channels = properties_.subchannels;
        r_.sample_rate = properties_.cadence.rate;
    }

    Recording read() {
        r_.warnings = for_each_file(channel_, "rf@", [this](const std::string& file, std::int64_t ms) { add(file, ms); });
        if (r_.type == SampleType::any)
            refuse_file(channel_, "a Digital RF channel with samples", "one without a file rf@….h5 in its folders of times");
        if (r_.missing_inside) trim();
        cut_at(read_tunings(channel_, properties_.cadence, r_.warnings));
        r_.header = Value::Map{{"digital_rf_version", properties_.version},
                               {"is_continuous", properties_.continuous},
                               {"sample_rate_numerator", properties_.cadence.rate.numerator()},
                               {"sample_rate_denominator", properties_.cadence.rate.denominator()},
                               {"subdir_cadence_secs", properties_.cadence.folder_s},
                               {"file_cadence_millisecs", properties_.cadence.file_ms}};
        return std::move(r_);
    }

private:
    void add(const std::string& path, std::int64_t ms) {
        const std::string expected = (fs::path(channel_) / file_name(properties_.cadence, ms)).string();
        if (path != expected || ms % properties_.cadence.file_ms != 0)
            refuse_file(path, "a file that begins, and lies, as its channel's drf_properties.h5 says", "another");
        const std::uint64_t bytes = bytes_of(path);
        r_.data_bytes += bytes;
        // Files in which all rows lie in one piece differ in nothing but how many these are: their sizes tell.
        const std::uint64_t rows = properties_.cadence.length_of(ms);
        if (around_rows_ && bytes == *around_rows_ + rows * item_size())
            return add(Run{properties_.cadence.first_sample(ms), rows});
        const RfFile file(path, properties_, ms);
        if (r_.type == SampleType::any) {
            r_.type = file.type();
            r_.big_endian = file.big_endian();
        } else if (r_.type != file.type() || r_.big_endian != file.big_endian()) {
            refuse_file(path,
                        fmt::format("samples of type {}, as in the files before it", sigmf_datatype(r_.type, r_.big_endian)),
                        sigmf_datatype(file.type(), file.big_endian()));
        }
        if (file.filled() && file.contiguous() && bytes > rows * item_size()) around_rows_ = bytes - rows * item_size();
        r_.missing_inside = r_.missing_inside || file.filled();
        for (const Rows& run : file.runs()) add(Run{run.sample, run.count});
    }
    std::size_t item_size() const { return size_of(r_.type) * r_.channels; }

    void add(Run run) {
        if (runs_.empty() || runs_.back().end() != run.sample)
            runs_.push_back(run);
        else
            runs_.back().count += run.count;
    }

    /// A recorder begins and ends within a file, and fills it.
    void trim() {
        while (!runs_.empty() && trim_begin(runs_.front())) runs_.erase(runs_.begin());
        while (!runs_.empty() && trim_end(runs_.back())) runs_.pop_back();
    }
    // True: nothing else is there.
    bool trim_begin(Run& run) {
        while (run.count > 0) {
            const std::int64_t ms = properties_.cadence.file_of(run.sample);
            const RfFile file = open(ms);
            const Rows rows = rows_at(file, run.sample);
            const std::uint64_t at = run.sample - rows.sample;
            const std::uint64_t first = file.filled() ? first_present(file, rows.row + at, rows.count - at) : 0;
            run.sample += first;
            run.count -= std::min(run.count, first);
            if (first < rows.count - at) return false;
        }
        return true;
    }
    bool trim_end(Run& run) {
        while (run.count > 0) {
            const std::int64_t ms = properties_.cadence.file_of(run.end() - 1);
            const RfFile file = open(ms);
            const Rows rows = rows_at(file, run.end() - 1);
            const std::uint64_t there = std::min(run.end() - rows.sample, run.count);
            const std::uint64_t from = run.end() - there - rows.sample;
            const std::uint64_t kept = file.filled() ? last_present(file, rows.row + from, there) : there;
            run.count -= there - kept;
            if (kept > 0) return false;
        }
        return true;
    }
    RfFile open(std::int64_t ms) const {
        return {(fs::path(channel_) / file_name(properties_.cadence, ms)).string(), properties_, ms};
    }
    static Rows rows_at(const RfFile& file, std::uint64_t sample) {
        for (const Rows& rows : file.runs())
            if (sample >= rows.sample && sample - rows.sample < rows.count) return rows;
        refuse_file(file.path(), fmt::format("sample {} in it", sample), "none");
    }
    std::uint64_t most_rows() const { return std::max<std::uint64_t>(1, (std::uint64_t{1} << 20) / item_size()); }
    /// How many rows are fill before the first that is not.
    std::uint64_t first_present(const RfFile& file, std::uint64_t row, std::uint64_t count) const {
        for (std::uint64_t done = 0; done < count;) {
            const auto piece = read(file, row + done, std::min(most_rows(), count - done));
            for (std::size_t at = 0; at < piece.size(); at += item_size(), ++done)
                if (!is_fill(std::span(piece).subspan(at, item_size()), r_.type)) return done;
        }
        return count;
    }
    /// How many rows there are up to the last that is no fill.
    std::uint64_t last_present(const RfFile& file, std::uint64_t row, std::uint64_t count) const {
        while (count > 0) {
            const std::uint64_t part = std::min(most_rows(), count);
            const auto piece = read(file, row + count - part, part);
            for (std::size_t at = piece.size(); at > 0; at -= item_size(), --count)
                if (!is_fill(std::span(piece).subspan(at - item_size(), item_size()), r_.type)) return count;
        }
        return 0;
    }
    std::vector<std::byte> read(const RfFile& file, std::uint64_t row, std::uint64_t count) const {
        std::vector<std::byte> piece(count * item_size());
        file.read(row, piece);
        return piece;
    }

    void cut_at(const std::vector<Tuning>& tunings) {
        auto next = tunings.begin();
        std::optional<double> frequency;
        for (const Run& run : runs_) {
            for (; next != tunings.end() && next->sample <= run.sample; ++next) frequency = next->frequency;
            begin(run.sample, 0, frequency);
            for (; next != tunings.end() && next->sample < run.end(); ++next)
                begin(next->sample, next->sample - run.sample, frequency = next->frequency);
            r_.length += run.count;
        }
        if (runs_.empty()) r_.warnings.emplace_back("it holds nothing but fill");
        if (!r_.captures.empty()) r_.frequency = r_.captures.front().frequency;
    }
    void begin(std::uint64_t sample, std::uint64_t after, std::optional<double> frequency) {
        if (after > 0 && r_.captures.back().frequency == frequency) return;
        Capture capture;
        capture.start = r_.length + after;
        capture.global_index = sample;
        capture.frequency = frequency;
        capture.utc = moved(properties_.epoch, Time::of(std::int64_t(sample), *r_.sample_rate));
        capture.utc_digits = 12;
        r_.captures.push_back(capture);
    }

    std::string channel_;
    Properties properties_;
    Recording r_;
    std::vector<Run> runs_;
    std::optional<std::uint64_t> around_rows_;  // bytes of a filled file besides its rows
};

}  // namespace

Recording read_facts(const std::string& path) { return Collector(path).read(); }

}  // namespace flowspan::io::drf
