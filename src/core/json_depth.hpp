// How deep JSON is nested, told before anything that calls itself for each level sees it.
#pragma once

#include <cstddef>
#include <string_view>

namespace flowspan {

/// What comes from outside is refused beyond that.
inline constexpr std::size_t deepest_json = 128;

/// Levels of lists and objects; brackets in strings do not count. Of text that is no JSON: something.
std::size_t json_depth(std::string_view text);

}  // namespace flowspan
