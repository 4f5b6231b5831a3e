// What two specifications must have in common to be the same graph.
#pragma once

#include "graph/spec.hpp"

#include <string>

namespace flowspan::graph::test {

inline std::string text_of(const Node& node) {
    std::string text = node.kind == Node::Kind::scalar ? node.text : node.kind == Node::Kind::list ? "[" : "{";
    for (const Node& item : node.items) text += text_of(item) + ",";
    for (const auto& [name, value] : node.entries) text += name.text + ":" + text_of(value) + ",";
    return text;
}

/// Everything that a specification means, a line each; without positions.
inline std::string meaning(const FlowgraphSpec& spec) {
    std::string text = spec.name + "\n";
    const auto port = [&](const PortRef& ref) { return spec.blocks[std::size_t(ref.block)].name + "." + ref.port; };
    for (const auto& [name, value] : spec.parameters) text += "parameter " + name + " " + text_of(value) + "\n";
    for (const FlatBlock& block : spec.blocks) {
        text += block.name + " " + block.base + " " + block.type + " " + std::to_string(block.copy) + "/" +
                std::to_string(block.copies) + (block.copied ? " copied" : "");
        for (const auto& [key, value] : block.settings) text += " " + key + "=" + text_of(value);
        text += "\n";
    }
    for (const auto* all : {&spec.streams, &spec.messages})
        for (const Connection& one : *all)
            text += port(one.from) + " -> " + port(one.to) + " " + std::to_string(one.buffer.value_or(0)) + " " +
                    std::to_string(one.feedback_delay.value_or(0)) + (one.arrival_order ? " arrival" : "") + "\n";
    for (const PortRef& ref : spec.unused) text += "unused " + port(ref) + "\n";
    for (const Place& place : spec.assignment.places) {
        text += "place " + place.name;
        for (const int rank : place.ranks) text += " " + std::to_string(rank);
        text += " x" + std::to_string(place.count);
        for (const auto& selection : place.selections) {
            text += selection.copies ? " dealt" : " one";
            for (const int block : selection.blocks) text += " " + spec.blocks[std::size_t(block)].name;
        }
        for (const Need& need : place.needs) text += " " + need.key + "=" + need.text;
        text += "\n";
    }
    return text + std::to_string(int(spec.assignment.mode));
}

}  // namespace flowspan::graph::test
