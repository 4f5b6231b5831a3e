#include "batch/journal/lines/fields.hpp"

#include "batch/journal/lines/line.hpp"
#include "core/json_depth.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <stdexcept>

namespace flowspan::batch {
namespace {

constexpr std::size_t deepest = 32;  // what we write has a few levels

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
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
        if (c == ']' || c == '}') --depth;
        ++at;
    }
    return at;
}

[[noreturn]] void wrong() { throw std::invalid_argument("JSON of another kind"); }

std::string_view without_space(std::string_view json) {
    json.remove_prefix(skip_space(json, 0));
    while (!json.empty() && skip_space(json, json.size() - 1) == json.size()) json.remove_suffix(1);
    return json;
}

/// Where the next element begins behind this one, which ends at a comma or at the last bracket; there, the end of the text.
std::size_t next_element(std::string_view json, std::size_t at, char close) {
    if (at >= json.size() || (json[at] != ',' && json[at] != close)) wrong();
    const std::size_t next = skip_space(json, at + 1);
    if ((json[at] == close) != (next >= json.size())) wrong();
    return next;
}

std::size_t first_element(std::string_view json, char open, char close) {
    std::size_t at = skip_space(json, 0);
    if (at >= json.size() || json[at] != open) wrong();
    at = skip_space(json, at + 1);
    if (at >= json.size()) wrong();
    return json[at] == close ? next_element(json, at, close) : at;
}

template <class T>
T number(std::string_view json) {
    T value{};
    const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), value);
    if (json.empty() || error != std::errc() || end != json.data() + json.size()) wrong();
    return value;
}

}  // namespace

std::string text_of(std::string_view json) {
    if (json.size() < 2 || json[0] != '"' || end_of_string(json, 0) != json.size()) wrong();
    const std::string_view inner = json.substr(1, json.size() - 2);
    if (inner.find('\\') == std::string_view::npos) return std::string(inner);
    return told(Value::from_json(json).string());
}

std::int64_t integer_of(std::string_view json) { return number<std::int64_t>(json); }

double real_of(std::string_view json) { return number<double>(json); }

std::vector<std::string_view> items_of(std::string_view json) {
    std::vector<std::string_view> items;
    for (std::size_t at = first_element(json, '[', ']'); at < json.size();) {
        const std::size_t end = end_of_value(json, at);
        items.push_back(without_space(json.substr(at, end - at)));
        at = next_element(json, end, ']');
    }
    return items;
}

void check_json(std::string_view json) {
    if (json_depth(json) > deepest || !nlohmann::json::accept(json)) wrong();
    if (json.find("\\u0000") != std::string_view::npos) (void)told(Value::from_json(json));
}

Fields::Fields(std::string_view json) {
    fields_.reserve(12);
    for (std::size_t at = first_element(json, '{', '}'); at < json.size();) {
        if (json[at] != '"') wrong();
        const std::size_t key_end = end_of_string(json, at), colon = skip_space(json, key_end);
        if (colon >= json.size() || json[colon] != ':') wrong();
        const std::size_t end = end_of_value(json, colon + 1);
        fields_.emplace_back(json.substr(at + 1, key_end - at - 2), without_space(json.substr(colon + 1, end - colon - 1)));
        at = next_element(json, end, '}');
    }
}

std::string_view Fields::raw(std::string_view key) const {
    for (const auto& [name, value] : fields_)
        if (name == key) return value;
    return {};
}

bool Fields::flag(std::string_view key) const {
    const std::string_view json = raw(key);
    if (json != "true" && json != "false") wrong();
    return json == "true";
}

Value Fields::value(std::string_view key) const {
    const std::string_view json = raw(key);
    return json.empty() ? Value() : told(Value::from_json(json));
}

}  // namespace flowspan::batch
