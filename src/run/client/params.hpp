// Params of a request to the control socket: what is wrong with them is said as people read it.
#pragma once

#include <flowspan/value.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::run {

[[noreturn]] void refuse_params(const std::string& key, const std::string& expected, const std::string& got);
/// Throws Refused where there are others than these.
void take_only(const Value& params, std::initializer_list<std::string_view> known);
/// "" where it is not given. Throws Refused where it is no text.
std::string text_in(const Value& params, const std::string& key);
/// Empty where it is not given. Throws Refused where it is no list of texts.
std::vector<std::string> texts_in(const Value& params, const std::string& key);

}  // namespace flowspan::run
