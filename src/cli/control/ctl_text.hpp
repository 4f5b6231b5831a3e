// What `flowspan ctl` prints for people.
#pragma once

#include <flowspan/value.hpp>

#include <string>

namespace flowspan::cli {

/// The result of `status` as a line about the run and a table of its blocks, at most 100 columns wide.
std::string status_text(const Value& status);

/// "38.2 M": three digits and a prefix; "123" below a thousand.
std::string with_prefix(double value);

}  // namespace flowspan::cli
