#include "graph/output/schema.hpp"

#include "core/numbers/quantity.hpp"
#include "graph/text/keys.hpp"

namespace flowspan::graph {
namespace {

using Map = Value::Map;
using List = Value::List;

Value reference(const std::string& name) { return Map{{"$ref", "#/definitions/" + name}}; }
Value text(const std::string& description) { return Map{{"type", "string"}, {"description", description}}; }
Value object(Map properties, List required = {}) {
    Map schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
}
Value any_names(Value schema, const std::string& description) {
    return Map{{"type", "object"}, {"additionalProperties", std::move(schema)}, {"description", description}};
}
Value either(List schemas, const std::string& description) {
    return Map{{"anyOf", std::move(schemas)}, {"description", description}};
}

/// `$name`, an expression, or a number with a unit.
Value other_text() { return Map{{"type", "string"}}; }
Value with_names() { return Map{{"type", "string"}, {"pattern", "\\$"}}; }

Value value_schema(const ParameterDeclaration& d) {
    std::string description = d.help + (d.help.empty() ? "" : " ") + "Expected: " + d.expectation() + ".";
    if (d.initial) {
        const Value& value = *d.initial;
        const bool number = value.is<double>() || value.is<std::int64_t>();
        std::string initial = number ? format_number(value.real()) : value.is<std::string>() ? value.string() : value.json();
        if (!d.unit.symbol.empty()) initial += " " + std::string(d.unit.symbol);
        description += " Default: " + initial + ".";
    }
    List forms;
    const Value per_copy = Map{{"type", "array"}};
    switch (d.kind) {
        case ParameterKind::integer:
        case ParameterKind::real:
        case ParameterKind::reals: {
            Map number{{"type", "number"}};
            if (d.min) number["minimum"] = *d.min;
            if (d.max) number["maximum"] = *d.max;
            forms = {number, other_text(), per_copy};
            break;
        }
        case ParameterKind::complex:
        case ParameterKind::complexes:
            forms = {Map{{"type", "number"}}, other_text(), per_copy};
            break;
        case ParameterKind::boolean:
            forms = {Map{{"type", "boolean"}}, other_text(), per_copy};
            break;
        default:
            if (d.choices.empty())
                forms = {Map{{"type", List{"string", "number", "boolean"}}}, per_copy};
            else
                forms = {Map{{"enum", List(d.choices.begin(), d.choices.end())}}, with_names(), per_copy};
    }
    return either(std::move(forms), description);
}

Value block_schema(const Catalog& catalog, const std::string& type, const std::string& summary) {
    Map properties{{"type", Map{{"const", type}, {"description", summary}}},
                   {"copies", reference("copies")},
                   {"enabled", reference("enabled")},
                   {"device", reference("device")}};
    for (const std::string& key : keys::needing) properties[key] = reference("needs");
    List required{"type"};
    for (const ParameterDeclaration* d : catalog.parameters(type)) {
        properties[d->name] = value_schema(*d);
        if (!d->initial && !d->optional) required.emplace_back(d->name);
    }
    return object(std::move(properties), std::move(required));
}

/// What stands under a name in `blocks:`: by its type, or the use of a group.
Value any_block(const Catalog& catalog) {
    List rules, types;
    for (const std::string& type : catalog.types()) {
        types.emplace_back(type);
        rules.emplace_back(Map{{"if", Map{{"properties", Map{{"type", Map{{"const", type}}}}}, {"required", List{"type"}}}},
                               {"then", reference("block " + type)}});
    }
    const Value names = either({Map{{"enum", types}}, with_names()}, "The block's type; `flowspan blocks` lists them.");
    return Map{{"type", "object"},
               {"properties", Map{{"type", names},
                                  {"group", text("The group that it is an instance of; its parameters stand beside it.")},
                                  {"copies", reference("copies")},
                                  {"enabled", reference("enabled")},
                                  {"device", reference("device")}}},
               {"anyOf", List{Map{{"required", List{"type"}}}, Map{{"required", List{"group"}}}}},
               {"allOf", rules}};
}

Value edges(const keys::Words& options, const std::string& description) {
    Map with_ends{{"from", text("An output: block, block.port or block[*].port[*].")}, {"to", text("An input.")}};
    Map behind;
    for (const std::string& option : options) with_ends[option] = behind[option] = Map{};
    const Value line =
        either({other_text(), object(with_ends, {"from", "to"}), any_names(object(behind), "Options of one connection.")},
               "`a -> b -> c`, or {from: a, to: b, ...}.");
    return Map{{"type", "array"}, {"items", line}, {"description", description}};
}

Value words(const std::string& description) {
    return either({other_text(), Map{{"type", "array"}, {"items", other_text()}}}, description);
}

Value schedule() {
    const Map place{{"type", List{"integer", "string"}},
                    {"description", "A sample index of the block's input 0, a time such as 1.5 s, or UTC."}};
    const Value line = object({{"at", place},
                               {"set", text("block.parameter")},
                               {"to", Map{{"description", "The new value."}}},
                               {"call", text("block.command")},
                               {"with", Map{{"description", "Arguments of the command."}}}},
                              {"at"});
    return Map{{"type", "array"}, {"items", line}, {"description", "What changes while the graph runs, and where."}};
}

Value parameter_schema() {
    Map properties;
    for (const std::string& key : keys::parameter) properties[key] = Map{};
    return either({object(properties), Map{{"type", List{"string", "number", "boolean", "array", "null"}}}},
                  "A value, or a map with default, unit, range, choices and help.");
}

}  // namespace

Value json_schema(const Catalog& catalog, const std::function<std::string(const std::string& type)>& summary) {
    Map needs;
    for (const std::string& key : keys::needs) needs[key] = Map{};
    Map definitions{{"needs", either({object(std::move(needs)), with_names()}, "What the rank's node must, or should, offer.")},
                    {"copies", either({Map{{"type", "integer"}, {"minimum", 1}}, other_text()},
                                      "How many equal ones; $index is the number of each.")},
                    {"enabled", either({Map{{"type", "boolean"}}, other_text()}, "false removes it with its connections.")},
                    {"device", either({Map{{"enum", List(keys::devices.begin(), keys::devices.end())}}, with_names()},
                                      "Where it runs: auto is on devices, where all copies can.")},
                    {"parameters", any_names(parameter_schema(), "Values that a user may change.")},
                    {"blocks", any_names(any_block(catalog), "Blocks and uses of groups, by name.")},
                    {"connections", edges(keys::stream, "Streams, from outputs to inputs.")},
                    {"messages", edges(keys::message, "Message connections.")},
                    {"unused", words("Outputs that nobody reads, on purpose.")}};
    for (const std::string& type : catalog.types()) definitions["block " + type] = block_schema(catalog, type, summary(type));
    Map group{{"help", text("What the group does.")}, {"ports", words("Its ports; without it `in` and `out`.")}};
    for (const char* key : {"parameters", "blocks", "connections", "messages", "unused"}) group[key] = reference(key);
    Map sections{{"flowspan", Map{{"const", 1}, {"description", "The version of the file's format."}}},
                 {"name", text("A name for pictures and reports.")},
                 {"include", words("Files whose groups and parameters this one uses.")},
                 {"groups", any_names(object(group, {"blocks"}), "Chains of blocks that are written once and used often.")},
                 {"schedule", schedule()},
                 {"ranks", Map{{"description", "Which blocks run where: `rank: blocks` lines, or auto."}}}};
    for (const char* key : {"parameters", "blocks", "connections", "messages", "unused"}) sections[key] = reference(key);
    Value schema = object(std::move(sections), {"flowspan"});
    Map all = schema.map();
    all["$schema"] = "http://json-schema.org/draft-07/schema#";
    all["title"] = "flowspan graph file";
    all["definitions"] = std::move(definitions);
    return all;
}

}  // namespace flowspan::graph
