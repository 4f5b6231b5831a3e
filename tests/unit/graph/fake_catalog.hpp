// A handful of block types for tests of the reader, which need no runtime.
#pragma once

#include "graph/spec.hpp"

#include <algorithm>
#include <map>

namespace flowspan::graph::test {

class FakeCatalog : public Catalog {
public:
    FakeCatalog() {
        const ParameterDeclaration path{"path", ParameterKind::input_path, {}, {}, {}, {}, {}, false, Change::before, "", "",
                                        ""};
        const ParameterDeclaration product{
            "path", ParameterKind::product_path, {}, {}, {}, {}, {}, false, Change::before, "", "", ""};
        add("file_source",
            {path, boolean("repeat", false), optional_real("sample_rate", hertz, 1e-3),
             text("gaps", {"error", "zeros", "restart"})},
            {out("out")});
        add("signal_source",
            {real("frequency", hertz, 0), real("amplitude", no_unit, 1), text("waveform", {"cosine", "square", "noise"}),
             optional_real("duration", second, 0), list("notes", ParameterKind::strings),
             optional_real("sample_rate", hertz, 1e-3), integer("length", 0, 0)},
            {out("out")});
        add("convert", {list("to", ParameterKind::sample_type)}, {in("in"), out("out")});
        add("fm_demod", {running("deviation", 75e3, hertz, 1)}, {in("in"), out("out")});
        add("fir_filter",
            {required_real("cutoff", hertz), integer("decimation", 1, 1), list("taps", ParameterKind::reals),
             optional_real("transition", hertz, 0)},
            {in("in"), out("out")});
        add("rational_resampler", {optional_real("output_rate", hertz, 1e-3)}, {in("in"), out("out")});
        add("pfb_channelizer", {required_integer("channels", 1), integer("taps_per_channel", 12, 1)},
            {in("in"), {"out", false, false, true, true, 0}});
        add("add", {integer("inputs", 2, 1)}, {{"in", true, false, false, true, 0}, out("out")});
        add("probe", {}, {in("in"), out("low"), out("high")});
        add("burst_detector", {real("threshold", decibel, 10), integer("frame", 256, 1)},
            {in("in"),
             {"out", false, false, true, false, 1},
             {"detections", false, true, true, false, 1},
             {"control", true, true, true, false, 1}});
        add("level_control", {}, {in("in"), {"gain", false, true, true, false, 1}, {"level", false, true, true, false, 1}});
        add("amplifier", {running("gain", 1)}, {in("in"), out("out"), {"set", true, true, true, false, 1}});
        add("note", {}, {});
        add("null_sink", {}, {in("in")});
        add("wav_sink", {product}, {in("in")});
        add("waterfall_png", {product, integer("memory", 1 << 20, 1, byte)}, {in("in")});
        add("sigmf_annotations", {product}, {{"in", true, true, false, false, 1}});
        add("message_log", {product}, {{"in", true, true, false, false, 1}});
    }

