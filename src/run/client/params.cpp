#include "run/client/params.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <utility>

namespace flowspan::run {

void refuse_params(const std::string& key, const std::string& expected, const std::string& got) {
    Diagnostic d;
    d.key = key;
    d.expected = expected;
    d.got = got;
    throw Refused(std::move(d));
}

void take_only(const Value& params, std::initializer_list<std::string_view> known) {
    for (const auto& [key, value] : params.map()) {
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        std::string names;
        for (const std::string_view name : known) names += (names.empty() ? "" : ", ") + std::string(name);
        refuse_params(key, names.empty() ? "no params" : "one of " + names, key);
    }
}

std::string text_in(const Value& params, const std::string& key) {
    const Value* text = params.find(key);
    if (text == nullptr || text->is_null()) return "";
    if (!text->is<std::string>()) refuse_params(key, "a text", text->json());
    return text->string();
}

std::vector<std::string> texts_in(const Value& params, const std::string& key) {
    const Value* list = params.find(key);
    if (list == nullptr || list->is_null()) return {};
    std::vector<std::string> texts;
    if (!list->is<Value::List>()) refuse_params(key, "a list of texts", list->json());
    for (const Value& text : list->list()) {
        if (!text.is<std::string>()) refuse_params(key, "a list of texts", text.json());
        texts.push_back(text.string());
    }
    return texts;
}

}  // namespace flowspan::run
