// What is said of a file that is not as its format has it.
#pragma once

#include <string>

namespace flowspan::io {

/// Throws Refused (ExitCode::file): "PATH: expected …, got …", and a hint.
[[noreturn]] void refuse_file(const std::string& path, std::string expected, std::string got, std::string hint = {});

}  // namespace flowspan::io
