// What a word of an assignment means: `source`, `receive[*]`, `receive[0-3].demod`, a group as a whole.
#include "graph/resolve/names.hpp"
#include "graph/text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace flowspan::graph {
namespace {

using Selections = std::vector<Place::Selection>;

struct Chooser {
    Reading& reading;
    const Node& words;
    const Path& path;
    const std::string& key;

    std::nullopt_t refuse(std::string expected, std::string got, std::string hint = {}) const {
        reading.refuse(inside(words, path.offset), key, std::move(expected), std::move(got), std::move(hint), words.context);
        return std::nullopt;
    }

    /// The member of `scope` that step `k` names; nullptr after a mistake.
    const Member* member_at(const Scope& scope, std::size_t k) const {
        const PathStep& step = path.steps[k];
        const Member* member = scope.find(step.name);
        if (member == nullptr) {
            refuse("a block", k == 0 ? step.name : path.text,
                   hint_for(step.name, scope.member_names(),
                            scope.group == nullptr ? "the graph has: " : "group " + scope.group->name + " has: "));
            return nullptr;
        }
        if (member->copied || !step.copies) return member;
        refuse(fmt::format("`{}` without brackets after the block", step.name), path.text, "it has no `copies:`");
        return nullptr;
    }
    /// The copies of it that step `k` (nothing: all) picks.
    std::optional<std::vector<int>> copies_at(const Member& member, std::size_t k) const {
        const bool named = k < path.steps.size() && path.steps[k].copies;
        if (!member.certain || !member.enabled) return std::vector<int>();
        auto picked = named ? path.steps[k].copies->pick(member.copies) : Selector{true, {}, "*"}.pick(member.copies);
        if (!picked)
            return refuse(fmt::format("copies 0 to {} of {}", member.copies - 1, member.name),
                          "[" + path.steps[k].copies->text + "]");
        return picked;
    }

    /// The flat blocks of one copy of a member, as far as the rest of the path means them.
    bool flatten(const Member& member, int copy, std::size_t k, std::vector<int>& into) const {
        if (member.group == nullptr) {
            if (k + 1 < path.steps.size()) return refuse("a group", fmt::format("{}, a block", member.name)), false;
            const int block = member.first + copy;
            if (std::size_t(block) < reading.spec.blocks.size()) into.push_back(block);
            return true;
        }
        if (std::size_t(copy) >= member.instances.size()) return true;
        const Scope& scope = *member.instances[std::size_t(copy)];
        if (k + 1 >= path.steps.size()) {
            for (std::size_t b = scope.first; b < scope.last; ++b) into.push_back(int(b));
            return true;
        }
        if (!scope.certain) return true;
        const Member* next = member_at(scope, k + 1);
        const auto copies = next == nullptr ? std::nullopt : copies_at(*next, k + 1);
        if (!copies) return false;
        return std::all_of(copies->begin(), copies->end(), [&](int one) { return flatten(*next, one, k + 1, into); });
    }

    /// The outermost copies are dealt; what is in copy i of a group stays together.
    bool deal(const Member& member, std::size_t k, Selections& into) const {
        const auto copies = copies_at(member, k);
        if (!copies) return false;
        std::map<std::string, std::size_t> numbers;
        for (const int copy : *copies) {
            std::vector<int> blocks;
            if (!flatten(member, copy, k, blocks)) return false;
            const std::size_t prefix = member.group == nullptr ? 0 : member.instances[std::size_t(copy)]->prefix.size();
            for (const int block : blocks) {
                const std::string inner = prefix == 0 ? "" : reading.spec.blocks[std::size_t(block)].name.substr(prefix);
                const auto [number, fresh] = numbers.emplace(inner, into.size());
                if (fresh) into.push_back({{}, true});
                into[number->second].blocks.push_back(block);
            }
        }
        return true;
    }

    bool walk(const Member& member, std::size_t k, Selections& into) const {
        if (member.copied) return deal(member, k, into);
        if (!member.enabled || !member.certain) return true;
        if (member.group == nullptr) {
            if (k + 1 < path.steps.size()) return refuse("a group", fmt::format("{}, a block", member.name)), false;
            if (std::size_t(member.first) < reading.spec.blocks.size()) into.push_back({{member.first}, false});
            return true;
        }
        if (member.instances.empty() || !member.instances[0]->certain) return true;
        const Scope& inner = *member.instances[0];
        if (k + 1 < path.steps.size()) {
            const Member* next = member_at(inner, k + 1);
            return next != nullptr && walk(*next, k + 1, into);
        }
        return std::all_of(inner.order.begin(), inner.order.end(),
                           [&](const Member* one) { return walk(*one, path.steps.size() - 1, into); });
    }
};

/// Of a flat graph: a full name, of which one index may be several.
std::optional<Selections> select_flat(Reading& reading, const std::string& text) {
    if (const Member* member = reading.graph.find(text); member != nullptr && member->flat)
        return Selections{{{member->first}, text.find('[') != std::string::npos}};
    for (std::size_t open = text.find('['); open != std::string::npos; open = text.find('[', open + 1)) {
        const std::size_t close = text.find(']', open);
        if (close == std::string::npos) return std::nullopt;
        std::string why;
        const auto several = parse_endpoint("block" + text.substr(open, close - open + 1), 0, why);
        if (!several || !several->copies || several->copies->size() < 2 || several->copies->size() > most_copies) continue;
        Place::Selection selection{{}, true};
        for (const auto& [first, last] : several->copies->ranges) {
            for (int i = first; i <= last; ++i) {
                const Member* member =
                    reading.graph.find(fmt::format("{}[{}]{}", text.substr(0, open), i, text.substr(close + 1)));
                if (member == nullptr || !member->flat) return std::nullopt;
                selection.blocks.push_back(member->first);
            }
        }
        return Selections{std::move(selection)};
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::vector<Place::Selection>> select_blocks(Reading& reading, const Node& words, const std::string& text,
                                                           std::size_t offset, const std::string& key) {
    if (reading.graph.has_flat_names)
        if (auto flat = select_flat(reading, text)) return flat;
    std::string why;
    const auto path = parse_path(text, offset, why);
    if (!path) {
        reading.refuse(inside(words, offset), key, "a block, such as `name` or `name[*]`", text.empty() ? "nothing" : text);
        return std::nullopt;
    }
    const Chooser chooser{reading, words, *path, key};
    const Member* member = chooser.member_at(reading.graph, 0);
    Selections selections;
    if (member == nullptr || !chooser.walk(*member, 0, selections)) return std::nullopt;
    return selections;
}

}  // namespace flowspan::graph
