#include "batch/units/lists/list_lines.hpp"
#include "core/json_depth.hpp"
#include "graph/spec.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::string_view blanks = " \t\r";

std::size_t end_of_text(std::string_view json, std::size_t at) {
    for (++at; json[at] != '"'; ++at)
        if (json[at] == '\\') ++at;
    return at + 1;
}

std::size_t end_of_value(std::string_view json, std::size_t at) {
    int depth = 0;
    for (; at < json.size(); ++at) {
        const char c = json[at];
        if (c == '"') at = end_of_text(json, at) - 1;
        if (depth == 0 && (c == ',' || c == '}')) break;
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
    }
    while (blanks.find(json[at - 1]) != std::string_view::npos) --at;
    return at;
}

int column_of(std::string_view line, std::size_t byte) {
    return 1 + int(std::count_if(line.begin(), line.begin() + std::ptrdiff_t(byte),
                                 [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

/// Where the parser stopped, which its sentence says: "… at line 1, column 17: …". 1 where it does not.
std::size_t byte_of_mistake(const std::string& sentence) {
    const std::size_t at = sentence.find("column ");
    return at == std::string::npos ? 1 : std::size_t(std::max(1, std::atoi(sentence.c_str() + at + 7)));
}

bool is_plain_list(const Value& list) {
    return std::all_of(list.list().begin(), list.list().end(), [](const Value& one) {
        return one.is<Value::List>() ? is_plain_list(one) : !one.is_null() && !one.is<Value::Map>();
    });
}

std::string doubled_dollars(const std::string& text) {
    std::string plain;
    for (const char c : text) plain += c == '$' ? std::string("$$") : std::string(1, c);
    return plain;
}

}  // namespace

std::vector<JsonMember> members_of_json(std::string_view object) {
    std::vector<JsonMember> members;
    for (std::size_t at = object.find('{') + 1; (at = object.find('"', at)) != std::string_view::npos;) {
        JsonMember one;
        one.key_begin = at;
        at = end_of_text(object, at);
        one.key = Value::from_json(object.substr(one.key_begin, at - one.key_begin)).string();
        one.value_begin = object.find_first_not_of(blanks, object.find(':', at) + 1);
        at = end_of_value(object, one.value_begin);
        one.value = object.substr(one.value_begin, at - one.value_begin);
        members.push_back(std::move(one));
    }
    return members;
}

bool ListReader::json_line(std::string_view line, const TextPlace& at, ListedUnit& to) {
    const auto place = [&](std::size_t byte) {
        return TextPlace{at.line_begin, at.line, column_of(line, std::min(byte, line.size()))};
    };
    Value object;
    try {
        object = Value::from_json(line);
    } catch (const std::invalid_argument& wrong) {
        return mistake(place(byte_of_mistake(wrong.what()) - 1), "", "an object in JSON", "something else");
    }
    if (!object.is<Value::Map>()) return mistake(place(0), "", "an object in JSON", std::string(line));
    bool right = true;
    std::set<std::string> keys;
    for (const JsonMember& one : members_of_json(line)) {
        const TextPlace here = place(one.value_begin);
        const Value& value = object.at(one.key);
        const bool name = one.key == "recording" || one.key == "graph";
        if (!keys.insert(one.key).second)
            right = mistake(place(one.key_begin), one.key, "each key once", "it again");
        else if (!may_be_here(one.key, place(one.key_begin)))
            right = false;
        else if (value.is_null())
            continue;
        else if (value.is<std::string>())
            right = set(one.key, name ? value.string() : doubled_dollars(value.string()), here, to) && right;
        else if (name)
            right = mistake(here, one.key, "a text", std::string(one.value));
        else if (value.is<Value::Map>() || (value.is<Value::List>() && !is_plain_list(value)))
            right = mistake(here, one.key, "a number, a text, a boolean or a list of them", std::string(one.value));
        else
            right = set(one.key, value.is<Value::List>() ? graph::yaml_text(value) : std::string(one.value), here, to) && right;
    }
    return right;
}

void ListReader::json_lines(const std::function<void(ListedUnit&&)>& take) {
    const std::string_view text = list_.text;
    TextPlace at;
    for (std::size_t begin = text.starts_with("\xef\xbb\xbf") ? 3 : 0; begin < text.size() && !enough(); ++at.line) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        at.line_begin = begin;
        begin = end + 1;
        if (line.find_first_not_of(blanks) == std::string_view::npos) continue;
        ListedUnit one{.unit = {}, .at = at, .recording_at = at, .graph_at = at};
        if (json_line(line, at, one)) take(std::move(one));
    }
}

}  // namespace flowspan::batch
