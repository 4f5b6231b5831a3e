// The flat graph as a graph file.
#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"
#include "graph/spec.hpp"
#include "graph/text/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace flowspan::graph {
namespace {

bool is_plain(const std::string& text) {
    if (text.empty() || text.back() == ' ' || text == "null" || text == "Null" || text == "NULL") return false;
    const auto first = static_cast<unsigned char>(text.front());
    const bool negative = text.size() > 1 && first == '-' && std::isdigit(static_cast<unsigned char>(text[1])) != 0;
    if (std::isalnum(first) == 0 && first != '_' && first != '.' && first != '/' && !negative) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("_./+- ").find(c) != std::string_view::npos;
    });
}

std::string in_quotes(const std::string& text) {
    std::string safe = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            safe += std::string("\\") + c;
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            safe += c;
    }
    return safe + "\"";
}

std::string scalar_text(const std::string& text) { return is_plain(text) ? text : in_quotes(text); }

/// As `check` and `run` find the file, from wherever the flat graph is read.
std::string absolute_path(const Node& node) {
    return std::filesystem::absolute(path_from(node, node.text)).lexically_normal().string();
}

std::string written(const Node& node) {
    std::string text;
    if (node.kind == Node::Kind::list) {
        for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + written(item);
        return "[" + text + "]";
    }
    if (node.kind == Node::Kind::map) {
        for (const auto& [name, value] : node.entries)
            text += (text.empty() ? "" : ", ") + scalar_text(name.text) + ": " + written(value);
        return "{" + text + "}";
    }
    const std::string plain = node.is_path && !node.text.empty() ? absolute_path(node) : node.text;
    for (const char c : plain) text += c == '$' ? std::string("$$") : std::string(1, c);
    return scalar_text(text);
}

class Writer {
public:
    explicit Writer(const FlowgraphSpec& spec) : spec_(spec) {}

    std::string write() {
        line("flowspan: 1");
        if (!spec_.name.empty()) line("name: " + scalar_text(spec_.name));
        parameters();
        blocks();
        connections("connections", spec_.streams);
        connections("messages", spec_.messages);
        if (!spec_.unused.empty()) line("unused:");
        for (const PortRef& port : spec_.unused) line("  - " + name_of(port));
        ranks();
        schedule();
        return std::move(text_);
    }

private:
    void line(const std::string& text) { text_ += text + "\n"; }
    std::string name_of(const PortRef& port) const { return spec_.blocks[std::size_t(port.block)].name + "." + port.port; }

    void parameters() {
        if (!spec_.parameters.empty()) line("parameters:");
        for (const auto& [name, value] : spec_.parameters)
            line("  " + name + ": " + (value.kind == Node::Kind::map ? "{default: " + written(value) + "}" : written(value)));
    }
    void blocks() {
        line(spec_.blocks.empty() ? "blocks: {}" : "blocks:");
        for (const FlatBlock& block : spec_.blocks) {
            std::string body = "{type: " + scalar_text(block.type);
            for (const auto& [key, value] : block.settings) body += ", " + scalar_text(key) + ": " + written(value);
            if (block.device) body += ", device: " + keys::devices[std::size_t(*block.device)];
            const auto needs = spec_.assignment.needs.find(int(&block - spec_.blocks.data()));
            if (needs != spec_.assignment.needs.end()) body += needs_text(needs->second);
            line("  " + block.name + ": " + body + "}");
        }
    }
    void connections(const std::string& section, const std::vector<Connection>& all) {
        if (!all.empty()) line(section + ":");
        for (const Connection& one : all) {
            std::string options;
            if (one.buffer) options += fmt::format("buffer: {}", *one.buffer);
            if (one.feedback_delay) options += fmt::format("feedback: {{delay: {} samples}}", *one.feedback_delay);
            if (one.arrival_order) options += std::string(options.empty() ? "" : ", ") + "order: arrival";
            line("  - " + name_of(one.from) + " -> " + name_of(one.to) + (options.empty() ? "" : ": {" + options + "}"));
        }
    }

