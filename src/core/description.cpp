#include <flowspan/description.hpp>

#include "core/numbers/exact.hpp"

#include <algorithm>
#include <array>

namespace flowspan {
namespace {

/// "2 channels", "1 bin of frequency".
std::string axis_text(const Axis& axis) {
    const std::string count = std::to_string(axis.size), plural = axis.size == 1 ? "" : "s";
    if (!axis.unit.empty() || axis.name == "frequency") return count + " bin" + plural + " of " + axis.name;
    return count + " " + axis.name + (axis.name.ends_with('s') ? "" : plural);
}

}  // namespace

std::string items_text(const std::vector<Axis>& shape) {
    std::string text;
    for (const Axis& axis : shape) text += (text.empty() ? "" : " x ") + axis_text(axis);
    return "items of " + (text.empty() ? "one sample" : text);
}

std::string StreamDescription::items_word() const {
    const auto is = [](const char* name) { return [name](const Axis& axis) { return axis.name == name; }; };
    if (std::all_of(shape.begin(), shape.end(), is("channel"))) return "samples";
    return std::any_of(shape.begin(), shape.end(), is("frequency")) ? "spectra" : "items";
}

std::size_t StreamDescription::samples_per_item() const {
    std::size_t n = 1;
    for (const Axis& a : shape) n *= a.size;
    return n;
}

StreamDescription StreamDescription::as(SampleType other) const {
    StreamDescription d = *this;
    d.type = other;
    d.full_scale.reset();
    return d;
}

StreamDescription StreamDescription::baseband() const {
    StreamDescription d = as(SampleType::any);
    d.center_frequency.reset();
    return d;
}

StreamDescription StreamDescription::channel(int c, int n) const {
    StreamDescription d = *this;
    const int steps = c - n / 2;  // from the middle one
    if (center_frequency && sample_rate) d.center_frequency = *center_frequency + steps * rate_hz() / n;
    return d;
}

std::optional<std::pair<double, double>> StreamDescription::band() const {
    if (!center_frequency) return {};
    for (const Axis& axis : shape) {
        if (axis.name != "frequency") continue;
        if (axis.unit != "Hz") return {};
        const double low = *center_frequency + axis.first - axis.step / 2;
        return std::pair(low, low + axis.step * double(axis.size));
    }
    if (!sample_rate || !is_complex(type)) return {};
    return std::pair(*center_frequency - rate_hz() / 2, *center_frequency + rate_hz() / 2);
}

StreamDescription StreamDescription::translated(double shift_hz) const {
    StreamDescription d = *this;
    if (center_frequency) d.center_frequency = *center_frequency + shift_hz;
    return d;
}

StreamDescription StreamDescription::with_shape(std::vector<Axis> axes) const {
    StreamDescription d = *this;
    d.shape = std::move(axes);
    return d;
}

Value StreamDescription::value() const {
    Value::Map m;
    m["type"] = name_of(type);
    Value::List axes;
    for (const Axis& a : shape) {
        axes.emplace_back(
            Value::Map{{"name", a.name}, {"unit", a.unit}, {"size", a.size}, {"first", a.first}, {"step", a.step}});
    }
    if (!axes.empty()) m["shape"] = axes;
    if (sample_rate) m["sample_rate"] = exact_value(*sample_rate);
    if (center_frequency) m["center_frequency"] = *center_frequency;
    if (utc) m["utc"] = exact_value(*utc);
    if (full_scale) m["full_scale"] = *full_scale;
    if (length) m["length"] = *length;
    if (!unit.empty()) m["unit"] = unit;
    m["origin"] = exact_value(origin);
    m["ticks"] = exact_value(ticks);
    m["source"] = source;
    if (slip != 0) m["slip"] = slip;
    if (lead != 0) m["lead"] = lead;
    if (run_in != 0) m["run_in"] = run_in;
    if (places != Rational(0)) m["places"] = exact_value(places);
    return m;
}

StreamDescription StreamDescription::from(const Value& v) {
    StreamDescription d;
    d.type = parse_sample_type(v.at("type").string()).value_or(SampleType::any);
    if (const Value* axes = v.find("shape")) {
        for (const Value& a : axes->list()) {
            d.shape.push_back({a.at("name").string(), a.at("unit").string(), std::size_t(a.at("size").integer()),
                               a.at("first").real(), a.at("step").real()});
        }
    }
    if (const Value* r = v.find("sample_rate")) d.sample_rate = rational_from(*r);
    if (const Value* f = v.find("center_frequency")) d.center_frequency = f->real();
    if (const Value* t = v.find("utc")) d.utc = time_from(*t);
    if (const Value* s = v.find("full_scale")) d.full_scale = s->real();
    if (const Value* n = v.find("length")) d.length = n->integer();
    if (const Value* u = v.find("unit")) d.unit = u->string();
    d.origin = time_from(v.at("origin"));
    d.ticks = rational_from(v.at("ticks"));
    d.source = int(v.at("source").integer());
    if (const Value* n = v.find("slip")) d.slip = std::uint64_t(n->integer());
    if (const Value* n = v.find("lead")) d.lead = std::uint64_t(n->integer());
    if (const Value* n = v.find("run_in")) d.run_in = std::uint64_t(n->integer());
    if (const Value* r = v.find("places")) d.places = rational_from(*r);
    return d;
}

std::string_view name_of(Break kind) {
    static constexpr std::array<std::string_view, 3> names{"gap", "retune", "restart"};
    return names[std::size_t(kind)];
}

}  // namespace flowspan
