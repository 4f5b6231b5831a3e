#include "graph/text/document.hpp"

#include "core/process/alive.hpp"

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
constexpr std::size_t longest_line = 65536;  // of those that are shown

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

/// yaml-cpp counts lines from 0 and columns in bytes from 0; people count characters from 1. Asked in the order of the text it
/// takes time in proportion to that.
class Places {
public:
    Places(const std::string& text, std::string file) : text_(text), file_(std::move(file)), begins_{0} {
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] == '\n') begins_.push_back(i + 1);
    }
    Position at(const YAML::Mark& mark) {
        if (mark.line < 0) return {file_, 0, 0, {}};
        const auto line = std::size_t(mark.line);
        if (is_behind(mark.line)) return {file_, mark.line + 1, mark.column + 1, {}};
        if (line != line_ || std::size_t(mark.column) < byte_) turn_to(line);
        for (; byte_ < std::size_t(mark.column); ++byte_) {
            const std::size_t i = begins_[line] + byte_;
            const bool inside = i < end_ && !begins_character(text_[i]);
            if (!inside) ++column_;
        }
        return {file_, mark.line + 1, column_, line_text_};
    }

    bool is_behind(int line) const { return std::size_t(line) >= begins_.size() || begins_[std::size_t(line)] == text_.size(); }
    /// Behind the last character.
    Position end() {
        std::size_t line = begins_.size() - 1;
        if (line > 0 && begins_[line] == text_.size()) --line;
        YAML::Mark mark;
        mark.line = int(line);
        const std::size_t behind = line + 1 < begins_.size() ? begins_[line + 1] - 1 : text_.size();
        mark.column = int(behind - begins_[line]);
        return at(mark);
    }

private:
    void turn_to(std::size_t line) {
        if (line != line_) {
            const std::size_t begin = begins_[line];
            end_ = line + 1 < begins_.size() ? begins_[line + 1] - 1 : text_.size();
            if (end_ > begin && text_[end_ - 1] == '\r') --end_;
            line_text_ = end_ - begin > longest_line ? LineText() : LineText(text_.substr(begin, end_ - begin));
        }
        line_ = line;
        byte_ = 0;
        column_ = 1;
    }

    const std::string& text_;
    std::string file_;
    std::vector<std::size_t> begins_;  // of lines
    // The line that was asked for last, and a place in it.
    std::size_t line_ = std::string::npos, end_ = 0, byte_ = 0;
    int column_ = 1;
    LineText line_text_;
};

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

/// yaml-cpp's words for what went wrong, as ours.
std::pair<std::string, std::string> sentence_for(const std::string& message) {
    struct Entry {
        std::string_view theirs, expected, got;
    };
    static constexpr auto table = std::to_array<Entry>({
        {"end of map flow not found", "`,` or `}`", "something else"},
        {"end of sequence flow not found", "`,` or `]`", "something else"},
        {"end of map not found", "`name: value`", "something else"},
        {"end of sequence not found", "`- item`", "something else"},
        {"illegal map value", "one `name: value` a line", "a second `:`"},
        {"illegal map key", "a `name:` on a line of its own", "one in the middle"},
        {"illegal block entry", "a list item on a line of its own", "a `-` in the middle"},
        {"illegal flow end", "an opening bracket before", "a closing one"},
        {"illegal EOF in scalar", "a closing quote", "the end of the file"},
        {"illegal tab when looking for indentation", "spaces for indentation", "a tab"},
        {"alias not found after *", "a value", "a bare `*`"},
        {"anchor not found after &", "a value", "a bare `&`"},
        {"the referenced anchor is not defined", "a value", "an alias (`*name`)"},
        {"unknown token", "a value", "a character that cannot begin one"},
    });
    for (const Entry& entry : table)
        if (message.starts_with(entry.theirs)) return {std::string(entry.expected), std::string(entry.got)};
    return {"YAML", message};
}

/// Whether the line has a bracket, star or brace that YAML gives a meaning to and that a graph file often means as text.
bool needs_quotes(const std::string& line) {
    bool quoted = false;
    for (const char c : line) {
        if (c == '"' || c == '\'') quoted = !quoted;
        if (c == '#' && !quoted) return false;
        if (!quoted && std::string_view("[]{}*&!@%`").find(c) != std::string_view::npos) return true;
    }
    return false;
}

/// The character under the caret, quoted.
std::string character_at(const Position& at) {
    int column = 0;
    const std::string& line = at.line_text.text();
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto continues = [&](std::size_t k) { return k < line.size() && !begins_character(line[k]); };
        if (continues(i) || ++column < at.column) continue;
        std::size_t end = i + 1;
        while (continues(end)) ++end;
        return "`" + line.substr(i, end - i) + "`";
    }
    return "the end of the line";
}

Diagnostic syntax_error(const YAML::Exception& error, Places& places) {
    const auto [expected, got] = sentence_for(error.msg);
    Diagnostic found{places.at(error.mark), "", expected, got, "", {}};
    // yaml-cpp says that the text ends in its first place, or behind its last line.
    if (got == "something else" && (error.mark.line + error.mark.column == 0 || places.is_behind(error.mark.line))) {
        found.at = places.end();
        found.got = "the end of the file";
        return found;
    }
    const std::string& line = found.at.line_text.text();
    if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string::npos) {
        found.expected = "spaces for indentation";
        found.got = "a tab";
    } else if (found.got == "something else") {
        found.got = character_at(found.at);
    }
    if (found.got == "a tab")
        found.hint = "indent with spaces";
    else if (line.empty() || needs_quotes(line))
        found.hint =
            "quote it: a value with [ ] { } * or a comma stands in quotes within { } and [ ], and where it begins with one";
    else if (got == "a second `:`")
        found.hint = "quote it if the `:` belongs to the value, and check the indentation";
    return found;
}

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
    if (!found.empty()) throw Refused(std::move(found));
    return builder.take();
}

}  // namespace flowspan::graph
