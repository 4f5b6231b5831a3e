#include "graph/draw.hpp"

#include "core/quantity.hpp"
#include "graph/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <tuple>

namespace flowspan::graph {
namespace {

constexpr int most_single_copies = 4;

struct Box {
    std::string type;
    int rank = -1;
    std::vector<std::string> blocks;
    std::string name() const { return fmt::format("{}", fmt::join(merged_names(blocks), ", ")); }
};

struct Line {
    int from = -1, to = -1;
    bool message = false;
    int count = 0;
    std::set<std::string> labels;
    std::string label() const {
        std::string text = labels.size() == 1 ? *labels.begin() : "";
        if (count > 1) text = fmt::format("{}{}", count, text.empty() ? "" : " x " + text);
        return text;
    }
};

struct Picture {
    std::vector<Box> boxes;
    std::vector<Line> lines;
    std::set<int> ranks;
};

/// "cf32 200 kHz", "1024 x rf32 25 Hz".
std::string label_of(const DescribedOutput& output) {
    std::string text(output.type == SampleType::any ? "" : name_of(output.type));
    const std::size_t samples = size_of(output.type) > 0 ? output.item_size / size_of(output.type) : 1;
    if (samples > 1) text = fmt::format("{}[{}]", text, samples);
    if (output.rate > 0) text += (text.empty() ? "" : " ") + format_quantity(output.rate, hertz);
    return text;
}

std::map<std::pair<int, std::string>, std::string> stream_labels(const DescribedGraph* described) {
    std::map<std::pair<int, std::string>, std::string> labels;
    if (described == nullptr) return labels;
    for (const DescribedOutput& output : described->outputs) labels[{output.block, output.port}] = label_of(output);
    return labels;
}

Picture picture_of(const FlowgraphSpec& spec, const DescribedGraph* described, const std::vector<int>& rank_of) {
    Picture picture;
    std::map<std::tuple<std::string, int, int>, int> box_numbers;  // by base, rank, and copy where it stands alone
    std::vector<int> box_of(spec.blocks.size());
    for (std::size_t b = 0; b < spec.blocks.size(); ++b) {
        const FlatBlock& block = spec.blocks[b];
        const int rank = b < rank_of.size() ? rank_of[b] : -1;
        const int alone = block.copies > most_single_copies ? -1 : block.copy;
        const auto [found, fresh] = box_numbers.emplace(std::tuple(block.base, rank, alone), int(picture.boxes.size()));
        if (fresh) picture.boxes.push_back({block.type, rank, {}});
        box_of[b] = found->second;
        picture.boxes[std::size_t(found->second)].blocks.push_back(block.name);
        if (rank >= 0) picture.ranks.insert(rank);
    }
    const auto labels = stream_labels(described);
    std::map<std::tuple<int, int, bool>, std::size_t> line_numbers;
    const auto add = [&](const Connection& connection, bool message) {
        const int from = box_of[std::size_t(connection.from.block)], to = box_of[std::size_t(connection.to.block)];
        const auto [found, fresh] = line_numbers.emplace(std::tuple(from, to, message), picture.lines.size());
        if (fresh) picture.lines.push_back({from, to, message, 0, {}});
        Line& line = picture.lines[found->second];
        ++line.count;
        const auto label = labels.find({connection.from.block, connection.from.port});
        if (!message && label != labels.end() && !label->second.empty()) line.labels.insert(label->second);
    };
    for (const Connection& connection : spec.streams) add(connection, false);
    for (const Connection& connection : spec.messages) add(connection, true);
    return picture;
}

/// Light colours, far apart for neighbouring ranks: hues by the golden angle.
std::string colour_of(int rank) {
    if (rank < 0) return "#f4f4f4";
    const double hue = std::fmod(210 + rank * 137.50776, 360) / 60, lightness = 0.86,
                 chroma = (1 - std::abs(2 * lightness - 1)) * 0.75;
    const double x = chroma * (1 - std::abs(std::fmod(hue, 2) - 1)), low = lightness - chroma / 2;
    static constexpr std::array<std::array<int, 3>, 6> order{
        {{2, 1, 0}, {1, 2, 0}, {0, 2, 1}, {0, 1, 2}, {1, 0, 2}, {2, 0, 1}}};
    const std::array<double, 3> levels{0, x, chroma};
    std::string text = "#";
    for (const int level : order[std::size_t(hue) % 6])
        text += fmt::format("{:02x}", int(std::lround(255 * (low + levels[std::size_t(level)]))));
    return text;
}

std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        if (c == '"' || c == '\\') safe += '\\';
        safe += c == '\n' ? ' ' : c;
    }
    return safe;
}

