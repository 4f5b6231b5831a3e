#include "io/sigmf/object.hpp"

#include "io/recording/recording_reader.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace flowspan::io {

std::string quoted(const Value& value) {
    const std::string text = value.json();
    return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

Diagnostic Object::diagnostic(const std::string& key, std::string expected, std::string got) const {
    Diagnostic d;
    d.at.file = file_;
    d.key = full(key);
    d.expected = std::move(expected);
    d.got = std::move(got);
    return d;
}

void Object::mistake(const std::string& key, std::string expected, std::string got, std::string hint) const {
    Diagnostic d = diagnostic(key, std::move(expected), std::move(got));
    d.hint = std::move(hint);
    found_.wrong.push_back(std::move(d));
}

void Object::oddity(const std::string& key, std::string expected, std::string got) const {
    found_.odd.push_back(diagnostic(key, std::move(expected), std::move(got)));
}

bool Object::is_map() const {
    if (!value_.is<Value::Map>()) mistake("", "an object", quoted(value_));
    return value_.is<Value::Map>();
}

const Value* Object::find(const std::string& key) const {
    const Value* value = value_.find(key);
    if (value == nullptr || !value->is_null()) return value;
    oddity(key, "a value, or no such key", "null: it counts as not given");
    return nullptr;
}

const Value* Object::required(const std::string& key, const std::string& expected) const {
    const Value* value = value_.find(key);
    if (!value) mistake(key, expected, "nothing");
    return value;
}

std::optional<std::uint64_t> Object::count(const std::string& key, bool must) const {
    const std::string expected = "an integer >= 0";
    const Value* value = must ? required(key, expected) : find(key);
    if (!value) return std::nullopt;
    // Some writers store integers as 5.0.
    const bool whole = value->is<double>() && std::floor(value->real()) == value->real() && value->real() < 0x1p63;
    if (value->is<std::int64_t>() && value->integer() >= 0) return std::uint64_t(value->integer());
    if (whole && value->real() >= 0) return std::uint64_t(value->real());
    const bool large = value->is<double>() && value->real() >= 0x1p63;
    mistake(key, large ? "an integer below 2^63" : expected, quoted(*value));
    return std::nullopt;
}

std::optional<double> Object::frequency(const std::string& key) const {
    const auto value = number(key);
    if (!value || is_frequency(*value)) return value;
    mistake(key, frequency_form, fmt::format("{}", *value));
    return std::nullopt;
}

std::optional<double> Object::number(const std::string& key) const {
    const Value* value = find(key);
    if (!value) return std::nullopt;
    if (value->is<double>() || value->is<std::int64_t>()) return value->real();
    mistake(key, "a number", quoted(*value));
    return std::nullopt;
}

std::optional<std::string> Object::text(const std::string& key) const {
    const Value* value = find(key);
    if (!value) return std::nullopt;
    if (value->is<std::string>()) return value->string();
    mistake(key, "a text", quoted(*value));
    return std::nullopt;
}

std::vector<Object> Object::objects(const std::string& key) const {
    std::vector<Object> list;
    const Value* value = find(key);
    if (!value) return list;
    if (!value->is<Value::List>()) {
        mistake(key, "a list", quoted(*value));
        return list;
    }
    for (const auto& element : value->list()) {
        Object object = inner(fmt::format("{}[{}]", key, list.size()), element);
        if (!object.is_map()) return {};
        list.push_back(std::move(object));
    }
    return list;
}

}  // namespace flowspan::io
