#include "io/publish/checksum.hpp"

#include "io/bytes/bytes.hpp"
#include "io/sigmf/beside.hpp"
#include "io/writing/data_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace flowspan::io {
namespace {

/// Where the data begins in its file: not at 0 in an archive, which interpret_sigmf adds to the first capture.
std::uint64_t data_offset(const Recording& r) {
    if (!is_archive(r) || r.captures.empty()) return 0;
    std::uint64_t own = 0;
    if (const Value* captures = r.header.find("captures"); captures != nullptr && !captures->list().empty())
        if (const Value* bytes = captures->list().front().find("core:header_bytes")) own = std::uint64_t(bytes->integer());
    return r.captures.front().header_bytes - own;
}

}  // namespace

std::optional<std::string> stated_sha512(const Recording& r) {
    const Value* global = r.header.is<Value::Map>() ? r.header.find("global") : nullptr;
    const Value* sum = global != nullptr ? global->find("core:sha512") : nullptr;
    if (sum == nullptr || !sum->is<std::string>()) return std::nullopt;
    std::string text = sum->string();
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return text;
}

void verify_sha512(const Recording& r) {
    const std::uint64_t first = r.seeks ? data_offset(r) : 0;
    const auto bytes = r.seeks ? file_bytes(r.data_path, first + r.data_bytes, false) : packed_bytes(r.data_path, r.member);
    std::vector<std::byte> piece(std::size_t{1} << 20);
    Sha512 sum;
    for (std::uint64_t at = 0; at < r.data_bytes; at += piece.size()) {
        const std::span part(piece.data(), std::min<std::uint64_t>(piece.size(), r.data_bytes - at));
        const std::size_t got = bytes->read(first + at, part);
        sum.add(part.first(got));
        if (got < part.size()) break;
    }
    const std::string got = sum.finish(), stated = stated_sha512(r).value_or("");
    if (got != stated)
        throw Failure(ExitCode::file,
                      fmt::format("{} is not what its header was written for: core:sha512 is {}, the data's is {}", r.data_path,
                                  stated, got));
}

}  // namespace flowspan::io
