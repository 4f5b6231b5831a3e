#include "io/formats/refuse.hpp"

#include <flowspan/diagnostic.hpp>

#include <utility>

namespace flowspan::io {

void refuse_file(const std::string& path, std::string expected, std::string got, std::string hint) {
    Diagnostic mistake;
    mistake.at.file = path;
    mistake.expected = std::move(expected);
    mistake.got = std::move(got);
    mistake.hint = std::move(hint);
    throw Refused(std::move(mistake), ExitCode::file);
}

}  // namespace flowspan::io
