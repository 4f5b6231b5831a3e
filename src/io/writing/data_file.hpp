// A product that is written from beginning to end.
#pragma once

#include "io/publish/digest.hpp"

#include <flowspan/io.hpp>

#include <memory>
#include <optional>
#include <string>

namespace flowspan::io {

/// All calls on the I/O thread. Failures name the product's final path.
class DataFile {
public:
    /// `expected`: how many bytes it will probably be; 0: not known. Room for a large file is asked for at once: its blocks lie
    /// together, and writing costs less (docs/performance.md).
    explicit DataFile(std::shared_ptr<Product> product, bool checksum = false, std::uint64_t expected = 0);
    /// Creates the file, unless that has been done; `append` does it too.
    void open();
    void append(std::span<const std::byte> bytes);
    void append(const std::string& text);
    /// Overwrites bytes that have been written (a header whose counts are known at the end): a hash of the product is then
    /// made by reading it.
    void write(std::uint64_t offset, std::span<const std::byte> bytes);
    /// As Product::holds.
    void holds(std::uint64_t items, const std::string& what, std::optional<double> seconds = std::nullopt) {
        product_->holds(items, what, seconds);
    }
    /// Closes the file and completes the product.
    void complete();
    std::uint64_t bytes() const { return bytes_; }
    /// Of all that was appended; after `complete`, when asked for.
    const std::string& sha512() const { return sha512_; }

private:
    std::shared_ptr<Product> product_;
    std::unique_ptr<Sha512> hash_;
    std::unique_ptr<Xxh128> in_order_;  // where the run wants it, while all has been written in order
    File file_;
    std::uint64_t expected_, bytes_ = 0;
    std::string sha512_;
};

/// A small product at one stroke.
void write_product(Product& product, const std::string& content);

}  // namespace flowspan::io
