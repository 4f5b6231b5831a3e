#include <flowspan/block.hpp>

#include "core/numbers/quantity.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace flowspan {
namespace {

std::string with_unit(double v, const Unit& unit) {
    const std::string number = v == std::floor(v) && std::abs(v) < 1e15 ? fmt::format("{:.0f}", v) : fmt::format("{}", v);
    return unit.symbol.empty() ? number : fmt::format("{} {}", number, unit.symbol);
}

std::string shown(const Value& v, const ParameterDeclaration& d) {
    if (v.is<std::string>()) return v.string();
    if (v.is<double>() || v.is<std::int64_t>()) return with_unit(v.real(), d.unit);
    if (v.is<std::complex<double>>()) return format_complex(v.as<std::complex<double>>());
    return v.json();
}

bool is_number(const Value& v) { return v.is<double>() || v.is<std::int64_t>(); }

/// Also as JSON has it: [real, imaginary].
bool is_complex(const Value& v) {
    const auto pair = [](const Value& p) {
        return p.is<Value::List>() && p.list().size() == 2 && is_number(p.list()[0]) && is_number(p.list()[1]);
    };
    return is_number(v) || v.is<std::complex<double>>() || pair(v);
}
std::complex<double> complex_of(const Value& v) {
    if (v.is<std::complex<double>>()) return v.as<std::complex<double>>();
    if (v.is<Value::List>()) return {v.list().at(0).real(), v.list().at(1).real()};
    return v.real();
}
bool is_finite(std::complex<double> v) { return std::isfinite(v.real()) && std::isfinite(v.imag()); }

template <class Test>
bool all_of_list(const Value& v, Test test) {
    return v.is<Value::List>() && std::all_of(v.list().begin(), v.list().end(), test);
}

}  // namespace

bool is_of_kind(const Value& v, ParameterKind kind) {
    switch (kind) {
        case ParameterKind::boolean:
            return v.is<bool>();
        case ParameterKind::integer:
            return v.is<std::int64_t>() || (v.is<double>() && v.real() == std::floor(v.real()) && std::abs(v.real()) < 0x1p63);
        case ParameterKind::real:
            return is_number(v);
        case ParameterKind::complex:
            return is_complex(v) && is_finite(complex_of(v));
        case ParameterKind::reals:
            return v.is<Value::Doubles>() || all_of_list(v, is_number);
        case ParameterKind::complexes:
            return v.is<Value::Doubles>() ||
                   all_of_list(v, [](const Value& e) { return is_of_kind(e, ParameterKind::complex); });
        case ParameterKind::strings:
            return all_of_list(v, [](const Value& e) { return e.is<std::string>(); });
        case ParameterKind::sample_type:
            return v.is<std::string>() && parse_sample_type(v.string()).has_value();
        case ParameterKind::string:
        case ParameterKind::input_path:
        case ParameterKind::product_path:
            return v.is<std::string>();
    }
    return false;
}

ParameterBase::ParameterBase(Block& owner, ParameterDeclaration declaration)
    : owner_(owner), declaration_(std::move(declaration)) {
    owner.parameters_.push_back(this);
}

void ParameterBase::set(const Value& value, const Position& at) {
    at_ = at;
    check(value, at);
    take(value);
    given_ = explicitly_given_ = true;
}

void ParameterBase::check(const Value& value, const Position& at) const {
    const auto refused = [&](const std::string& hint = {}) {
        throw Refused(Diagnostic{at,
                                 fmt::format("blocks.{}.{}", owner_.name(), name()),
                                 declaration_.expectation(),
                                 shown(value, declaration_),
                                 hint,
                                 {}});
    };
    if (!is_of_kind(value, declaration_.kind)) refused();
    if (!declaration_.choices.empty() &&
        std::find(declaration_.choices.begin(), declaration_.choices.end(), value.string()) == declaration_.choices.end())
        refused();
    if (value.is<std::string>() && value.string().find('\0') != std::string::npos) refused("a text has no NUL byte");
    if (is_number(value)) {
        const double v = value.real();
        if (std::isnan(v) || (declaration_.min && v < *declaration_.min) || (declaration_.max && v > *declaration_.max))
            refused();
        if (!holds(value)) refused("the block computes with fewer bits than that takes");
    }
}

