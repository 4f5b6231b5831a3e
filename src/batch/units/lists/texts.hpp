// Texts that people write in words, sweeps and lists.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <string>
#include <string_view>

namespace flowspan::batch {

/// Without blanks and tabs at its ends.
std::string_view trimmed(std::string_view text);

bool is_utf8(std::string_view text);

/// What `from` and `duration` may be, whoever gives them: appends a mistake under `key`.
void check_extent(const std::string& text, const Position& at, const std::string& key, Diagnostics& found);

}  // namespace flowspan::batch
