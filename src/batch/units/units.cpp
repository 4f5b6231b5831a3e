#include "batch/units/units.hpp"

#include "batch/units/found/gathered.hpp"
#include "batch/units/lists/texts.hpp"
#include "batch/units/sweep.hpp"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

namespace flowspan::batch {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_of_a_kind = 20;  // mistakes of one kind that are said

/// A unit for each value of each sweep, the last fastest.
void multiply(Gathered& gathered, const std::vector<Sweep>& sweeps) {
    for (const Sweep& sweep : sweeps) {
        std::vector<Unit> more;
        std::vector<Origin> origins;
        more.reserve(gathered.units.size() * sweep.values.size());
        origins.reserve(more.capacity());
        for (std::size_t k = 0; k < gathered.units.size(); ++k)
            for (const std::string& value : sweep.values) {
                more.push_back(gathered.units[k]);
                origins.push_back(gathered.origins[k]);
                Unit& unit = more.back();
                (sweep.key == "from"       ? unit.from
                 : sweep.key == "duration" ? unit.duration
                                           : unit.parameters[sweep.key]) = value;
            }
        gathered.units = std::move(more);
        gathered.origins = std::move(origins);
    }
}

/// How many units there will be; a mistake for more than may be.
std::size_t count_of(std::size_t units, const std::vector<Sweep>& sweeps, Diagnostics& found) {
    double all = double(units);
    for (const Sweep& one : sweeps) all *= double(one.values.size());
    if (all > double(most_units))
        found.push_back({{}, "--sweep", fmt::format("at most {} units", most_units), fmt::format("{:.3g}", all), "", {}});
    return std::size_t(std::min(all, double(most_units)));
}

class Units {
public:
    Units(const UnitsRequest& request, Diagnostics& found) : request_(request), found_(found) {}

    Listed list() {
        const std::vector<Sweep> sweeps = read_sweeps(request_.sweeps, request_.set, found_);
        check_extents(sweeps);
        gathered_ = gather(request_, sweeps, found_);
        listed_.notes = std::move(gathered_.notes);
        listed_.root = root();
        count_of(gathered_.units.size(), sweeps, found_);
        if (!found_.empty() || gathered_.units.empty()) return std::move(listed_);
        name_recordings();
        take_part();
        multiply(gathered_, sweeps);
        name_folders();
        if (found_.empty()) refuse_equal_folders();
        if (!found_.empty()) return std::move(listed_);
        listed_.units = std::move(gathered_.units);
        return std::move(listed_);
    }

private:
    void mistake(const std::string& key, std::string expected, std::string got, std::string hint = {}) {
        found_.push_back({{}, key, std::move(expected), std::move(got), std::move(hint), {}});
    }
    void check_extents(const std::vector<Sweep>& sweeps) {
        if (!request_.from.empty()) check_extent(request_.from, {}, "--from", found_);
        if (!request_.duration.empty()) check_extent(request_.duration, {}, "--duration", found_);
        for (const Sweep& one : sweeps)
            if ((one.key == "from" && !request_.from.empty()) || (one.key == "duration" && !request_.duration.empty()))
                mistake("--sweep " + one.key, fmt::format("--{} or a sweep of it", one.key), "both");
    }

    std::string root() {
        const std::string given = request_.root.empty() ? "" : io::absolute_path(request_.root);
        std::error_code none;
        if (!given.empty() && !fs::is_directory(given, none)) mistake("--root", "a folder that is there", request_.root);
        if (request_.pinned_root.empty()) return given.empty() ? common_folder(gathered_.folders) : given;
        if (!given.empty() && given != request_.pinned_root && !fs::equivalent(given, request_.pinned_root, none))
            mistake("--root", request_.pinned_root + ", which the first start of this batch has fixed", request_.root,
                    "another --out begins another batch");
        return request_.pinned_root;
    }

    void name_recordings() {
        const Root root(listed_.root);
        std::size_t outside = 0;
        for (GatheredRecording& one : gathered_.recordings) {
            const auto name = root.name_of(one.path);
            if (name) one.name = *name;
            if (!name && ++outside <= most_of_a_kind)
                mistake("", "a recording below " + listed_.root, one.path,
                        request_.pinned_root.empty()
                            ? ""
                            : "the first start of this batch has fixed this root; another --out begins another batch");
        }
        if (outside > most_of_a_kind)
            mistake("", "recordings below " + listed_.root,
                    fmt::format("{} more that lie elsewhere", outside - most_of_a_kind));
    }

