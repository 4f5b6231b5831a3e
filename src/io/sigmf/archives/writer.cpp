#include "io/sigmf/archives/writer.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace flowspan::io {
namespace {

constexpr std::size_t block = 512;
constexpr std::uint64_t most_in_octal = (std::uint64_t{1} << 33) - 1;  // of a plain header: 11 digits

/// "LENGTH KEY=VALUE\n", where LENGTH counts all of it.
std::string pax_record(std::string_view key, const std::string& value) {
    const std::size_t rest = key.size() + value.size() + 3;
    std::size_t length = rest + 1;
    while (std::to_string(length).size() + rest != length) ++length;
    return fmt::format("{} {}={}\n", length, key, value);
}

std::string ustar_block(std::string_view name, std::uint64_t bytes, char kind) {
    std::string header(block, '\0');
    const auto put = [&](std::size_t at, std::string_view text) { header.replace(at, text.size(), text); };
    put(0, name.substr(0, 100));
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, fmt::format("{:011o}", bytes > most_in_octal ? 0 : bytes));
    put(136, "00000000000");
    put(148, "        ");
    header[156] = kind;
    put(257, "ustar");
    put(263, "00");
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put(148, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
    return header;
}

}  // namespace

std::string tar_padding(std::uint64_t bytes) { return std::string(std::size_t((block - bytes % block) % block), '\0'); }

std::string tar_header(const std::string& name, std::uint64_t bytes) {
    const std::string said = pax_record("path", name) + pax_record("size", fmt::format("{:020}", bytes));
    return ustar_block("PaxHeader", said.size(), 'x') + said + tar_padding(said.size()) + ustar_block(name, bytes, '0');
}

ArchiveWriter::ArchiveWriter(std::shared_ptr<Product> product, std::string name, bool checksum, std::uint64_t expected)
    : file_(std::move(product), false, expected),
      name_(std::move(name)),
      hash_(checksum ? std::make_unique<Sha512>() : nullptr) {}

void ArchiveWriter::open() {
    if (std::exchange(open_, true)) return;
    file_.open();
    file_.append(tar_header(name_ + ".sigmf-data", 0));
}

void ArchiveWriter::append(std::span<const std::byte> samples) {
    open();
    file_.append(samples);
    bytes_ += samples.size();
    if (hash_) hash_->add(samples);
}

void ArchiveWriter::complete(const std::function<std::string(const std::string&)>& meta) {
    open();
    const std::string text = meta(hash_ ? hash_->finish() : "");
    file_.append(tar_padding(bytes_) + tar_header(name_ + ".sigmf-meta", text.size()) + text + tar_padding(text.size()) +
                 std::string(2 * block, '\0'));
    const std::string header = tar_header(name_ + ".sigmf-data", bytes_);
    file_.write(0, std::as_bytes(std::span(header)));
    file_.complete();
}

}  // namespace flowspan::io