std::string rank_line(const Picture& picture, const Box& box) {
    return picture.ranks.size() > 1 && box.rank >= 0 ? fmt::format("rank {}", box.rank) : "";
}

std::string dot(const Picture& picture, const std::string& name) {
    std::string text = "digraph flowgraph {\n  rankdir=LR;\n  bgcolor=\"white\";\n";
    if (!name.empty()) text += fmt::format("  label=\"{}\";\n  labelloc=t;\n", escaped(name));
    text +=
        "  fontname=\"Helvetica\";\n  node [shape=box, style=\"rounded,filled\", color=\"#555555\", fontname=\"Helvetica\", "
        "fontsize=11];\n"
        "  edge [color=\"#444444\", fontname=\"Helvetica\", fontsize=9];\n";
    for (std::size_t i = 0; i < picture.boxes.size(); ++i) {
        const Box& box = picture.boxes[i];
        std::string label = escaped(box.name()) + "\\n" + escaped(box.type);
        if (const std::string rank = rank_line(picture, box); !rank.empty()) label += "\\n" + rank;
        text += fmt::format("  b{} [label=\"{}\", fillcolor=\"{}\"];\n", i, label, colour_of(box.rank));
    }
    for (const Line& line : picture.lines) {
        text += fmt::format("  b{} -> b{}", line.from, line.to);
        std::vector<std::string> attributes;
        if (const std::string label = line.label(); !label.empty())
            attributes.push_back(fmt::format("label=\"{}\"", escaped(label)));
        if (line.message) attributes.emplace_back("style=dashed");
        if (!attributes.empty()) text += " [" + joined(attributes, ", ") + "]";
        text += ";\n";
    }
    return text + "}\n";
}

std::string mermaid_text(const std::string& text) {
    std::string safe;
    for (const char c : text) safe += c == '"' ? std::string("#quot;") : std::string(1, c);
    return safe;
}

std::string mermaid(const Picture& picture, const std::string& name) {
    std::string text;
    if (!name.empty()) text += fmt::format("---\ntitle: \"{}\"\n---\n", escaped(name));
    text += "flowchart LR\n";
    for (std::size_t i = 0; i < picture.boxes.size(); ++i) {
        const Box& box = picture.boxes[i];
        std::string label = mermaid_text(box.name()) + "<br/>" + mermaid_text(box.type);
        if (const std::string rank = rank_line(picture, box); !rank.empty()) label += "<br/>" + rank;
        text += fmt::format("  b{}[\"{}\"]\n", i, label);
    }
    for (const Line& line : picture.lines) {
        const std::string label = line.label();
        text += fmt::format("  b{} {}{} b{}\n", line.from, line.message ? "-.->" : "-->",
                            label.empty() ? "" : "|\"" + mermaid_text(label) + "\"|", line.to);
    }
    for (const int rank : picture.ranks)
        text += fmt::format("  classDef rank{} fill:{},stroke:#555555,color:#000000\n", rank, colour_of(rank));
    for (std::size_t i = 0; i < picture.boxes.size(); ++i)
        if (picture.boxes[i].rank >= 0) text += fmt::format("  class b{} rank{}\n", i, picture.boxes[i].rank);
    return text;
}

std::string svg(const std::string& dot_text) {
    const std::unique_ptr<GVC_t, decltype(&gvFreeContext)> context(gvContext(), &gvFreeContext);
    const std::unique_ptr<Agraph_t, decltype(&agclose)> graph(agmemread(dot_text.c_str()), &agclose);
    if (!context || !graph || gvLayout(context.get(), graph.get(), "dot") != 0)
        throw Failure(ExitCode::bug, "Graphviz cannot lay out the picture");
    char* data = nullptr;
    unsigned size = 0;
    const int failed = gvRenderData(context.get(), graph.get(), "svg", &data, &size);
    std::string text = failed == 0 && data != nullptr ? std::string(data, size) : "";
    if (data != nullptr) gvFreeRenderData(data);
    gvFreeLayout(context.get(), graph.get());
    if (text.empty()) throw Failure(ExitCode::bug, "Graphviz cannot render the picture as SVG");
    return text;
}

}  // namespace

std::string draw(const FlowgraphSpec& spec, const DescribedGraph* described, const std::vector<int>& rank_of, Format format) {
    const Picture picture = picture_of(spec, described, rank_of);
    if (format == Format::mermaid) return mermaid(picture, spec.name);
    const std::string text = dot(picture, spec.name);
    return format == Format::dot ? text : svg(text);
}

}  // namespace flowspan::graph
