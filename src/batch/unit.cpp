#include "batch/unit.hpp"

#include <flowspan/diagnostic.hpp>

namespace flowspan::batch {

Value Unit::value() const {
    Value::Map v{{"unit", folder}, {"recording", recording}};
    if (!graph.empty()) v["graph"] = graph;
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
    Unit unit{.folder = v.at("unit").string(), .recording = v.at("recording").string()};
    unit.graph = text("graph");
    unit.from = text("from");
    unit.duration = text("duration");
    if (const Value* set = v.find("parameters"))
        for (const auto& [name, value] : set->map()) unit.parameters[name] = value.string();
    return unit;
}

}  // namespace flowspan::batch
