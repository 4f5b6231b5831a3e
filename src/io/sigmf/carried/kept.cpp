#include "io/sigmf/carried/kept.hpp"

#include <flowspan/version.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace flowspan::io {
namespace {

constexpr std::string_view own = "flowspan";

constexpr std::array<std::string_view, 14> of_the_file{
    "core:datatype",       "core:sample_rate",   "core:num_channels", "core:offset",   "core:sha512",
    "core:dataset",        "core:metadata_only", "core:version",      "core:recorder", "core:extensions",
    "core:trailing_bytes", "core:collection",    "core:data_doi",     "core:meta_doi"};

constexpr std::array<std::string_view, 5> of_the_stream{"core:sample_start", "core:frequency", "core:datetime",
                                                        "core:global_index", "core:header_bytes"};

bool is_own(std::string_view key) { return key.starts_with(own) && key.substr(own.size()).starts_with(':'); }

template <class Keys>
Value::Map without(const Value::Map& all, const Keys& keys) {
    Value::Map kept;
    for (const auto& [key, value] : all)
        if (!is_own(key) && !value.is_null() && std::find(keys.begin(), keys.end(), key) == keys.end()) kept[key] = value;
    return kept;
}

const Value::Map* global_of(const Value& header) {
    const Value* global = header.is<Value::Map>() ? header.find("global") : nullptr;
    return global != nullptr && global->is<Value::Map>() ? &global->map() : nullptr;
}

}  // namespace

Value::Map kept_global(const Value& header) {
    const Value::Map* global = global_of(header);
    return global == nullptr ? Value::Map{} : without(*global, of_the_file);
}

std::string stated_unit(const Value& header) {
    const Value::Map* global = global_of(header);
    if (global == nullptr) return "";
    const auto unit = global->find("flowspan:unit");
    return unit != global->end() && unit->second.is<std::string>() ? unit->second.string() : "";
}

Value::Map kept_capture(const Value& capture) {
    return capture.is<Value::Map>() ? without(capture.map(), of_the_stream) : Value::Map{};
}

void add_provenance(Value::Map& global, const std::string& graph) {
    global["flowspan:version"] = version;
    if (!graph.empty()) global["flowspan:graph"] = graph;
}

Value::List extensions_of(const Value::Map& global) {
    const auto found = global.find("core:extensions");
    if (found == global.end()) return {};
    if (found->second.is<Value::List>()) return found->second.list();
    Value::List list;
    if (!found->second.is<Value::Map>()) return list;
    for (const auto& [name, one] : found->second.map()) {
        const Value* version = one.is<Value::Map>() ? one.find("version") : &one;
        const bool said = version != nullptr && version->is<std::string>();
        list.emplace_back(Value::Map{{"name", name}, {"version", said ? version->string() : "0.0.0"}, {"optional", true}});
    }
    return list;
}

void declare_extensions(Value::Map& global, const Value* header) {
    const Value::Map* read = header == nullptr ? nullptr : global_of(*header);
    Value::List extensions = extensions_of(read == nullptr ? global : *read);
    std::erase_if(extensions, [](const Value& e) {
        const Value* name = e.is<Value::Map>() ? e.find("name") : nullptr;
        return name != nullptr && *name == Value(own);
    });
    extensions.emplace_back(Value::Map{{"name", own}, {"version", "1.0.0"}, {"optional", true}});
    global["core:extensions"] = std::move(extensions);
}

bool has_own_keys(const Value& object) {
    return std::any_of(object.map().begin(), object.map().end(), [](const auto& entry) { return is_own(entry.first); });
}

}  // namespace flowspan::io
