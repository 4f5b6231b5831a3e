#include "io/drf/channel.hpp"

#include "core/numbers/wide.hpp"
#include "io/drf/hdf5.hpp"
#include "io/formats/refuse.hpp"
#include "io/recording/recording_reader.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace flowspan::io::drf {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t most_ms = 253'402'300'800'000;  // the year 10000
constexpr const char* properties_name = "drf_properties.h5";

std::int64_t bounded(const Id& file, const char* name, const std::string& path, std::int64_t least, std::int64_t most) {
    const std::int64_t value = integer(file, name, path);
    if (value < least || value > most)
        refuse_file(path, fmt::format("`{}` from {} to {}", name, least, most), fmt::format("{}", value));
    return value;
}

/// Milliseconds of NAME@SECONDS.h5 or NAME@SECONDS.mmm.h5.
std::optional<std::int64_t> time_in(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix) || !name.ends_with(".h5")) return std::nullopt;
    name = name.substr(prefix.size(), name.size() - prefix.size() - 3);
    std::int64_t seconds = 0, ms = 0;
    const char* const last = name.data() + name.size();
    auto [end, error] = std::from_chars(name.data(), last, seconds);
    if (error != std::errc() || seconds < 0 || seconds >= most_ms / 1000) return std::nullopt;
    if (end == last) return seconds * 1000;
    if (last - end != 4 || *end != '.') return std::nullopt;
    const auto [behind, wrong] = std::from_chars(end + 1, last, ms);
    if (wrong != std::errc() || behind != last || ms < 0) return std::nullopt;
    return seconds * 1000 + ms;
}

bool is_folder_of_times(const std::string& name) {
    constexpr std::string_view form = "0000-00-00T00-00-00";
    return name.size() == form.size() && std::equal(name.begin(), name.end(), form.begin(),
                                                    [](char c, char f) { return f == '0' ? c >= '0' && c <= '9' : c == f; });
}

std::vector<std::string> names_below(const std::string& folder) {
    std::vector<std::string> names;
    try {
        for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
    } catch (const fs::filesystem_error& e) {
        throw Failure(ExitCode::file, fmt::format("cannot read {}: {}", folder, e.code().message()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

// floor(sample / rate) in milliseconds, then the beginning of its file.
std::int64_t Cadence::file_of(std::uint64_t sample) const {
    const Wide ms = Wide(mul_div_long(UnsignedWide(std::uint64_t(rate.denominator())) * 1000 % UnsignedWide(rate.numerator()),
                                      sample, UnsignedWide(rate.numerator()))
                             .whole) +
                    Wide(sample) * (Wide(rate.denominator()) * 1000 / rate.numerator());
    return std::int64_t(std::min(ms, Wide(most_ms)) / file_ms) * file_ms;
}

// ceil(ms rate)
std::uint64_t Cadence::first_sample(std::int64_t ms) const {
    const Wide first = -floor_div(-Wide(ms) * rate.numerator(), Wide(rate.denominator()) * 1000);
    return std::uint64_t(std::min(first, Wide(most_samples)));
}

std::string folder_name(std::int64_t seconds) {
    std::string name = rfc3339(Time(seconds, Rational()));
    name.pop_back();  // Z
    std::replace(name.begin(), name.end(), ':', '-');
    return name;
}

std::string file_name(const Cadence& cadence, std::int64_t file) {
    const std::int64_t seconds = file / 1000;
    return fmt::format("{}/rf@{}.{:03}.h5", folder_name(seconds / cadence.folder_s * cadence.folder_s), seconds, file % 1000);
}

Properties read_properties(const std::string& channel) {
    const std::string path = (fs::path(channel) / properties_name).string();
    const Id file = open_file(path);
    Properties p;
    constexpr std::int64_t any = INT64_MAX;
    const std::int64_t numerator = bounded(file, "sample_rate_numerator", path, 1, any),
                       denominator = bounded(file, "sample_rate_denominator", path, 1, any);
    p.cadence.rate = Rational(numerator, denominator);
    if (!rate_of(p.cadence.rate.value())) refuse_file(path, std::string("as sample rate ") + rate_form, p.cadence.rate.text());
    p.cadence.folder_s = bounded(file, "subdir_cadence_secs", path, 1, most_ms / 1000);
    p.cadence.file_ms = bounded(file, "file_cadence_millisecs", path, 1, most_ms);
    p.complex = bounded(file, "is_complex", path, 0, 1) == 1;
    p.continuous = bounded(file, "is_continuous", path, 0, 1) == 1;
    p.subchannels = std::uint64_t(bounded(file, "num_subchannels", path, 1, INT32_MAX));
    p.version = text(file, "digital_rf_version", path);
    if (!p.version.starts_with("2.")) refuse_file(path, "`digital_rf_version` 2", p.version);
    const std::string epoch = text(file, "epoch", path);
    try {
        p.epoch = parse_rfc3339(epoch);
    } catch (const std::invalid_argument&) { refuse_file(path, "`epoch` as 1970-01-01T00:00:00Z", epoch); }
    return p;
}

std::optional<std::string> channel_folder(const std::string& path) {
    std::error_code none;
    if (fs::is_regular_file(fs::path(path) / properties_name, none)) return path;
    std::vector<std::string> channels;
    for (const auto& entry : fs::directory_iterator(path, none))
        if (entry.is_directory(none) && fs::is_regular_file(entry.path() / properties_name, none))
            channels.push_back(entry.path().string());
    if (channels.empty()) return std::nullopt;
    std::sort(channels.begin(), channels.end());
    constexpr std::size_t most_named = 20;
    if (channels.size() > 1) {
        std::string names;
        for (std::size_t k = 0; k < channels.size() && k < most_named; ++k)
            names += (k == 0 ? "" : ", ") + fs::path(channels[k]).filename().string();
        if (channels.size() > most_named) names += ", …";
        refuse_file(path, "one Digital RF channel", fmt::format("{}: {}", channels.size(), names),
                    fmt::format("name one, as {}", channels[0]));
    }
    return channels[0];
}

std::vector<std::string> for_each_file(const std::string& channel, const std::string& prefix,
                                       const std::function<void(const std::string& path, std::int64_t ms)>& each) {
    std::vector<std::string> oddities;
    std::uint64_t unfinished = 0;
    for (const std::string& folder : names_below(channel)) {
        if (!is_folder_of_times(folder)) continue;
        const std::string below = (fs::path(channel) / folder).string();
        std::vector<std::pair<std::int64_t, std::string>> files;
        for (std::string& name : names_below(below)) {
            if (name.starts_with("tmp." + prefix)) ++unfinished;
            if (const auto ms = time_in(name, prefix)) files.emplace_back(*ms, std::move(name));
        }
        std::sort(files.begin(), files.end());
        for (const auto& [ms, name] : files) each((fs::path(below) / name).string(), ms);
    }
    if (unfinished > 0)
        oddities.push_back(fmt::format("{} file{} that {} being written or was never finished (tmp.{}…) {} left out",
                                       unfinished, unfinished == 1 ? "" : "s", unfinished == 1 ? "is" : "are", prefix,
                                       unfinished == 1 ? "is" : "are"));
    return oddities;
}

}  // namespace flowspan::io::drf
