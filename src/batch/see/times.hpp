// Times as people read them.
#pragma once

#include <cmath>
#include <ctime>
#include <string>

#include <fmt/format.h>

namespace flowspan::batch {

/// "2026-11-21T10:00:00Z", of seconds since 1970; "an unknown time" of 0.
inline std::string utc(double time) {
    if (!(time > 0) || time > 253402300799.0) return "an unknown time";
    const auto seconds = std::time_t(std::floor(time));
    std::tm t{};
    ::gmtime_r(&seconds, &t);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min,
                       t.tm_sec);
}

}  // namespace flowspan::batch
