#include "graph/output/draw.hpp"

#include "core/process/lazy_library.hpp"
#include "graph/output/load.hpp"
#include "graph/output/picture.hpp"
#include "graph/resolve/names.hpp"

#include <fmt/format.h>
#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>

#include <array>
#include <cmath>
#include <memory>
#include <optional>

namespace flowspan::graph {
namespace {

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

/// The lines of a box, and titles of frames. A rank is named once: by the outermost frame that is all on it, or by the box.
class Titles {
public:
    Titles(const Picture& picture, const Load* load) : picture_(picture), load_(load) {}
    std::vector<std::string> of(const Box& box) const {
        std::vector<std::string> lines{box.name, box.type};
        if (names_rank(box.rank, box.frame)) lines.push_back(fmt::format("rank {}", box.rank));
        if (load_ != nullptr)
            for (const std::string& line : load_->words_of(box)) lines.push_back(line);
        return lines;
    }
    std::string of(const Line& line) const {
        std::string text = line.label();
        if (const std::string crossed = load_ != nullptr ? load_->words_of(line) : ""; !crossed.empty())
            text += (text.empty() ? "" : ", ") + crossed;
        return text;
    }
    std::string of(const Frame& frame) const {
        std::string text = frame.group.empty() ? frame.name : frame.name + ": " + frame.group;
        if (names_rank(frame.rank, frame.parent)) text += fmt::format(", rank {}", frame.rank);
        return text;
    }

private:
    bool names_rank(int rank, int frame) const {
        const bool said = frame >= 0 && picture_.frames[std::size_t(frame)].rank >= 0;
        return picture_.ranks.size() > 1 && rank >= 0 && !said;
    }
    const Picture& picture_;
    const Load* load_;
};

/// The picture in Graphviz's language.
class Dot {
public:
    Dot(const Picture& picture, const Load* load) : picture_(picture), load_(load), titles_(picture, load) {}

