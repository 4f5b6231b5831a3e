#include "graph/output/picture.hpp"

#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace flowspan::graph {
namespace {

constexpr int most_single_copies = 4;

/// The groups' instances around a block, from the outside in: "a[3]" and "a[3].b" of "a[3].b.c".
std::vector<std::string> instances_around(const std::string& block) {
    std::vector<std::string> all;
    for (std::size_t dot = block.find('.'); dot != std::string::npos; dot = block.find('.', dot + 1))
        all.push_back(block.substr(0, dot));
    return all;
}

/// Calls `visit(open, close, index)` for each bracket of a name.
template <class Visit>
void each_index(const std::string& name, Visit visit) {
    for (std::size_t open = name.find('['); open != std::string::npos; open = name.find('[', open + 1)) {
        const std::size_t close = name.find(']', open);
        if (close == std::string::npos) return;
        visit(open, close, std::atoi(name.c_str() + open + 1));
    }
}

/// Names with `[*]` for indices of which there are too many to be shown one by one.
class Patterns {
public:
    explicit Patterns(const std::vector<FlatBlock>& blocks) {
        for (const FlatBlock& block : blocks)
            each_index(block.name, [&](std::size_t open, std::size_t, int index) {
                int& count = counts_[without_indices(block.name.substr(0, open))];
                count = std::max(count, index + 1);
            });
    }
    std::string of(const std::string& name) const {
        std::string pattern;
        std::size_t begin = 0;
        each_index(name, [&](std::size_t open, std::size_t close, int) {
            const bool many = counts_.at(without_indices(name.substr(0, open))) > most_single_copies;
            pattern += name.substr(begin, open - begin) + (many ? "[*]" : name.substr(open, close + 1 - open));
            begin = close + 1;
        });
        return pattern + name.substr(begin);
    }

private:
    std::map<std::string, int> counts_;  // of copies, by the name before the bracket
};

/// Instances of groups whose blocks share boxes belong together.
class Families {
public:
    int number_of(const std::string& instance) {
        const auto [found, fresh] = numbers_.emplace(instance, int(parents_.size()));
        if (fresh) {
            parents_.push_back(found->second);
            names_.push_back(instance);
        }
        return found->second;
    }
    int root_of(int one) {
        while (parents_[std::size_t(one)] != one) {
            int& parent = parents_[std::size_t(one)];
            parent = parents_[std::size_t(parent)];
            one = parent;
        }
        return one;
    }
    void unite(int a, int b) { parents_[std::size_t(root_of(b))] = root_of(a); }
    const std::vector<std::string>& names() const { return names_; }

private:
    std::map<std::string, int> numbers_;
    std::vector<int> parents_;
    std::vector<std::string> names_;
};

std::string in_one(const std::vector<std::string>& names) { return joined(merged_names(names), ", "); }

/// Six digits are enough to look at.
double rounded(double rate) { return parse_number(fmt::format("{:.6g}", rate)).value_or(rate); }

/// "cf32 200 kHz", "rf32[1024] 25 Hz".
std::string label_of(const DescribedOutput& output) {
    std::string text(output.type == SampleType::any ? "" : name_of(output.type));
    const std::size_t samples = size_of(output.type) > 0 ? output.item_size / size_of(output.type) : 1;
    if (samples > 1) text = fmt::format("{}[{}]", text, samples);
    if (output.rate > 0) text += (text.empty() ? "" : " ") + format_quantity(rounded(output.rate), hertz);
    return text;
}

class Painter {
public:
    Painter(const FlowgraphSpec& spec, const std::vector<int>& rank_of) : spec_(spec), rank_of_(rank_of) {}

    Picture paint(const DescribedGraph* described) {
        add_boxes();
        add_frames();
        name_all();
        add_lines(described);
        return std::move(picture_);
    }

private:
    void add_boxes() {
        const Patterns patterns(spec_.blocks);
        std::map<std::tuple<std::string, std::string, int>, int> numbers;  // by pattern, type and rank
        for (std::size_t b = 0; b < spec_.blocks.size(); ++b) {
            const FlatBlock& block = spec_.blocks[b];
            const int rank = b < rank_of_.size() ? rank_of_[b] : -1;
            const auto [found, fresh] =
                numbers.emplace(std::tuple(patterns.of(block.name), block.type, rank), int(picture_.boxes.size()));
            if (fresh) {
                picture_.boxes.push_back({block.type, rank, -1, {}, {}});
                groups_.emplace_back();
                for (const GroupUse* use = block.use.get(); use != nullptr; use = use->around.get())
                    groups_.back().insert(groups_.back().begin(), use->group);
            }
            box_of_.push_back(found->second);
            picture_.boxes[std::size_t(found->second)].blocks.push_back(block.name);
            if (rank >= 0) picture_.ranks.insert(rank);
        }
    }

