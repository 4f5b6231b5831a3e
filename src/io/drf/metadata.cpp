#include "io/drf/metadata.hpp"

#include "core/numbers/wide.hpp"
#include "io/drf/hdf5.hpp"
#include "io/formats/refuse.hpp"
#include "io/recording/recording_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace flowspan::io::drf {
namespace fs = std::filesystem;
namespace {

// As recorders write it: thor.py and gr_digital_rf, in this order.
constexpr std::array names{"center_frequencies", "center_frequency", "center_freq", "receiver/center_freq"};

/// Names of groups that are numbers of samples.
std::vector<std::uint64_t> samples_in(hid_t file) {
    std::vector<std::uint64_t> samples;
    const auto take = [](hid_t, const char* name, const H5L_info_t*, void* to) -> herr_t {
        const std::string_view text = name;
        std::uint64_t sample = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sample);
        if (error == std::errc() && end == text.data() + text.size() && sample < most_samples)
            static_cast<std::vector<std::uint64_t>*>(to)->push_back(sample);
        return 0;
    };
    H5Literate(file, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, take, &samples);
    std::sort(samples.begin(), samples.end());
    return samples;
}

std::optional<std::vector<double>> frequencies_in(hid_t group) {
    constexpr std::size_t most = 4096;
    for (const std::string name : names) {
        const auto folder = name.substr(0, name.find('/'));
        if (H5Lexists(group, folder.c_str(), H5P_DEFAULT) <= 0) continue;
        if (folder != name && H5Lexists(group, name.c_str(), H5P_DEFAULT) <= 0) continue;
        if (auto found = numbers(group, name.c_str(), most); found && !found->empty()) return found;
    }
    return std::nullopt;
}

class Reader {
public:
    Reader(std::string folder, const Cadence& cadence, std::vector<std::string>& warnings)
        : folder_(std::move(folder)), cadence_(cadence), warnings_(warnings) {}

    std::vector<Tuning> read() {
        const std::string path = (fs::path(folder_) / "dmd_properties.h5").string();
        const Id file = open_file(path);
        const std::int64_t numerator = integer(file, "sample_rate_numerator", path),
                           denominator = integer(file, "sample_rate_denominator", path);
        if (numerator < 1 || denominator < 1)
            refuse_file(path, "a sample rate above 0", fmt::format("{}/{}", numerator, denominator));
        rate_ = Rational(numerator, denominator);
        const std::string prefix = text(file, "file_name", path) + "@";
        for (std::string& odd : for_each_file(folder_, prefix, [&](const std::string&f, std::int64_t) { read_file(f); }))
            warnings_.push_back("metadata: " + std::move(odd));
        std::stable_sort(found_.begin(), found_.end(), [](const Tuning& a, const Tuning& b) { return a.sample < b.sample; });
        const auto same = [](const Tuning& a, const Tuning& b) { return a.frequency == b.frequency; };
        found_.erase(std::unique(found_.begin(), found_.end(), same), found_.end());
        return std::move(found_);
    }

private:
    void read_file(const std::string& path) {
        const Id file = open_file(path);
        for (const std::uint64_t sample : samples_in(file)) {
            const Id group{H5Gopen2(file, std::to_string(sample).c_str(), H5P_DEFAULT), H5Gclose};
            if (const auto said = group ? frequencies_in(group) : std::nullopt) take(path, sample, *said);
        }
    }
    void take(const std::string& path, std::uint64_t sample, const std::vector<double>& said) {
        const bool several = std::any_of(said.begin(), said.end(), [&](double f) { return f != said[0]; });
        if (several && !several_) {
            several_ = true;
            warnings_.push_back(
                fmt::format("{}: the subchannels have different centre frequencies, of which the first is taken: {:.12g} Hz",
                            path, said[0]));
        }
        if (!is_frequency(said[0])) {
            warnings_.push_back(fmt::format("{}: expected {}, got {}, which is left out", path, frequency_form, said[0]));
            return;
        }
        if (!found_.empty() && found_.back().frequency == said[0]) return;  // (files come in the order of time)
        found_.push_back({in_channel(sample), said[0]});
    }
    /// Metadata may count at a rate of their own: the first sample at or behind that time.
    std::uint64_t in_channel(std::uint64_t sample) const {
        if (rate_ == cadence_.rate) return sample;
        const std::int64_t there = Time::of(std::int64_t(sample), rate_).ceil_index(cadence_.rate);
        return std::uint64_t(std::clamp<std::int64_t>(there, 0, std::int64_t(most_samples)));
    }

    std::string folder_;
    const Cadence& cadence_;
    std::vector<std::string>& warnings_;
    Rational rate_;
    std::vector<Tuning> found_;
    bool several_ = false;
};

}  // namespace

std::vector<Tuning> read_tunings(const std::string& channel, const Cadence& cadence, std::vector<std::string>& warnings) {
    const std::string folder = (fs::path(channel) / "metadata").string();
    std::error_code none;
    if (!fs::exists(fs::path(folder) / "dmd_properties.h5", none)) return {};
    return Reader(folder, cadence, warnings).read();
}

}  // namespace flowspan::io::drf