    void schedule() {
        if (!spec_.schedule.empty()) line("schedule:");
        for (const ScheduledChange& change : spec_.schedule) {
            for (const int block : change.blocks) {
                const Value when = change.when.value();
                std::string text = "  - {at: " + (when.is<std::string>() ? scalar_text(when.string()) : when.json());
                text +=
                    (change.command ? ", call: \"" : ", set: \"") + spec_.blocks[std::size_t(block)].name + "." + change.name;
                text += change.command ? "\", with: " : "\", to: ";
                line(text + yaml_text(change.value) + "}");
            }
        }
    }
    void ranks() {
        const Assignment& assignment = spec_.assignment;
        if (assignment.mode == Assignment::Mode::automatic) line("ranks: auto");
        if (assignment.places.empty()) return;
        line("ranks:");
        for (const Place& place : assignment.places) {
            std::string key = place.name;
            if (key.empty()) key = index_ranges(place.ranks);
            std::string words;
            for (const Place::Selection& selection : place.selections)
                words += (words.empty() ? "" : ", ") + selected(selection.blocks);
            line("  " + key + ": " + body_of(place, words));
        }
    }
    static std::string body_of(const Place& place, const std::string& words) {
        std::string blocks = words.empty() ? "[]" : words;
        if (place.name.empty() && place.needs.empty()) return blocks;
        std::string body = fmt::format("{{blocks: {}, count: {}", words.empty() ? "[]" : "\"" + words + "\"", place.count);
        return body + needs_text(place.needs) + "}";
    }
    /// ", require: {…}, prefer: {…}"
    static std::string needs_text(const std::vector<Need>& needs) {
        std::string text[2];
        for (const Need& need : needs) {
            std::string& to = text[need.preferred ? 1 : 0];
            const std::string value =
                need.kind == Need::Kind::path ? std::filesystem::absolute(need.text).lexically_normal().string() : need.text;
            to += (to.empty() ? "" : ", ") + need.key.substr(need.key.rfind('.') + 1) + ": " + scalar_text(value);
        }
        return (text[0].empty() ? "" : ", require: {" + text[0] + "}") + (text[1].empty() ? "" : ", prefer: {" + text[1] + "}");
    }
    /// "receive[0-7].demod": names that differ in one index.
    std::string selected(const std::vector<int>& blocks) const {
        const std::string& first = spec_.blocks[std::size_t(blocks.front())].name;
        if (blocks.size() == 1) return first;
        const std::string& second = spec_.blocks[std::size_t(blocks[1])].name;
        const auto differs =
            std::size_t(std::mismatch(first.begin(), first.end(), second.begin(), second.end()).first - first.begin());
        const std::size_t open = first.rfind('[', std::min(differs, first.size() - 1));
        if (open == std::string::npos) return first;
        std::vector<std::pair<int, int>> runs;
        for (const int block : blocks) {
            const int index = std::atoi(spec_.blocks[std::size_t(block)].name.c_str() + open + 1);
            if (!runs.empty() && runs.back().second + 1 == index)
                ++runs.back().second;
            else
                runs.emplace_back(index, index);
        }
        std::string indices;
        for (const auto& [from, to] : runs)
            indices += (indices.empty() ? "" : ",") + (from == to ? std::to_string(from) : fmt::format("{}-{}", from, to));
        return first.substr(0, open) + "[" + indices + "]" + first.substr(first.find(']', open) + 1);
    }

    const FlowgraphSpec& spec_;
    std::string text_;
};

}  // namespace

std::string yaml_text(const Value& value) {
    if (value.is<std::string>()) {
        std::string plain;
        for (const char c : value.string()) plain += c == '$' ? std::string("$$") : std::string(1, c);
        return in_quotes(plain);
    }
    if (value.is<Value::Doubles>()) {
        std::string text;
        for (const double one : value.as<Value::Doubles>()) text += (text.empty() ? "" : ", ") + Value(one).json();
        return "[" + text + "]";
    }
    if (value.is<std::complex<double>>()) return in_quotes(format_complex(value.as<std::complex<double>>()));
    if (!value.is<Value::List>()) return value.json();
    std::string text;
    for (const Value& one : value.list()) text += (text.empty() ? "" : ", ") + yaml_text(one);
    return "[" + text + "]";
}

std::string to_yaml(const FlowgraphSpec& spec) { return Writer(spec).write(); }

}  // namespace flowspan::graph
