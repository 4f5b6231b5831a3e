// OUT/index.jsonl of a whole batch.
#pragma once

#include <string>

namespace flowspan::batch {

/// Of all parts, as far as they have come. `tag`: tells those who may write at a time apart. Throws Failure.
void write_index(const std::string& out, const std::string& tag);

}  // namespace flowspan::batch