    std::string write(const std::string& name) {
        text_ = "digraph flowgraph {\n  rankdir=LR;\n  bgcolor=\"white\";\n";
        if (load_ != nullptr)
            text_ += fmt::format("  label=<{}>;\n  labelloc=t;\n", legend(name));
        else if (!name.empty())
            text_ += fmt::format("  label=\"{}\";\n  labelloc=t;\n", escaped(name));
        text_ +=
            "  fontname=\"Helvetica\";\n  node [shape=box, style=\"rounded,filled\", color=\"#555555\", "
            "fontname=\"Helvetica\", "
            "fontsize=11];\n"
            "  edge [color=\"#444444\", fontname=\"Helvetica\", fontsize=9];\n";
        for (const int frame : picture_.outer_frames) add_frame(frame, "  ");
        for (const int box : picture_.outer_boxes) add_box(box, "  ");
        for (const Line& line : picture_.lines) add_line(line);
        return text_ + "}\n";
    }

private:
    static std::string marked(const std::string& text) {
        std::string safe;
        for (const char c : text) safe += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
        return safe;
    }
    /// The name of the graph and the scale of colours, as Graphviz's kind of HTML.
    std::string legend(const std::string& name) const {
        const std::string row = fmt::format("<tr><td border=\"0\" colspan=\"{}\">{{}}</td></tr>", load_colours.size());
        std::string text = "<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" cellpadding=\"4\">";
        if (!name.empty()) text += fmt::format(fmt::runtime(row), "<b>" + marked(name) + "</b>");
        text += fmt::format(fmt::runtime(row), Load::title) + "<tr>";
        const std::vector<std::string> scale = load_->scale();
        for (std::size_t k = 0; k < scale.size(); ++k)
            text += fmt::format("<td bgcolor=\"{}\"><font color=\"{}\">{}</font></td>", load_colours[k].fill,
                                load_colours[k].text, marked(scale[k]));
        text += "</tr>";
        if (const std::string ranks = load_->ranks(); !ranks.empty()) text += fmt::format(fmt::runtime(row), marked(ranks));
        return text + "</table>";
    }
    static std::string label(const std::vector<std::string>& lines) {
        std::string text;
        for (const std::string& line : lines) text += (text.empty() ? "" : "\\n") + escaped(line);
        return text;
    }
    void add_frame(int number, const std::string& indent) {
        const Frame& frame = picture_.frames[std::size_t(number)];
        text_ += fmt::format("{0}subgraph cluster_{1} {{\n{0}  label=\"{2}\";\n{0}  labeljust=l;\n", indent, number,
                             escaped(titles_.of(frame)));
        text_ += fmt::format(
            "{0}  style=\"rounded,filled\";\n{0}  color=\"#999999\";\n{0}  fillcolor=\"#fafafa\";\n{0}  fontsize=11;\n",
            indent);
        for (const int inner : frame.frames) add_frame(inner, indent + "  ");
        for (const int box : frame.boxes) add_box(box, indent + "  ");
        text_ += indent + "}\n";
    }
    void add_box(int number, const std::string& indent) {
        const Box& box = picture_.boxes[std::size_t(number)];
        const auto [fill, ink] = load_ != nullptr ? load_colours[load_->level_of(box)] : LoadColour{"", ""};
        text_ += fmt::format("{}b{} [label=\"{}\", fillcolor=\"{}\"{}];\n", indent, number, label(titles_.of(box)),
                             load_ != nullptr ? std::string(fill) : colour_of(box.rank),
                             load_ != nullptr ? fmt::format(", fontcolor=\"{}\"", ink) : "");
    }
    void add_line(const Line& line) {
        text_ += fmt::format("  b{} -> b{}", line.from, line.to);
        std::vector<std::string> attributes;
        if (const std::string label = titles_.of(line); !label.empty())
            attributes.push_back(fmt::format("label=\"{}\"", escaped(label)));
        if (line.message) attributes.emplace_back("style=dashed");
        if (!attributes.empty()) text_ += " [" + joined(attributes, ", ") + "]";
        text_ += ";\n";
    }

    const Picture& picture_;
    const Load* load_;
    Titles titles_;
    std::string text_;
};

/// The picture in Mermaid's language.
class Mermaid {
public:
    Mermaid(const Picture& picture, const Load* load) : picture_(picture), load_(load), titles_(picture, load) {}

