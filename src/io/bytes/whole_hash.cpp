#include "io/bytes/whole_hash.hpp"

#include <vector>

namespace flowspan::io {

bool WholeHash::catch_up(const File& file, std::uint64_t offset) {
    if (offset == at_) return true;
    if (offset < at_ || (passed_over_ += offset - at_) > most_passed_over) return false;
    std::vector<std::byte> between(std::size_t(offset - at_));
    file.read(at_, between);
    hash_.add(between);
    at_ = offset;
    return true;
}

void WholeHash::read(const File& file, std::uint64_t offset, std::span<const std::byte> bytes) {
    whole_ = whole_ && catch_up(file, offset);
    if (!whole_) return;
    hash_.add(bytes);
    at_ += bytes.size();
}

std::optional<std::string> WholeHash::finish(const File& file) {
    whole_ = whole_ && catch_up(file, file.size());
    if (!whole_) return std::nullopt;
    return hash_.finish();
}

}  // namespace flowspan::io