    const std::string& name_of(std::size_t unit) const { return gathered_.recordings[gathered_.origins[unit].recording].name; }

    void take_part() {
        if (request_.part.n == 1) return;
        std::size_t kept = 0;
        for (std::size_t k = 0; k < gathered_.units.size(); ++k) {
            if (!request_.part.has(name_of(k))) continue;
            if (kept < k) gathered_.units[kept] = std::move(gathered_.units[k]);
            gathered_.origins[kept++] = gathered_.origins[k];
        }
        listed_.notes.push_back(fmt::format("part {}/{}: {} of {} recordings and lines", request_.part.k, request_.part.n, kept,
                                            gathered_.units.size()));
        gathered_.units.resize(kept);
        gathered_.origins.resize(kept);
    }

    void name_folders() {
        for (std::size_t k = 0; k < gathered_.units.size(); ++k) {
            Unit& unit = gathered_.units[k];
            if (unit.graph.empty()) unit.graph = request_.other_graph;
            if (unit.from.empty()) unit.from = request_.from;
            if (unit.duration.empty()) unit.duration = request_.duration;
            unit.folder = folder_of(unit, name_of(k), gathered_.name_of_graph(unit.graph), request_.naming);
        }
    }

    /// (hashes, since a million texts take long to sort)
    void refuse_equal_folders() {
        const std::vector<Unit>& units = gathered_.units;
        std::vector<std::pair<std::uint64_t, std::size_t>> order;
        order.reserve(units.size());
        for (std::size_t k = 0; k < units.size(); ++k)
            order.emplace_back(XXH3_64bits(units[k].folder.data(), units[k].folder.size()), k);
        std::sort(order.begin(), order.end());
        std::vector<std::pair<std::size_t, std::size_t>> equal;
        for (std::size_t k = 1, first = 0; k < order.size(); ++k) {
            if (order[k].first != order[first].first) first = k;
            if (first != k && units[order[k].second].folder == units[order[first].second].folder)
                equal.emplace_back(order[first].second, order[k].second);
        }
        std::sort(equal.begin(), equal.end());
        for (std::size_t k = 0; k < std::min(equal.size(), most_of_a_kind); ++k) refuse(equal[k].first, equal[k].second);
        if (equal.size() > most_of_a_kind)
            mistake("", "units that differ", fmt::format("{} more that do not", equal.size() - most_of_a_kind));
    }
    void refuse(std::size_t a, std::size_t b) {
        const auto origin = [&](std::size_t k) {
            const std::string& recording = gathered_.units[k].recording;
            const int line = gathered_.origins[k].line;
            return line == 0 ? recording : fmt::format("{} ({}:{})", recording, request_.list, line);
        };
        mistake("", "units that differ in recording, span or parameters",
                fmt::format("{} from {} and {}", gathered_.units[a].folder, origin(a), origin(b)));
    }

    const UnitsRequest& request_;
    Diagnostics& found_;
    Gathered gathered_;
    Listed listed_;
};

}  // namespace

bool Part::has(const std::string& name) const {
    return XXH3_64bits(name.data(), name.size()) % std::uint64_t(n) == std::uint64_t(k - 1);
}

std::optional<Part> read_part(const std::string& text, Diagnostics& found) {
    constexpr int most = 1'000'000;
    Part part;
    const char* const end = text.data() + text.size();
    const auto [slash, wrong] = std::from_chars(text.data(), end, part.k);
    const bool begun = wrong == std::errc() && slash != end && *slash == '/';
    const auto [rest, also_wrong] = std::from_chars(begun ? slash + 1 : end, end, part.n);
    if (begun && also_wrong == std::errc() && rest == end && part.k >= 1 && part.k <= part.n && part.n <= most) return part;
    found.push_back({{}, "--part", fmt::format("K/N with 1 <= K <= N <= {}", most), text.empty() ? "nothing" : text, "", {}});
    return std::nullopt;
}

Listed list_units(const UnitsRequest& request, Diagnostics& found) { return Units(request, found).list(); }

}  // namespace flowspan::batch
