#include "random_model.hpp"

#include <algorithm>

namespace random_graph {
namespace {

std::string line(const std::string& text) { return text + "\n"; }

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const auto& one : list) text += (text.empty() ? "" : ", ") + one;
    return text;
}

std::string in_braces(const Settings& settings) {
    std::string text = "{";
    for (const auto& [key, value] : settings) text += (text.size() > 1 ? ", " : "") + key + ": " + value;
    return text + "}";
}

}  // namespace

void Graph::bypass(const std::string& name) {
    const auto block = std::find_if(blocks.begin(), blocks.end(), [&](const Block& b) { return b.name == name; });
    const auto b = std::size_t(block - blocks.begin());
    const auto in = std::find_if(edges.begin(), edges.end(), [&](const Edge& e) { return e.to == b && !e.message; });
    if (block == blocks.end() || in == edges.end() || !block->members.empty()) return;
    const Edge before = *in;
    for (Edge& e : edges) {
        if (e.from != b || e.message || e.output != "out") continue;
        e.from = before.from;
        e.output = before.output;
        e.text = before.text.substr(0, before.text.find(" -> ")) + e.text.substr(e.text.find(" -> "));
    }
}

void Graph::drop(const std::set<std::string>& names) {
    for (const Block& b : std::vector<Block>(blocks))
        if (names.contains("around:" + b.name)) bypass(b.name);
    std::vector<bool> gone(blocks.size());
    for (std::size_t b = 0; b < blocks.size(); ++b)
        gone[b] = names.contains(blocks[b].name) || names.contains("around:" + blocks[b].name);
    for (bool again = true; again;) {
        again = false;
        for (std::size_t b = 0; b < blocks.size(); ++b) {
            const bool reads = std::any_of(edges.begin(), edges.end(), [&](const Edge& e) { return e.to == b && !e.message; });
            bool without = false, hears = false;
            for (const Edge& e : edges) {
                if (e.to != b) continue;
                if (!e.message && gone[e.from]) without = true;
                if (e.message && !gone[e.from]) hears = true;
            }
            if (!reads && blocks[b].messages_alone && !hears) without = true;
            if (gone[b] || !without) continue;
            gone[b] = again = true;
        }
    }
    std::vector<Change> kept;
    for (std::size_t c = 0; c < schedule.size(); ++c)
        if (!gone[schedule[c].block] && !names.contains("change:" + std::to_string(c))) kept.push_back(schedule[c]);
    schedule = kept;
    std::erase_if(edges, [&](const Edge& e) { return gone[e.from] || gone[e.to]; });
    std::vector<std::size_t> number(blocks.size());
    std::vector<Block> left;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        number[b] = left.size();
        if (!gone[b]) left.push_back(blocks[b]);
    }
    for (Edge& e : edges) e.from = number[e.from], e.to = number[e.to];
    for (Change& c : schedule) c.block = number[c.block];
    blocks = left;
}

std::string Graph::text() const {
    std::string t = line("flowspan: 1");
    if (!groups.empty()) t += line("groups:");
    for (const auto& group : groups) t += group;
    t += line("blocks:");
    for (const Block& b : blocks) {
        Settings all{Setting{b.members.empty() ? "type" : "group", b.type}};
        all.insert(all.end(), b.settings.begin(), b.settings.end());
        t += line("  " + b.name + ": " + in_braces(all));
    }
    const auto list = [&](const std::string& title, bool message) {
        bool first = true;
        for (const Edge& e : edges) {
            if (e.message != message) continue;
            if (std::exchange(first, false)) t += line(title + ":");
            t += e.options.empty() ? line("  - \"" + e.text + "\"") : line("  - \"" + e.text + "\": " + e.options);
        }
    };
    list("connections", false);
    list("messages", true);
    std::vector<std::string> unused;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const auto unread = [&](const std::string& port) {
            return std::none_of(edges.begin(), edges.end(), [&](const Edge& e) {
                return e.from == b && !e.message && (e.output == port || e.output == "*");
            });
        };
        for (const auto& port : blocks[b].outputs)
            if (unread(port)) unused.push_back(blocks[b].name + "." + port);
        for (const auto& port : blocks[b].spare)
            if (unread(port)) unused.push_back(blocks[b].name + "." + port);
    }
    if (!unused.empty()) t += line("unused: \"" + joined(unused) + "\"");
    if (!schedule.empty()) t += line("schedule:");
    for (const Change& c : schedule)
        t += line("  - {at: " + c.at + ", set: \"" + blocks[c.block].name + "." + c.set + "\", to: " + c.to + "}");
    return t;
}

std::string Graph::partition(std::uint64_t seed, unsigned& ranks) const {
    std::vector<std::vector<std::string>> dealt(ranks);
    for (const Block& b : blocks) {
        std::uint64_t own = seed;
        for (const char c : b.name) own = (own ^ std::uint64_t(c)) * 0x100000001b3U;
        Random random(own);
        if (b.members.empty())
            dealt[random.below(ranks)].push_back(b.name);
        else if (random.percent(30))
            dealt[random.below(ranks)].push_back(b.name + "[*]");
        else
            for (const auto& member : b.members) dealt[random.below(ranks)].push_back(member);
    }
    std::erase_if(dealt, [](const auto& names) { return names.empty(); });
    ranks = unsigned(dealt.size());
    std::string t = line("ranks:");
    for (unsigned r = 0; r < ranks; ++r) t += line("  " + std::to_string(r) + ": \"" + joined(dealt[r]) + "\"");
    return t;
}

std::vector<std::string> Graph::loose() const {
    std::vector<bool> found(blocks.size()), wanted(blocks.size());
    for (std::size_t b = 0; b < blocks.size(); ++b)
        wanted[b] =
            std::any_of(blocks[b].settings.begin(), blocks[b].settings.end(), [](const auto& s) { return s.key == "path"; }) ||
            blocks[b].type == "null_sink" || !blocks[b].members.empty();
    for (bool again = true; again;) {
        again = false;
        for (const Edge& e : edges) {
            if (e.feedback) continue;
            if (!found[e.from] && (found[e.to] || blocks[e.to].ends_early)) found[e.from] = again = true;
            if (!wanted[e.from] && wanted[e.to]) wanted[e.from] = again = true;
        }
    }
    // Whose messages go to nothing but blocks that end with their streams is cancelled when those have ended, sooner or later.
    const auto ends_with_streams = [&](std::size_t b) {
        return std::any_of(edges.begin(), edges.end(), [&](const Edge& e) { return !e.message && e.to == b; });
    };
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const bool sends = std::any_of(edges.begin(), edges.end(), [&](const Edge& e) { return e.from == b; });
        const bool to_streams_alone = std::all_of(edges.begin(), edges.end(), [&](const Edge& e) {
            return e.from != b || e.feedback || (e.message && ends_with_streams(e.to));
        });
        if (sends && to_streams_alone) found[b] = true;
    }
    std::vector<std::string> names;
    for (std::size_t b = 0; b < blocks.size(); ++b)
        if (found[b] || !wanted[b]) names.push_back(blocks[b].name);
    return names;
}

}  // namespace random_graph
