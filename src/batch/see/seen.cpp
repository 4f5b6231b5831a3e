#include "batch/see/seen.hpp"

#include "batch/journal/files.hpp"
#include "core/mistakes/names.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/version.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t most_compared = 100'000, most_named = 3;

std::array<long, 3> numbers_of(const std::string& version) {
    std::array<long, 3> numbers{};
    const char* at = version.data();
    const char* const end = at + version.size();
    for (long& number : numbers) {
        const auto [after, wrong] = std::from_chars(at, end, number);
        if (wrong != std::errc() || after == end || *after != '.') break;
        at = after + 1;
    }
    return numbers;
}

bool is_normal(const Trouble& t) { return !t.lost && !t.whole && t.why == "it is cut off"; }

}  // namespace

std::string PartOf::text() const { return n == 0 ? "" : fmt::format("part {}/{}", k, n); }

bool is_newer(const std::string& version, const std::string& than) { return numbers_of(version) > numbers_of(than); }

std::vector<PartOf> parts_of(const std::string& out) {
    std::vector<PartOf> parts;
    const auto folder = OwnFolder::find(out);
    if (folder) {
        Troubles ignored;  // who reads a part says it
        const auto begins = first_begins(out, ignored);
        int n = 0;
        for (const auto& [k, begin] : begins) n = std::max(n, begin.parts);
        for (const JournalName& name : all_journals(*folder))
            if (parts.empty() || parts.back().k != name.part)
                parts.push_back({name.part, name.part == 0 ? 0 : std::max(n, name.part)});
    }
    if (parts.empty())
        throw Failure(ExitCode::usage,
                      fmt::format("expected a folder with a batch, got {} (a batch keeps its journal in OUT/.flowspan)", out));
    return parts;
}

std::vector<std::string> warnings_of(const Troubles& troubles) {
    std::vector<std::string> lines;
    std::size_t normal = 0;
    for (const Trouble& t : troubles.first)
        if (is_normal(t))
            ++normal;
        else
            lines.push_back(t.text());
    if (troubles.count > troubles.first.size())
        lines.push_back(fmt::format("… and {} more places in journals", troubles.count - troubles.first.size()));
    return lines;
}

SeenPart see(const std::string& out, const PartOf& part, bool light) {
    SeenPart seen;
    seen.part = part;
    // One that begins meanwhile would look as if it had died.
    seen.holder = holder_of(out, part.k);
    seen.history = History::read(out, part.k, seen.holder.has_value(), light);
    if (!seen.holder && (seen.holder = holder_of(out, part.k))) seen.history = History::read(out, part.k, true, light);
    if (seen.holder) {
        seen.live = read_live(out, part.k);
        if (seen.live && seen.live->run != seen.holder->run) seen.live.reset();
    }
    seen.warnings = warnings_of(seen.history.troubles());
    std::string newest = version;
    for (const auto& [start, said] : seen.history.starts())
        if (said.begin && is_newer(said.begin->flowspan, newest)) newest = said.begin->flowspan;
    if (newest != version)
        seen.warnings.push_back(fmt::format("flowspan {} has worked on {}, this is {}: what only that one knows is passed over",
                                            newest, out, version));
    return seen;
}

std::string unit_name(const std::string& out, const std::string& word) {
    std::string name = word;
    while (name.size() > 1 && name.ends_with('/')) name.pop_back();
    std::string folder = out;
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    if (name.starts_with(folder + "/")) name.erase(0, folder.size() + 1);
    if (name.starts_with("./")) name.erase(0, 2);
    return name;
}

Refused no_such_unit(const std::string& name,
                     const std::function<void(const std::function<void(const std::string&)>&)>& known) {
    std::vector<std::string> names, within;
    std::size_t count = 0;
    known([&](const std::string& one) {
        ++count;
        if (within.size() < most_named && !name.empty() && one.find(name) != std::string::npos) within.push_back(one);
        if (names.size() < most_compared) names.push_back(one);
    });
    std::string hint;
    const std::string nearest = nearest_name(name, names);
    if (!nearest.empty())
        hint = fmt::format("did you mean `{}`?", nearest);
    else if (!within.empty())
        hint = fmt::format("there are: {}", fmt::join(within, ", "));
    else if (!names.empty())
        hint = fmt::format("there {} {}: {}{}", count == 1 ? "is" : "are", count,
                           fmt::join(names.begin(), names.begin() + std::ptrdiff_t(std::min(names.size(), most_named)), ", "),
                           count > most_named ? ", …" : "");
    else
        hint = "there is none";
    return Refused(Diagnostic{{}, "", "a unit of this batch", name, hint, {}});
}

}  // namespace flowspan::batch
