// Dates with times in names of files.
#pragma once

#include <flowspan/rational.hpp>

#include <optional>
#include <string>

namespace flowspan::io {

struct Dated {
    Time utc;
    int digits = 0;     // behind the point of the seconds
    bool zone = false;  // a `Z` behind it
};

/// Numbers as text, two digits each but the year; "" for no fraction. Nothing for the 13th month.
std::optional<Dated> date_of(const std::string& year, const std::string& month, const std::string& day, const std::string& hour,
                             const std::string& minute, const std::string& second, const std::string& fraction = {});

/// "01" of "Jan", in any case; "" of anything else.
std::string month_of(std::string name);

/// The first date with a time from 1990 to 2099 in a name: 20190829_190820Z, 2019-08-29T19:08:20.25Z, 20190829190820,
/// 05-Oct-2020 115735.959.
std::optional<Dated> date_in(const std::string& name);

}  // namespace flowspan::io
