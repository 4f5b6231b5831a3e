// Recordings of Digital RF: a folder is one.
#pragma once

#include <flowspan/format.hpp>

#include <memory>

namespace flowspan::io {

std::shared_ptr<const RecordingFormat> digital_rf_format();

}  // namespace flowspan::io