    std::vector<std::string> types() const override {
        std::vector<std::string> all;
        for (const auto& [name, type] : types_) all.push_back(name);
        return all;
    }
    bool has(const std::string& type) const override { return types_.contains(type); }
    std::vector<const ParameterDeclaration*> parameters(const std::string& type) const override {
        std::vector<const ParameterDeclaration*> all;
        for (const auto& one : types_.at(type).parameters) all.push_back(&one);
        return all;
    }
    std::vector<PortInfo> ports(const FlatBlock& block, Diagnostics& found) override {
        const Type& type = types_.at(block.type);
        std::int64_t size = 1;
        for (const auto& declaration : type.parameters) {
            const auto setting = block.settings.find(declaration.name);
            const bool sizes = declaration.name == "channels" || declaration.name == "inputs" || declaration.name == "outputs";
            if (setting == block.settings.end()) {
                if (sizes)
                    size = block.in_doubt.contains(declaration.name) || block.in_doubt.contains("")
                               ? -1
                               : declaration.initial->integer();
                continue;
            }
            const std::string key = "blocks." + block.name + "." + declaration.name;
            const auto value = read_setting(setting->second, declaration, key, found);
            if (sizes) size = -1;
            if (!value) continue;
            const bool good = check(*value, declaration, setting->second, key, found);
            if (sizes && good) size = value->integer();
        }
        std::vector<PortInfo> ports = type.ports;
        for (PortInfo& port : ports)
            if (port.group) port.size = int(size);
        return ports;
    }

protected:
    struct Type {
        std::vector<ParameterDeclaration> parameters;
        std::vector<PortInfo> ports;
    };
    static bool check(const Value& value, const ParameterDeclaration& d, const Node& node, const std::string& key,
                      Diagnostics& found) {
        bool good = true;
        if (d.kind == ParameterKind::integer || d.kind == ParameterKind::real)
            good = (!d.min || value.real() >= *d.min) && (!d.max || value.real() <= *d.max);
        if (!d.choices.empty()) good = std::find(d.choices.begin(), d.choices.end(), value.string()) != d.choices.end();
        if (!good) found.push_back({node.at, key, d.expectation(), node.text, "", node.context});
        return good;
    }
    void add(const std::string& name, std::vector<ParameterDeclaration> parameters, std::vector<PortInfo> ports) {
        types_[name] = {std::move(parameters), std::move(ports)};
    }
    static PortInfo in(const std::string& name) { return {name, true, false, false, false, 1}; }
    static PortInfo out(const std::string& name) { return {name, false, false, false, false, 1}; }
    static ParameterDeclaration base(const std::string& name, ParameterKind kind, Unit unit) {
        ParameterDeclaration d;
        d.name = name;
        d.kind = kind;
        d.unit = unit;
        return d;
    }
    static ParameterDeclaration running(const std::string& name, double initial, Unit unit = {},
                                        std::optional<double> min = {}) {
        ParameterDeclaration d = real(name, unit, initial, min);
        d.when = Change::running;
        return d;
    }
    static ParameterDeclaration real(const std::string& name, Unit unit, double initial, std::optional<double> min = {}) {
        auto d = base(name, ParameterKind::real, unit);
        d.initial = Value(initial);
        d.min = min;
        return d;
    }
    static ParameterDeclaration required_real(const std::string& name, Unit unit) {
        return base(name, ParameterKind::real, unit);
    }
    static ParameterDeclaration optional_real(const std::string& name, Unit unit, double min) {
        auto d = base(name, ParameterKind::real, unit);
        d.optional = true;
        d.min = min;
        return d;
    }
    static ParameterDeclaration integer(const std::string& name, int initial, double min, Unit unit = {}) {
        auto d = base(name, ParameterKind::integer, unit);
        d.initial = Value(initial);
        d.min = min;
        return d;
    }
    static ParameterDeclaration required_integer(const std::string& name, double min) {
        auto d = base(name, ParameterKind::integer, {});
        d.min = min;
        return d;
    }
    static ParameterDeclaration boolean(const std::string& name, bool initial) {
        auto d = base(name, ParameterKind::boolean, {});
        d.initial = Value(initial);
        return d;
    }
    static ParameterDeclaration text(const std::string& name, std::vector<std::string> choices) {
        auto d = base(name, ParameterKind::string, {});
        d.initial = Value(choices.front());
        d.choices = std::move(choices);
        return d;
    }
    static ParameterDeclaration list(const std::string& name, ParameterKind kind) {
        auto d = base(name, kind, {});
        d.optional = true;
        return d;
    }

private:
    std::map<std::string, Type> types_;
};

/// Files, variables and facts of sources that a test makes up.
struct FakeOutside : Outside {
    std::map<std::string, std::string> files, variables;
    std::map<std::string, SourceFacts> facts;  // by path of the recording
    std::string text_of(const std::string& path) override {
        const auto file = files.find(path);
        if (file == files.end()) throw file_failure("read", path, 2);
        return file->second;
    }
    std::optional<std::string> variable(const std::string& name) override {
        const auto value = variables.find(name);
        return value == variables.end() ? std::nullopt : std::optional(value->second);
    }
    SourceFacts facts_of(const FlatBlock& block, Diagnostics&) override {
        const auto path = block.settings.find("path");
        return path == block.settings.end() ? SourceFacts{} : facts[path->second.text];
    }
};

/// What reading refuses, as the text that a person sees; "" when it refuses nothing.
inline std::string refusal_of(const std::string& text, const std::string& file = "graph.yaml",
                              const ReadOptions& options = {}) {
    FakeCatalog catalog;
    try {
        read_flowgraph(text, file, options, catalog);
    } catch (const Refused& refused) { return refused.what(); }
    return "";
}

inline FlowgraphSpec read(const std::string& text, const ReadOptions& options = {}) {
    FakeCatalog catalog;
    return read_flowgraph(text, "graph.yaml", options, catalog);
}

}  // namespace flowspan::graph::test
