#include "batch/units/plan.hpp"

#include "core/mistakes/sane.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t longest_value = 60, longest_cause = 400, longest_line = 4000;

/// On one line.
std::string shown(const std::string& text, std::size_t most) {
    std::string line = sane(text, most);
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
}

/// Calls `tell(key, before, now)` for each that differs; nullptr: it is not there.
template <class Tell>
void compare(const Texts& before, const Texts& now, Tell tell) {
    auto a = before.begin();
    auto b = now.begin();
    while (a != before.end() || b != now.end()) {
        const bool only_a = b == now.end() || (a != before.end() && a->first < b->first);
        const bool only_b = !only_a && (a == before.end() || b->first < a->first);
        if (only_a)
            tell(a->first, &a->second, nullptr);
        else if (only_b)
            tell(b->first, nullptr, &b->second);
        else if (a->second != b->second)
            tell(a->first, &a->second, &b->second);
        if (!only_b) ++a;
        if (!only_a) ++b;
    }
}

/// What is first stays.
Texts united(Texts first, const Texts& second) {
    first.insert(second.begin(), second.end());
    return first;
}

Planned plan_one(const Unit& unit, const KnownUnit& known, const Asked& asked) {
    Planned planned{Planned::What::again};
    std::vector<std::string>& why = planned.why;
    compare(known.parameters, united(unit.parameters, asked.set),
            [&](const std::string& key, const std::string* before, const std::string* now) {
                const auto text = [](const std::string* one) {
                    return one == nullptr ? std::string("(not given)") : shown(*one, longest_value);
                };
                why.push_back(fmt::format("{} {} -> {}", shown(key, longest_value), text(before), text(now)));
            });
    const Texts own = asked.fingerprint_of ? asked.fingerprint_of(unit) : Texts{};
    compare(known.fingerprint, united(own, asked.fingerprint),
            [&](const std::string& key, const std::string*, const std::string*) { why.push_back(key + " changed"); });
    for (const std::string& product : known.missing)
        why.push_back(fmt::format("product {} is missing", shown(product, longest_cause)));
    if (known.state == KnownUnit::State::failed) why.push_back("failed before: " + shown(known.cause, longest_cause));
    if (known.state == KnownUnit::State::unfinished) why.emplace_back("not finished before");
    if (why.empty()) planned.what = Planned::What::nothing;
    return planned;
}

}  // namespace

std::vector<Planned> plan(const std::vector<Unit>& units, const KnownUnits& known, const Asked& asked) {
    std::vector<Planned> planned;
    planned.reserve(units.size());
    for (const Unit& unit : units) {
        const auto at = known.find(unit.folder);
        planned.push_back(at == known.end() ? Planned{} : plan_one(unit, at->second, asked));
    }
    return planned;
}

std::string plan_text(const std::vector<Unit>& units, const std::vector<Planned>& planned) {
    std::vector<std::size_t> order(units.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return units[a].folder < units[b].folder; });
    static constexpr std::array<const char*, 4> words{"run", "run again", "nothing to do", "not run"};
    std::array<std::size_t, 4> counts{};
    std::string text;
    for (const std::size_t k : order) {
        ++counts[std::size_t(planned[k].what)];
        text += fmt::format("{}: {}", units[k].folder, words[std::size_t(planned[k].what)]);
        if (!planned[k].why.empty()) text += ": " + shown(fmt::format("{}", fmt::join(planned[k].why, ", ")), longest_line);
        text += '\n';
    }
    return text + fmt::format("{} {}: {} new, {} again, {} as they are{}\n", units.size(), units.size() == 1 ? "unit" : "units",
                              counts[0], counts[1], counts[2],
                              counts[3] == 0 ? "" : fmt::format(", {} failed before", counts[3]));
}

}  // namespace flowspan::batch
