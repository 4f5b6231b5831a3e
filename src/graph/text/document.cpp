#include "graph/text/document.hpp"

#include "core/process/alive.hpp"
#include "graph/mistakes/places.hpp"
#include "graph/mistakes/syntax.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

namespace flowspan::graph {
namespace {

constexpr std::size_t deepest = 64;
constexpr std::size_t most_values = std::size_t{1} << 21;

/// Builds the tree from yaml-cpp's events, so that anchors, tags and duplicate keys are seen before they vanish.
class Builder final : public YAML::EventHandler {
public:
    Builder(Places& places, Diagnostics& found) : places_(places), found_(found) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Node node;
        node.at = places_.at(mark);
        refuse_anchor(node.at, anchor);
        add(std::move(node));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        Node node;
        node.at = places_.at(mark);
        refuse(node.at, "a value", "an alias (`*name`)", "write the value out, or quote it if it is a text");
        add(std::move(node));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
        still_here();
        Node node;
        node.kind = Node::Kind::scalar;
        node.text = value;
        node.quoted = tag == "!";
        node.at = places_.at(mark);
        refuse_anchor(node.at, anchor);
        refuse_tag(node.at, tag);
        if (value.find('\0') != std::string::npos) refuse(node.at, "a text without NUL", value, "");
        add(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        begin(Node::Kind::list, mark, tag, anchor, style);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        begin(Node::Kind::map, mark, tag, anchor, style);
    }
    void OnMapEnd() override { end(); }

    Node take() { return std::move(root_); }

private:
    struct Open {
        Node node;
        bool flow = false;
        std::optional<Node> key;
        std::map<std::string, Position> seen;
    };

    void refuse(const Position& at, std::string expected, std::string got, std::string hint) {
        found_.push_back({at, "", std::move(expected), std::move(got), std::move(hint), {}});
    }
    void refuse_anchor(const Position& at, YAML::anchor_t anchor) {
        if (anchor != 0)
            refuse(at, "a value", "an anchor (`&name`)", "write the value where it is used, or quote it if it is a text");
    }
    void refuse_tag(const Position& at, const std::string& tag) {
        if (!tag.empty() && tag != "?" && tag != "!")
            refuse(at, "a value", fmt::format("a tag (`{}`)", tag), "quote it if it is a text");
    }
    void begin(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
               YAML::EmitterStyle::value style) {
        Open open;
        open.node.kind = kind;
        open.node.at = places_.at(mark);
        if (open_.size() == deepest)
            throw Refused(Diagnostic{
                open.node.at, "", fmt::format("at most {} lists and maps within each other", deepest), "more", "", {}});
        open.flow = style == YAML::EmitterStyle::Flow;
        refuse_anchor(open.node.at, anchor);
        refuse_tag(open.node.at, tag);
        open_.push_back(std::move(open));
    }
    void end() {
        Node node = std::move(open_.back().node);
        open_.pop_back();
        add(std::move(node));
    }
    void add(Node node) {
        if (++values_ > most_values)
            throw Refused(Diagnostic{node.at,
                                     "",
                                     fmt::format("at most {} keys and values in a file", most_values),
                                     "more",
                                     "blocks that are alike are `copies:` of one",
                                     {}});
        if (open_.empty()) {
            root_ = std::move(node);
        } else if (open_.back().node.kind == Node::Kind::list) {
            open_.back().node.items.push_back(std::move(node));
        } else if (!open_.back().key) {
            take_key(std::move(node));
        } else {
            take_entry(std::move(node));
        }
    }
    void take_key(Node key) {
        if (key.kind != Node::Kind::scalar)
            refuse(key.at, "a name", key.kind == Node::Kind::null ? "nothing" : "a list or a map", "quote it if it is a text");
        open_.back().key = std::move(key);
    }
    void take_entry(Node value) {
        Open& map = open_.back();
        Node key = std::move(*map.key);
        map.key.reset();
        if (key.kind != Node::Kind::scalar) return;
        if (value.kind == Node::Kind::null) value.at = key.at;  // yaml-cpp says where the next thing stands
        if (key.text == "<<" && !key.quoted) {
            refuse(key.at, "a name", "a merge key (`<<`)", "write the entries out");
            return;
        }
        const auto [first, fresh] = map.seen.emplace(key.text, key.at);
        if (!fresh) {
            refuse(key.at, "each key once", fmt::format("`{}` again (first in line {})", key.text, first->second.line), "");
            return;
        }
        if (map.flow && value.kind == Node::Kind::null)
            refuse(key.at, "`name: value`", fmt::format("`{}` alone", key.text),
                   "a comma ends a value within { }: quote the value if the comma belongs to it");
        map.node.entries.push_back({std::move(key), std::move(value)});
    }

    Places& places_;
    Diagnostics& found_;
    std::vector<Open> open_;
    std::size_t values_ = 0;
    Node root_;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
    for (const auto& [name, value] : entries)
        if (name.text == key) return &value;
    return nullptr;
}

Position inside(const Node& scalar, std::size_t offset) {
    Position at = scalar.at;
    if (at.line == 0 || offset == 0) return at;
    // The text is not what stands in the file where it goes on in the next line, has escapes, or comes from a name.
    const std::string_view line = at.line_text.text(), text = std::string_view(scalar.text).substr(0, offset);
    std::size_t begin = 0;
    for (int column = 0; begin < line.size(); ++begin)
        if (begins_character(line[begin]) && ++column == at.column) break;
    if (scalar.quoted) ++begin;
    if (begin >= line.size() || line.substr(begin, text.size()) != text) return at;
    at.column += int(std::count_if(text.begin(), text.end(), begins_character)) + (scalar.quoted ? 1 : 0);
    return at;
}

std::string path_from(const Node& node, const std::string& path) {
    namespace fs = std::filesystem;
    const std::string& file = node.from.empty() ? node.at.file : node.from;
    const bool from_command_line =
        file.starts_with("-") || std::any_of(node.context.begin(), node.context.end(),
                                             [](const std::string& line) { return line.find("(--set ") != std::string::npos; });
    if (file.empty() || from_command_line || fs::path(path).is_absolute()) return path;
    return (fs::path(file).parent_path() / path).lexically_normal().string();
}

Node read_document(const std::string& text, const std::string& file) {
    if (text.size() > most_bytes)
        throw Refused(Diagnostic{{file, 0, 0, {}},
                                 "",
                                 "a graph file of at most 16 MiB",
                                 "a larger one",
                                 "blocks that are alike are `copies:` of one",
                                 {}});
    Places places(text, file);
    Diagnostics found;
    Builder builder(places, found);
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        Diagnostics of_second;
        Builder second(places, of_second);
        if (parser.HandleNextDocument(second)) {
            const Node extra = second.take();
            found.push_back({extra.at, "", "one document in the file", "a second one after `---`", "", {}});
        }
    } catch (const YAML::Exception& error) { throw Refused(syntax_error(error, places)); }
    if (auto open = open_quote(places)) throw Refused(std::move(*open));
    if (!found.empty()) throw Refused(std::move(found));
    return builder.take();
}

}  // namespace flowspan::graph
