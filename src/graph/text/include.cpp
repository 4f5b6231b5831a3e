// `include:`, `groups:` and `parameters:`: what the graph file and the files that it includes declare.
#include "core/mistakes/collect.hpp"
#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/keys.hpp"
#include "graph/text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace flowspan::graph {
namespace {

constexpr std::size_t most_files = 256, deepest_include = 16;

void check_version(Reading& reading, const Node& root, const std::string& file) {
    const Node* version = root.find("flowspan");
    if (version == nullptr) {
        const Position start = root.at.line == 0 ? Position{file, 1, 1, {}} : root.at;
        reading.refuse(start, "flowspan", "`flowspan: 1`, the version of the file's format", "nothing");
    } else if (version->text != "1") {
        reading.refuse(version->at, "flowspan", "1, the version of the file's format", shown(*version),
                       parse_integer(version->text).value_or(0) > 1 ? "a newer flowspan reads it" : "");
    }
}

void read_port_names(Reading& reading, Group& group, const Node& ports) {
    const std::string key = "groups." + group.name + ".ports";
    group.ports.clear();
    group.ports_listed = true;
    group.ports_at = ports.at;
    std::vector<const Node*> words;
    if (ports.kind == Node::Kind::scalar) words.push_back(&ports);
    for (const Node& item : ports.items) words.push_back(&item);
    if (words.empty()) reading.refuse(ports.at, key, "names, such as `in, audio, level`", shown(ports));
    for (const Node* word : words) {
        for (const auto& [text, offset] : split_outside_brackets(word->text, ",")) {
            if (!is_name(text))
                reading.refuse(inside(*word, offset), key, "names, such as `in, audio, level`", text.empty() ? "nothing" : text,
                               text.find('[') == std::string::npos ? "" : "brackets stand where the port is connected");
            else if (group.has_port(text))
                reading.refuse(inside(*word, offset), key, "each port once", text + " again");
            else
                group.ports.push_back(text);
        }
    }
}

class Declarations {
public:
    explicit Declarations(Reading& reading) : reading_(reading) {}

    void read(const Node& root, const std::string& file) {
        files_.push_back(file);
        around_.push_back(file);
        read_parameters(root);
        read_groups(root);
        if (const Node* include = root.find("include")) read_include(*include, file);
        around_.pop_back();
    }

private:
    void read_parameters(const Node& root) {
        const Node* parameters = root.find("parameters");
        if (parameters == nullptr) return;
        if (parameters->kind != Node::Kind::map && parameters->kind != Node::Kind::null)
            reading_.refuse(parameters->at, "parameters", "`name: value` lines", shown(*parameters));
        for (const auto& [name, value] : parameters->entries) reading_.parameters.emplace_back(&name, &value);
    }

    void read_groups(const Node& root) {
        const Node* groups = root.find("groups");
        if (groups == nullptr) return;
        if (groups->kind != Node::Kind::map && groups->kind != Node::Kind::null)
            reading_.refuse(groups->at, "groups", "`name: {blocks: ..., connections: ...}` lines", shown(*groups));
        for (const auto& [name, body] : groups->entries) {
            if (!is_name(name.text)) {
                reading_.refuse(name.at, "groups", "a name of letters, digits, `_` and `-`", shown(name));
                continue;
            }
            const auto [first, fresh] = reading_.groups.emplace(name.text, Group{});
            Group& group = first->second;
            if (!fresh) {
                reading_.refuse(name.at, "groups", "each group once",
                                fmt::format("`{}` again (first at {})", name.text, place_of(group.at)), "rename one of them");
                continue;
            }
            group.name = name.text;
            group.at = name.at;
            group.body = &body;
            read_group(group, body);
        }
    }

