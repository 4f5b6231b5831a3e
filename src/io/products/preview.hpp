// Pictures made small, for pages that show many.
#pragma once

#include <optional>
#include <string>

namespace flowspan::io {

/// A PNG as a JPEG of at most so many columns: each pixel is the mean of a square. Nothing where it is no whole PNG, has more
/// than 32 million pixels, or gd is not there.
std::optional<std::string> jpeg_preview(const std::string& png, int columns);

}  // namespace flowspan::io
