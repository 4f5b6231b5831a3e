#include "io/writing/data_file.hpp"

#include <utility>

namespace flowspan::io {
namespace {

constexpr std::uint64_t least_reserved = std::uint64_t{16} << 20;

}  // namespace

DataFile::DataFile(std::shared_ptr<Product> product, bool checksum, std::uint64_t expected)
    : product_(std::move(product)),
      hash_(checksum ? std::make_unique<Sha512>() : nullptr),
      in_order_(product_->wants_hash() ? std::make_unique<Xxh128>() : nullptr),
      expected_(expected) {}

void DataFile::open() {
    if (file_) return;
    file_ = File::create(product_->part(), product_->path());
    const bool worth_it = expected_ >= least_reserved && product_->part() != product_->path();
    if (worth_it)
        file_.reserve(expected_);
    else
        expected_ = 0;
}

void DataFile::append(std::span<const std::byte> bytes) {
    open();
    file_.append(bytes);
    bytes_ += bytes.size();
    if (hash_) hash_->add(bytes);
    if (in_order_) in_order_->add(bytes);
}

void DataFile::append(const std::string& text) { append(std::as_bytes(std::span(text))); }

void DataFile::write(std::uint64_t offset, std::span<const std::byte> bytes) {
    file_.write(offset, bytes);
    in_order_.reset();
}

void DataFile::complete() {
    open();
    if (bytes_ < expected_) file_.truncate(bytes_);
    file_.close();
    if (hash_) sha512_ = hash_->finish();
    if (in_order_) product_->hashed(in_order_->finish());
    product_->complete();
}

void write_product(Product& product, const std::string& content) {
    File file = File::create(product.part(), product.path());
    file.append(std::as_bytes(std::span(content)));
    file.close();
    if (product.wants_hash()) {
        Xxh128 hash;
        hash.add(std::as_bytes(std::span(content)));
        product.hashed(hash.finish());
    }
    product.complete();
}

}  // namespace flowspan::io