Diagnostic ParameterBase::refusal(const std::string& expected, std::optional<double> bound, const std::string& hint) const {
    const std::string limit = bound ? fmt::format(" ({})", with_unit(*bound, declaration_.unit)) : "";
    return {at_.file.empty() ? owner_.context().at : at_,
            fmt::format("blocks.{}.{}", owner_.name(), name()),
            expected + limit,
            given_ ? shown(value(), declaration_) : "nothing",
            hint,
            {}};
}

void ParameterBase::refuse(const std::string& expected, std::optional<double> bound, const std::string& hint) const {
    throw Refused(refusal(expected, bound, hint));
}

void ParameterBase::wrong(const std::string& expected, std::optional<double> bound, const std::string& hint) const {
    if (owner_.found_ == nullptr) refuse(expected, bound, hint);
    owner_.found_->push_back(refusal(expected, bound, hint));
}

namespace detail {

template <>
Value to_value(const bool& v) {
    return v;
}
template <>
Value to_value(const int& v) {
    return v;
}
template <>
Value to_value(const std::int64_t& v) {
    return v;
}
template <>
Value to_value(const std::uint64_t& v) {
    return v;
}
template <>
Value to_value(const float& v) {
    return double(v);
}
template <>
Value to_value(const double& v) {
    return v;
}
template <>
Value to_value(const std::complex<double>& v) {
    return v.imag() == 0 ? Value(v.real()) : Value(v);
}
template <>
Value to_value(const std::string& v) {
    return v;
}
template <>
Value to_value(const std::vector<double>& v) {
    return v;
}
template <>
Value to_value(const std::vector<std::complex<double>>& v) {
    Value::List list;
    for (const auto& e : v) list.push_back(to_value(e));
    return list;
}
template <>
Value to_value(const std::vector<std::string>& v) {
    return Value::List(v.begin(), v.end());
}
template <>
Value to_value(const SampleType& v) {
    return name_of(v);
}
template <>
Value to_value(const InputPath& v) {
    return v.path;
}
template <>
Value to_value(const ProductPath& v) {
    return v.path;
}

template <>
bool from_value(const Value& v) {
    return v.boolean();
}
template <>
int from_value(const Value& v) {
    return int(v.integer());
}
template <>
std::int64_t from_value(const Value& v) {
    return v.integer();
}
template <>
std::uint64_t from_value(const Value& v) {
    return std::uint64_t(v.integer());
}
template <>
float from_value(const Value& v) {
    return float(v.real());
}
template <>
double from_value(const Value& v) {
    return v.real();
}
template <>
std::complex<double> from_value(const Value& v) {
    return complex_of(v);
}
template <>
std::string from_value(const Value& v) {
    return v.string();
}
template <>
std::vector<double> from_value(const Value& v) {
    if (v.is<Value::Doubles>()) return v.as<Value::Doubles>();
    std::vector<double> out;
    for (const Value& e : v.list()) out.push_back(e.real());
    return out;
}
template <>
std::vector<std::complex<double>> from_value(const Value& v) {
    if (v.is<Value::Doubles>()) return {v.as<Value::Doubles>().begin(), v.as<Value::Doubles>().end()};
    std::vector<std::complex<double>> out;
    for (const Value& e : v.list()) out.push_back(complex_of(e));
    return out;
}
template <>
std::vector<std::string> from_value(const Value& v) {
    std::vector<std::string> out;
    for (const Value& e : v.list()) out.push_back(e.string());
    return out;
}
template <>
SampleType from_value(const Value& v) {
    return *parse_sample_type(v.string());
}
template <>
InputPath from_value(const Value& v) {
    return {v.string()};
}
template <>
ProductPath from_value(const Value& v) {
    return {v.string()};
}

}  // namespace detail
}  // namespace flowspan
