#include "batch/opening/why.hpp"

#include <sys/stat.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

Texts settings_of(const line::Begin& begin) {
    Texts set;
    for (const std::string& one : begin.set)
        if (const std::size_t equals = one.find('='); equals != std::string::npos)
            set[one.substr(0, equals)] = one.substr(equals + 1);
    return set;
}

/// What products follow from beside parameters and what is read.
Texts versions_of(const line::Begin& begin, const Unit& unit) {
    Texts texts{{"flowspan", begin.flowspan}, {"--isa", begin.isa}, {"--fft", begin.fft}};
    if (!begin.fingerprint.empty()) texts["numeric fingerprint"] = begin.fingerprint;
    if (!begin.plugins.empty()) texts["plug-ins"] = fmt::format("{}", fmt::join(begin.plugins, " "));
    for (const line::GraphUsed& graph : begin.graphs)
        if (graph.name == unit.graph) texts["graph"] = graph.hash;
    return texts;
}

std::vector<std::string> missing_of(const Known& known, const std::string& folder) {
    std::vector<std::string> missing;
    for (const MadeFile& product : known.products) {
        struct stat s {};
        if (::lstat((folder + "/" + product.name).c_str(), &s) != 0) missing.push_back(product.name);
    }
    return missing;
}

}  // namespace

Planned planned(const UnitPlan& plan, const Unit& unit, const Known* known, const History& history, const line::Begin& now,
                const std::string& folder) {
    if (known == nullptr) return {};
    if (plan.what == UnitPlan::What::nothing) return {Planned::What::nothing, {}};
    if (plan.what == UnitPlan::What::given_up) return {Planned::What::given_up, {"failed before: " + plan.cause}};
    Asked asked{settings_of(now), versions_of(now, unit), {}};
    KnownUnit before{KnownUnit::State::done, known->cause, asked.set, asked.fingerprint, {}};
    for (const auto& [key, value] : unit.parameters) before.parameters[key] = value;
    const auto made = history.starts().find(known->made_by);
    if (made != history.starts().end() && made->second.begin && !made->second.begin->graphs.empty()) {
        before.parameters = settings_of(*made->second.begin);
        for (const auto& [key, value] : known->unit.parameters) before.parameters[key] = value;
        before.fingerprint = versions_of(*made->second.begin, known->unit);
    }
    if (known->key.empty()) before.state = KnownUnit::State::unfinished;
    if (!known->cause.empty()) before.state = KnownUnit::State::failed;
    before.missing = missing_of(*known, folder);
    Planned one = batch::plan({unit}, {{unit.folder, before}}, asked).front();
    one.what = Planned::What::again;
    if (one.why.empty()) one.why.push_back(plan.why);
    return one;
}

}  // namespace flowspan::batch
