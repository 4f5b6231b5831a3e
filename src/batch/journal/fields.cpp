#include "batch/journal/fields.hpp"

#include "batch/journal/line.hpp"

#include <charconv>
#include <stdexcept>

namespace flowspan::batch {
namespace {

std::size_t skip_space(std::string_view json, std::size_t at) {
    while (at < json.size() && (json[at] == ' ' || json[at] == '\t' || json[at] == '\r' || json[at] == '\n')) ++at;
    return at;
}

/// Behind the string that begins here.
std::size_t end_of_string(std::string_view json, std::size_t at) {
    for (++at; at < json.size() && json[at] != '"'; ++at)
        if (json[at] == '\\') ++at;
    return at + 1;
}

/// Behind the value that begins here: where a comma or a bracket of what is around it stands.
std::size_t end_of_value(std::string_view json, std::size_t at) {
    std::size_t depth = 0;
    while (at < json.size()) {
        const char c = json[at];
        if (c == '"') {
            at = end_of_string(json, at);
            continue;
        }
        if (c == '[' || c == '{') ++depth;
        if (depth == 0 && (c == ',' || c == '}')) break;
        if (c == ']' || c == '}') --depth;
        ++at;
    }
    return at;
}

[[noreturn]] void wrong(std::string_view key) { throw std::invalid_argument("a wrong field " + std::string(key)); }

template <class T>
T number(std::string_view raw, std::string_view key) {
    T value{};
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
    if (raw.empty() || error != std::errc() || end != raw.data() + raw.size()) wrong(key);
    return value;
}

}  // namespace

Fields::Fields(std::string_view json) : json_(json) {
    std::size_t at = skip_space(json, 0);
    if (at >= json.size() || json[at] != '{') throw std::invalid_argument("no object");
    fields_.reserve(12);
    for (at = skip_space(json, at + 1); at < json.size() && json[at] == '"'; at = skip_space(json, at + 1)) {
        const std::size_t key_end = end_of_string(json, at);
        const std::string_view key = json.substr(at + 1, key_end - at - 2);
        at = skip_space(json, skip_space(json, key_end) + 1);  // the colon
        const std::size_t end = end_of_value(json, at);
        std::string_view value = json.substr(at, end - at);
        while (!value.empty() && skip_space(value, value.size() - 1) == value.size()) value.remove_suffix(1);
        fields_.emplace_back(key, value);
        at = end;
    }
}

std::string_view Fields::raw(std::string_view key) const {
    for (const auto& [name, value] : fields_)
        if (name == key) return value;
    return {};
}

std::string Fields::text(std::string_view key) const {
    const std::string_view json = raw(key);
    if (json.size() < 2 || json[0] != '"') wrong(key);
    const std::string_view inner = json.substr(1, json.size() - 2);
    if (inner.find('\\') == std::string_view::npos) return std::string(inner);
    return told(Value::from_json(json).string());
}

std::int64_t Fields::integer(std::string_view key) const { return number<std::int64_t>(raw(key), key); }

double Fields::real(std::string_view key) const { return number<double>(raw(key), key); }

bool Fields::flag(std::string_view key) const {
    const std::string_view json = raw(key);
    if (json != "true" && json != "false") wrong(key);
    return json == "true";
}

Value Fields::value(std::string_view key) const {
    const std::string_view json = raw(key);
    return json.empty() ? Value() : told(Value::from_json(json));
}

}  // namespace flowspan::batch