    void add_frames() {
        Families families;
        for (const Box& box : picture_.boxes) {
            const auto first = instances_around(box.blocks.front());
            for (const std::string& block : box.blocks) {
                const auto around = instances_around(block);
                for (std::size_t i = 0; i < around.size(); ++i)
                    families.unite(families.number_of(first[i]), families.number_of(around[i]));
            }
        }
        std::map<int, int> frames;  // by family
        for (std::size_t i = 0; i < families.names().size(); ++i) {
            const auto [found, fresh] = frames.emplace(families.root_of(int(i)), int(picture_.frames.size()));
            if (fresh) picture_.frames.emplace_back();
            picture_.frames[std::size_t(found->second)].instances.push_back(families.names()[i]);
        }
        for (std::size_t i = 0; i < picture_.boxes.size(); ++i) {
            int outer = -1;
            const auto around = instances_around(picture_.boxes[i].blocks.front());
            for (std::size_t depth = 0; depth < around.size(); ++depth) {
                const int frame = frames.at(families.root_of(families.number_of(around[depth])));
                put_frame(frame, outer, depth < groups_[i].size() ? groups_[i][depth] : "");
                outer = frame;
            }
            put_box(int(i), outer);
        }
    }
    void put_frame(int number, int outer, const std::string& group) {
        Frame& frame = picture_.frames[std::size_t(number)];
        if (!placed_.insert(number).second) return;
        frame.parent = outer;
        frame.group = group;
        (outer < 0 ? picture_.outer_frames : picture_.frames[std::size_t(outer)].frames).push_back(number);
    }
    void put_box(int number, int inner) {
        Box& box = picture_.boxes[std::size_t(number)];
        box.frame = inner;
        (inner < 0 ? picture_.outer_boxes : picture_.frames[std::size_t(inner)].boxes).push_back(number);
        for (int frame = inner; frame >= 0; frame = picture_.frames[std::size_t(frame)].parent) {
            const bool first = ranked_.insert(frame).second;
            int& rank = picture_.frames[std::size_t(frame)].rank;
            rank = first || rank == box.rank ? box.rank : -1;
        }
    }

    /// Within a frame, names begin behind the frame's own where they stand for all of its instances.
    std::string name_within(int frame, const std::vector<std::string>& names) const {
        if (frame < 0) return in_one(names);
        std::set<std::string> instances, rests;
        for (const std::string& name : names) {
            const std::size_t dot = name.rfind('.');
            instances.insert(name.substr(0, dot));
            rests.insert(name.substr(dot + 1));
        }
        const bool all = instances.size() == picture_.frames[std::size_t(frame)].instances.size();
        return all && instances.size() * rests.size() == names.size() ? in_one({rests.begin(), rests.end()}) : in_one(names);
    }
    void name_all() {
        for (Frame& frame : picture_.frames) frame.name = name_within(frame.parent, frame.instances);
        for (Box& box : picture_.boxes) box.name = name_within(box.frame, box.blocks);
    }

    std::string full_name(const PortRef& port) const { return spec_.blocks[std::size_t(port.block)].name + "." + port.port; }
    void add_lines(const DescribedGraph* described) {
        std::map<std::pair<int, std::string>, std::string> labels;
        if (described != nullptr)
            for (const DescribedOutput& output : described->outputs) labels[{output.block, output.port}] = label_of(output);
        std::map<std::tuple<int, int, bool>, std::size_t> numbers;
        const auto add = [&](const Connection& connection, bool message) {
            const int from = box_of_[std::size_t(connection.from.block)], to = box_of_[std::size_t(connection.to.block)];
            const auto [found, fresh] = numbers.emplace(std::tuple(from, to, message), picture_.lines.size());
            if (fresh) picture_.lines.push_back({from, to, message, 0, {}});
            Line& line = picture_.lines[found->second];
            ++line.count;
            line.edges.insert(message ? full_name(connection.from) + " -> " + full_name(connection.to)
                                      : full_name(connection.from));
            const auto label = labels.find({connection.from.block, connection.from.port});
            if (!message && label != labels.end() && !label->second.empty()) line.labels.insert(label->second);
        };
        for (const Connection& connection : spec_.streams) add(connection, false);
        for (const Connection& connection : spec_.messages) add(connection, true);
    }

    const FlowgraphSpec& spec_;
    const std::vector<int>& rank_of_;
    Picture picture_;
    std::vector<int> box_of_;                       // by block
    std::vector<std::vector<std::string>> groups_;  // by box, from the outside in
    std::set<int> placed_, ranked_;                 // frames
};

}  // namespace

std::string Line::label() const {
    std::string text = labels.size() == 1 ? *labels.begin() : "";
    if (count > 1) text = fmt::format("{}{}", count, text.empty() ? "" : " x " + text);
    return text;
}

Picture picture_of(const FlowgraphSpec& spec, const DescribedGraph* described, const std::vector<int>& rank_of) {
    return Painter(spec, rank_of).paint(described);
}

}  // namespace flowspan::graph
