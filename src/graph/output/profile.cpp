#include "graph/output/profile.hpp"

#include "graph/resolve/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace flowspan::graph {
namespace {

[[noreturn]] void refuse(std::string expected, std::string got, std::string hint) {
    Diagnostic wrong;  // field by field: GCC 12 warns falsely of a braced one here
    wrong.key = "--profile";
    wrong.expected = std::move(expected);
    wrong.got = std::move(got);
    wrong.hint = std::move(hint);
    throw Refused(std::move(wrong));
}

Profile profile_of(const Value& report) {
    Profile profile;
    profile.seconds = report.at("seconds").real();
    for (const Value& rank : report.at("ranks").list()) {
        for (const Value& b : rank.at("blocks").list()) {
            const double in = b.at("items_in").real(), out = b.at("items_out").real();
            profile.blocks[b.at("block").string()] = {b.at("type").string(), int(rank.at("rank").integer()),
                                                      b.at("work_s").real(), in > 0 ? in : out};
        }
        for (const Value& c : rank.at("crossings").list())
            profile.crossed[{c.at("edge").string(), int(c.at("to").integer())}] += c.at("bytes").real();
    }
    return profile;
}

/// "a, b, c and 5 more".
std::string some_of(const std::set<std::string>& names) {
    constexpr std::size_t most = 8;
    std::vector<std::string> shown;
    for (const std::string& name : names)
        if (shown.size() < most) shown.push_back(name);
    std::string text = joined(shown, ", ");
    if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
    return text;
}

}  // namespace

std::vector<int> Profile::ranks_of(const FlowgraphSpec& spec) const {
    std::set<std::string> of_graph, of_report;
    for (const FlatBlock& block : spec.blocks) of_graph.insert(fmt::format("{} ({})", block.name, block.type));
    for (const auto& [name, load] : blocks) of_report.insert(fmt::format("{} ({})", name, load.type));
    std::set<std::string> missing, other;
    std::set_difference(of_graph.begin(), of_graph.end(), of_report.begin(), of_report.end(),
                        std::inserter(missing, missing.end()));
    std::set_difference(of_report.begin(), of_report.end(), of_graph.begin(), of_graph.end(),
                        std::inserter(other, other.end()));
    if (!missing.empty() || !other.empty()) {
        std::string got = file + ", one";
        if (!missing.empty()) got += " without " + some_of(missing);
        if (!other.empty()) got += (missing.empty() ? " with " : " and with ") + some_of(other);
        refuse("the report of a run of this graph", got,
               "another graph has run, or other values made other blocks: give `--set` as that run did, or draw the "
               "`graph_resolved` "
               "of the report");
    }
    std::vector<int> ranks;
    for (const FlatBlock& block : spec.blocks) ranks.push_back(blocks.at(block.name).rank);
    return ranks;
}

Profile read_profile(const std::string& text, const std::string& file) {
    try {
        Profile profile = profile_of(Value::from_json(text));
        profile.file = file;
        if (profile.seconds > 0) return profile;
    } catch (const std::exception&) {  // no JSON, or without what every report of a run has
    }
    refuse("the report of a run, as `flowspan run --report FILE` writes it", file, "");
}

}  // namespace flowspan::graph
