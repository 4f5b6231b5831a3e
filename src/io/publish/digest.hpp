// Digests of the Secure Hash Standard (FIPS 180-4), as hexadecimal digits.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace flowspan::io {

/// SHA-256 of a text: 64 digits.
std::string sha256(std::string_view text);

/// SHA-512, as it goes.
class Sha512 {
public:
    Sha512();
    void add(std::span<const std::byte> bytes);
    /// 128 digits; nothing can be added afterwards.
    std::string finish();

private:
    struct Free {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Free> context_;
};

}  // namespace flowspan::io