    void read_group(Group& group, const Node& body) {
        const std::string key = "groups." + group.name;
        group.good = body.kind == Node::Kind::map && body.find("blocks") != nullptr;
        if (body.kind != Node::Kind::map) {
            reading_.refuse(body.kind == Node::Kind::null ? group.at : body.at, key, "`{blocks: ..., connections: ...}`",
                            shown(body));
            return;
        }
        if (!group.good) reading_.refuse(group.at, key, "`blocks:`", "nothing");
        for (const auto& [name, value] : body.entries) {
            if (std::find(keys::group.begin(), keys::group.end(), name.text) == keys::group.end())
                reading_.refuse(name.at, key, "one of " + joined(keys::group, ", "), name.text,
                                hint_for(name.text, keys::group, ""));
            if (name.text == "ports") read_port_names(reading_, group, value);
            if (name.text != "parameters") continue;
            if (value.kind != Node::Kind::map && value.kind != Node::Kind::null)
                reading_.refuse(value.at, key + ".parameters", "`name: value` lines", shown(value));
            for (const auto& [parameter, content] : value.entries)
                if (parameter.text != "type" &&
                    std::find(keys::block.begin(), keys::block.end(), parameter.text) != keys::block.end())
                    reading_.refuse(parameter.at, key + ".parameters", "a name that blocks do not use themselves",
                                    parameter.text);
        }
    }

    void read_include(const Node& include, const std::string& file) {
        std::vector<const Node*> words;
        if (include.kind == Node::Kind::scalar) words.push_back(&include);
        for (const Node& item : include.items) words.push_back(&item);
        if (words.empty()) reading_.refuse(include.at, "include", "a file, or a list of files", shown(include));
        for (const Node* word : words) {
            if (word->kind != Node::Kind::scalar || word->text.empty())
                reading_.refuse(word->at, "include", "a file", shown(*word));
            else if (const auto filled = reading_.names.fill(*word, "include"))
                include_file(*filled, file);
        }
    }

    void include_file(const Node& word, const std::string& including) {
        namespace fs = std::filesystem;
        const std::string path = (fs::path(including).parent_path() / word.text).lexically_normal().string();
        if (std::find(around_.begin(), around_.end(), path) != around_.end()) {
            reading_.refuse(word.at, "include", "a file that does not include itself", joined(around_, " -> ") + " -> " + path);
            return;
        }
        if (std::find(files_.begin(), files_.end(), path) != files_.end()) return;
        if (files_.size() >= most_files || around_.size() >= deepest_include) {
            reading_.refuse(word.at, "include",
                            fmt::format("at most {} files, and {} within each other", most_files, deepest_include), path);
            return;
        }
        const std::size_t before = reading_.found.size();
        try {
            collect(reading_.found, [&] {
                const Node& root = reading_.documents.emplace_back(read_document(reading_.outside->text_of(path), path));
                read_library(root, path);
            });
        } catch (const Failure& failure) {
            reading_.refuse(word.at, "include", "a file that can be read", failure.what());
            return;
        }
        for (std::size_t i = before; i < reading_.found.size(); ++i)
            reading_.found[i].context.push_back("included at " + place_of(word.at));
    }

    void read_library(const Node& root, const std::string& path) {
        if (root.kind != Node::Kind::map) {
            const Position at = root.at.line > 0 ? root.at : Position{path, 1, 1, {}};
            reading_.refuse(at, "", "a file of groups and parameters: `flowspan: 1`, `groups:`", shown(root));
            return;
        }
        check_version(reading_, root, path);
        for (const auto& [name, value] : root.entries)
            if (std::find(keys::included.begin(), keys::included.end(), name.text) == keys::included.end())
                reading_.refuse(name.at, "", "one of " + joined(keys::included, ", ") + " in a file that is included",
                                name.text, hint_for(name.text, keys::included, ""));
        read(root, path);
    }

    Reading& reading_;
    std::vector<std::string> files_, around_;
};

}  // namespace

bool Group::has_port(const std::string& name) const { return std::find(ports.begin(), ports.end(), name) != ports.end(); }

std::vector<std::string> Group::parameter_names() const {
    std::vector<std::string> all;
    if (const Node* parameters = section("parameters"))
        for (const auto& [name, value] : parameters->entries) all.push_back(name.text);
    return all;
}

bool Group::has_parameter(const std::string& name) const {
    const Node* parameters = section("parameters");
    return parameters != nullptr && parameters->find(name) != nullptr;
}

void read_includes(Reading& reading, const Node& root) {
    check_version(reading, root, reading.spec.file);
    Declarations(reading).read(root, std::filesystem::path(reading.spec.file).lexically_normal().string());
}

}  // namespace flowspan::graph
