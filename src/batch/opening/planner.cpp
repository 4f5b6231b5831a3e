#include "batch/opening/planner.hpp"

#include "batch/opening/fingerprints.hpp"
#include "batch/opening/why.hpp"
#include "batch/work/content.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

bool all_there(const std::string& folder, const std::vector<MadeFile>& products) {
    return std::all_of(products.begin(), products.end(), [&](const MadeFile& product) {
        struct stat s {};
        return ::lstat((folder + "/" + product.name).c_str(), &s) == 0 && std::uint64_t(s.st_size) == product.bytes;
    });
}

void look_at(const Known& known, const std::string& folder, bool no_retry, UnitPlan& plan) {
    const Content content = Content::from(known.content);
    const bool same = known.fingerprint == plan.fingerprint;
    const bool there = !known.key.empty() && all_there(folder, known.products);
    if (there) {
        plan.known_key = known.key;
        plan.known_content = known.content;
    }
    if (known.state == State::done && same && there && content.still_holds()) plan.what = UnitPlan::What::nothing;
    plan.deaths = known.deaths_alone;
    if (known.state == State::fresh) plan.attempts = known.attempts;
    plan.why = known.state == State::running ? "it was under way when the last start ended"
               : known.key.empty()           ? known.attempts > 0 ? "failed before: " + known.cause : "not done yet"
               : !same                       ? "graph, parameters or versions have changed"
               : !there                      ? "a product is missing"
               : !content.still_holds()      ? "what it reads may have changed"
                                             : "asked for again";
    const bool still_wrong = known.fingerprint == plan.fingerprint_if_wrong;  // the input, as it was
    if (known.state == State::failed && (still_wrong || no_retry)) {
        plan.what = UnitPlan::What::given_up;
        plan.cause = known.cause;
    }
}

}  // namespace

Planner::Planner(const BatchRequest& request, const History& history, const line::Begin& begin, Opened& opened)
    : request_(request), history_(history), begin_(begin), o_(opened), suspects_(history.suspects()) {
    std::sort(suspects_.begin(), suspects_.end());
}

void Planner::plan(const Unit& unit) {
    UnitPlan plan;
    plan.fingerprint = fingerprint_of(o_.graphs.at(unit.graph).fingerprint, unit);
    plan.fingerprint_if_wrong = hash_of(plan.fingerprint + facts_of(unit));
    const auto at = history_.find(unit.folder);
    const std::string folder = request_.out + "/" + unit.folder;
    std::optional<Known> known;
    if (at) {
        known = history_.known(*at);
        plan.id = history_.id(*at);
        look_at(*known, folder, request_.no_retry, plan);
        plan.suspect = std::binary_search(suspects_.begin(), suspects_.end(), *at);
        if (plan.suspect && plan.deaths >= request_.attempts) {
            plan.what = UnitPlan::What::given_up;
            plan.cause = fmt::format("the batch has died {} times while it was computed alone, on {}", plan.deaths,
                                     fmt::join(known->places, ", "));
        }
    } else if (o_.journal != nullptr) {
        plan.id = o_.journal->append(unit);
    }
    if (plan.what == UnitPlan::What::run) plan.cost = cost_of(unit);
    if (o_.journal == nullptr) o_.planned.push_back(planned(plan, unit, known ? &*known : nullptr, history_, begin_, folder));
    o_.plans.push_back(std::move(plan));
}

}  // namespace flowspan::batch