    std::string write(const std::string& name) {
        if (!name.empty()) text_ += fmt::format("---\ntitle: \"{}\"\n---\n", escaped(name));
        text_ += "flowchart LR\n";
        for (const int frame : picture_.outer_frames) add_frame(frame, "  ");
        for (const int box : picture_.outer_boxes) add_box(box, "  ");
        for (const Line& line : picture_.lines) {
            const std::string label = titles_.of(line);
            text_ += fmt::format("  b{} {}{} b{}\n", line.from, line.message ? "-.->" : "-->",
                                 label.empty() ? "" : "|\"" + safe(label) + "\"|", line.to);
        }
        if (load_ != nullptr) return add_loads(), std::move(text_);
        for (const int rank : picture_.ranks)
            text_ += fmt::format("  classDef rank{} fill:{},stroke:#555555,color:#000000\n", rank, colour_of(rank));
        for (std::size_t i = 0; i < picture_.boxes.size(); ++i)
            if (picture_.boxes[i].rank >= 0) text_ += fmt::format("  class b{} rank{}\n", i, picture_.boxes[i].rank);
        return std::move(text_);
    }

private:
    void add_loads() {
        const std::vector<std::string> scale = load_->scale();
        const std::string ranks = load_->ranks();
        text_ += fmt::format("  subgraph scale[\"{}{}\"]\n", Load::title, ranks.empty() ? "" : "<br/>" + ranks);
        for (std::size_t k = 0; k < scale.size(); ++k) text_ += fmt::format("    s{}[\"{}\"]:::load{}\n", k, safe(scale[k]), k);
        text_ += "  end\n";
        for (std::size_t k = 0; k < load_colours.size(); ++k)
            text_ += fmt::format("  classDef load{} fill:{},stroke:#555555,color:{}\n", k, load_colours[k].fill,
                                 load_colours[k].text);
        for (std::size_t i = 0; i < picture_.boxes.size(); ++i)
            text_ += fmt::format("  class b{} load{}\n", i, load_->level_of(picture_.boxes[i]));
    }
    static std::string safe(const std::string& text) {
        std::string safe;
        for (const char c : text) safe += c == '"' ? "#quot;" : c == '<' ? "#lt;" : std::string(1, c);
        return safe;
    }
    static std::string label(const std::vector<std::string>& lines) {
        std::string text;
        for (const std::string& line : lines) text += (text.empty() ? "" : "<br/>") + safe(line);
        return text;
    }
    void add_frame(int number, const std::string& indent) {
        const Frame& frame = picture_.frames[std::size_t(number)];
        text_ += fmt::format("{}subgraph g{}[\"{}\"]\n", indent, number, safe(titles_.of(frame)));
        for (const int inner : frame.frames) add_frame(inner, indent + "  ");
        for (const int box : frame.boxes) add_box(box, indent + "  ");
        text_ += indent + "end\n";
    }
    void add_box(int number, const std::string& indent) {
        text_ += fmt::format("{}b{}[\"{}\"]\n", indent, number, label(titles_.of(picture_.boxes[std::size_t(number)])));
    }

    const Picture& picture_;
    const Load* load_;
    Titles titles_;
    std::string text_;
};

/// The functions of Graphviz that are used here.
struct Graphviz {
    LazyLibrary library{GVC_SONAME};
    decltype(gvContext)* context = library["gvContext"];
    decltype(gvFreeContext)* free_context = library["gvFreeContext"];
    decltype(agmemread)* read = library["agmemread"];
    decltype(agclose)* close = library["agclose"];
    decltype(gvLayout)* layout = library["gvLayout"];
    decltype(gvFreeLayout)* free_layout = library["gvFreeLayout"];
    decltype(gvRenderData)* render = library["gvRenderData"];
    decltype(gvFreeRenderData)* free_data = library["gvFreeRenderData"];
};

std::string svg(const std::string& dot_text) {
    const Graphviz gv;
    const std::unique_ptr<GVC_t, decltype(gv.free_context)> context(gv.context(), gv.free_context);
    const std::unique_ptr<Agraph_t, decltype(gv.close)> graph(gv.read(dot_text.c_str()), gv.close);
    if (!context || !graph || gv.layout(context.get(), graph.get(), "dot") != 0)
        throw Failure(ExitCode::bug, "Graphviz cannot lay out the picture");
    char* data = nullptr;
    unsigned size = 0;
    const int failed = gv.render(context.get(), graph.get(), "svg", &data, &size);
    std::string text = failed == 0 && data != nullptr ? std::string(data, size) : "";
    if (data != nullptr) gv.free_data(data);
    gv.free_layout(context.get(), graph.get());
    if (text.empty()) throw Failure(ExitCode::bug, "Graphviz cannot render the picture as SVG");
    return text;
}

}  // namespace

std::string draw(const FlowgraphSpec& spec, const DescribedGraph* described, const std::vector<int>& rank_of, Format format,
                 const Profile* profile) {
    const Picture picture = picture_of(spec, described, rank_of);
    std::optional<Load> measured;
    if (profile != nullptr) measured.emplace(picture, *profile);
    const Load* load = measured ? &*measured : nullptr;
    if (format == Format::mermaid) return Mermaid(picture, load).write(spec.name);
    const std::string text = Dot(picture, load).write(spec.name);
    return format == Format::dot ? text : svg(text);
}

}  // namespace flowspan::graph
