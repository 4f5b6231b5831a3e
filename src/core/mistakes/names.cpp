#include "core/mistakes/names.hpp"

#include <flowspan/parameter.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan {
namespace {

constexpr std::size_t most_listed = 40;

/// Insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string alignment).
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t(0));
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t k = 1; k <= b.size(); ++k) {
            const std::size_t replaced = above[k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
            row[k] = std::min({above[k] + 1, row[k - 1] + 1, replaced});
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) row[k] = std::min(row[k], before[k - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

}  // namespace

std::string nearest_name(const std::string& name, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = name.size() / 3 + 1;
    for (const std::string& candidate : known) {
        const std::size_t longer = std::max(candidate.size(), name.size()), shorter = std::min(candidate.size(), name.size());
        if (longer - shorter >= best_distance) continue;
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string hint_for(const std::string& name, const std::vector<std::string>& known, const std::string& otherwise) {
    if (const std::string near = nearest_name(name, known); !near.empty()) return fmt::format("did you mean `{}`?", near);
    if (known.empty() || otherwise.empty()) return {};
    const std::size_t listed = std::min(known.size(), most_listed);
    const std::string list =
        fmt::format("{}{}", otherwise, fmt::join(known.begin(), known.begin() + std::ptrdiff_t(listed), ", "));
    return listed == known.size() ? list : fmt::format("{}, and {} more", list, known.size() - listed);
}

bool KnownNames::has(const std::string& name) const { return std::find(names.begin(), names.end(), name) != names.end(); }

std::string KnownNames::hint(const std::string& name, const std::string& before) const {
    if (names.empty()) return owner + " has none";
    const std::string near = nearest_name(name, names);
    return near.empty() ? hint_for(name, names, owner + " has: ") : fmt::format("did you mean `{}{}`?", before, near);
}

Diagnostic KnownNames::mistake(const std::string& name, const std::string& before) const {
    return {{}, "", what, before + name, hint(name, before), {}};
}

KnownNames changeable_parameters(const std::string& block, const std::vector<const ParameterDeclaration*>& declared) {
    KnownNames known{fmt::format("a parameter of {} that may change while it runs", block), {}};
    for (const ParameterDeclaration* one : declared)
        if (one->when == Change::running) known.names.push_back(one->name);
    return known;
}

std::string on_one_line(const Diagnostic& mistake) {
    const std::string text = fmt::format("expected {}, got {}", mistake.expected, mistake.got);
    return mistake.hint.empty() ? text : fmt::format("{} ({})", text, mistake.hint);
}

}  // namespace flowspan
