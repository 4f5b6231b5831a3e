// Lines of the control socket as requests and answers: JSON-RPC 2.0, one object a line.
#pragma once

#include <flowspan/value.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace flowspan::run {

/// A line that is no request; `id` is null unless the line has a good one.
struct WrongRequest : std::invalid_argument {
    WrongRequest(int wrong_code, const std::string& message, Value of = {})
        : std::invalid_argument(message), code(wrong_code), id(std::move(of)) {}
    int code;
    Value id;
};

struct ControlRequest {
    Value id;
    std::string method;
    Value params = Value::Map{};
};

/// Reads one line, whatever it holds. Throws WrongRequest.
ControlRequest read_control_request(std::string_view line);

/// The line of an answer or a notification, its end excluded.
std::string control_line(Value::Map message);
Value::Map control_error(int code, const std::string& message, const Value& data = {});

}  // namespace flowspan::run
