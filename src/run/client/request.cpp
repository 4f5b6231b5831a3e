#include "run/client/request.hpp"

#include "core/json_depth.hpp"
#include "run/client/socket.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

using namespace control_errors;

constexpr std::size_t shown_bytes = 40;
constexpr std::int64_t largest_id = std::int64_t(1) << 53;  // what every JSON reader keeps exactly

/// A part of what the client wrote, for quoting.
std::string cut(std::string_view text) {
    if (text.size() <= shown_bytes) return std::string(text);
    std::size_t n = shown_bytes;
    while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xc0U) == 0x80U) --n;  // not within a character
    return std::string(text.substr(0, n)) + "…";
}
std::string shown(const Value& value) { return cut(value.json()); }

Value parse(std::string_view line) {
    const std::size_t depth = json_depth(line);
    if (depth > control_limits::depth)
        throw WrongRequest(no_json, fmt::format("expected JSON of at most {} levels, got {}", control_limits::depth, depth));
    try {
        return Value::from_json(line);
    } catch (const std::invalid_argument&) {
        throw WrongRequest(no_json, fmt::format("expected one JSON object on a line, got {}", cut(line)));
    }
}

bool is_good_id(const Value& id) {
    if (id.is<std::string>()) return true;
    return id.is<std::int64_t>() && id.integer() >= -largest_id && id.integer() <= largest_id;
}

}  // namespace

ControlRequest read_control_request(std::string_view line) {
    const Value message = parse(line);
    if (message.is<Value::List>()) throw WrongRequest(no_request, "expected one request on a line, got a list (a batch)");
    if (!message.is<Value::Map>()) throw WrongRequest(no_request, fmt::format("expected a request, got {}", shown(message)));
    ControlRequest request;
    const Value* id = message.find("id");
    if (id == nullptr || !is_good_id(*id))
        throw WrongRequest(no_request, fmt::format("id: expected a string or an integer of at most 2^53, got {}",
                                                   id == nullptr ? "nothing" : shown(*id)));
    request.id = *id;
    const auto refuse = [&](const std::string& key, const std::string& expected, const Value* got) {
        throw WrongRequest(no_request,
                           fmt::format("{}: expected {}, got {}", key, expected, got == nullptr ? "nothing" : shown(*got)),
                           request.id);
    };
    for (const auto& [key, value] : message.map()) {
        if (key != "jsonrpc" && key != "id" && key != "method" && key != "params")
            throw WrongRequest(
                no_request, fmt::format("expected jsonrpc, id, method and params in a request, got {}", cut(key)), request.id);
    }
    const Value* version = message.find("jsonrpc");
    if (version == nullptr || *version != Value("2.0")) refuse("jsonrpc", "\"2.0\"", version);
    const Value* method = message.find("method");
    if (method == nullptr || !method->is<std::string>()) refuse("method", "a string", method);
    request.method = method->string();
    if (const Value* params = message.find("params")) {
        if (!params->is<Value::Map>())
            throw WrongRequest(wrong_params, fmt::format("params: expected an object, got {}", shown(*params)), request.id);
        request.params = *params;
    }
    return request;
}

std::string control_line(Value::Map message) {
    message["jsonrpc"] = "2.0";
    return Value(std::move(message)).json();
}

Value::Map control_error(int code, const std::string& message, const Value& data) {
    Value::Map error{{"code", code}, {"message", message}};
    if (!data.is_null()) error["data"] = data;
    return {{"error", std::move(error)}};
}

}  // namespace flowspan::run
