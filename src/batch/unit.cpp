#include "batch/unit.hpp"

#include "batch/units/found/folders.hpp"
#include "batch/units/lists/texts.hpp"
#include "core/files/file_kind.hpp"
#include "io/series/series.hpp"
#include "io/sigmf/archives/archive.hpp"

#include <flowspan/diagnostic.hpp>

#include <cctype>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

/// JSON has no texts but UTF-8; the names of files may be others.
void put_path(Value::Map& to, const std::string& key, const std::string& path) {
    if (is_utf8(path)) {
        to[key] = path;
        return;
    }
    std::string escaped;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = std::isalnum(byte) != 0 || std::string_view("/._-+,@~").find(c) != std::string_view::npos;
        escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
    }
    to[key + "_bytes"] = escaped;
}

std::string path_from(const Value& v, const std::string& key) {
    if (const Value* escaped = v.find(key + "_bytes")) {
        if (auto path = read_component(escaped->string())) return *path;
        throw Failure(ExitCode::file, fmt::format("{} is no path in {}_bytes", escaped->string(), key));
    }
    return v.at(key).string();
}

}  // namespace

Value Unit::value() const {
    Value::Map v{{"unit", folder}};
    put_path(v, "recording", recording);
    if (!graph.empty()) put_path(v, "graph", graph);
    if (!from.empty()) v["from"] = from;
    if (!duration.empty()) v["duration"] = duration;
    Value::Map set;
    for (const auto& [name, text] : parameters) set[name] = text;
    if (!set.empty()) v["parameters"] = set;
    return v;
}

Unit Unit::from_value(const Value& v) {
    const auto text = [&](const char* key) {
        const Value* found = v.find(key);
        return found == nullptr ? std::string() : found->string();
    };
    Unit unit{.folder = v.at("unit").string(), .recording = path_from(v, "recording")};
    if (v.find("graph") != nullptr || v.find("graph_bytes") != nullptr) unit.graph = path_from(v, "graph");
    unit.from = text("from");
    unit.duration = text("duration");
    if (const Value* set = v.find("parameters"))
        for (const auto& [name, value] : set->map()) unit.parameters[name] = value.string();
    return unit;
}

std::vector<std::string> files_of_recording(const std::string& path) {
    if (const auto archive = io::archive_path(path)) return {archive->file};
    if (kind_of(path) == FileKind::folder) return io::files_below(path);
    if (!path.ends_with(".sigmf-meta")) return {path};
    return {path, path.substr(0, path.size() - 4) + "data"};
}

}  // namespace flowspan::batch
