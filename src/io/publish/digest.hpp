// Digests of the Secure Hash Standard (FIPS 180-4), and XXH3 (https://xxhash.com) where speed counts; as hexadecimal digits.
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

/// XXH3-128, as it goes: what `xxh128sum` prints. About 20 times as fast as Sha512; no protection from forgery.
class Xxh128 {
public:
    Xxh128();
    void add(std::span<const std::byte> bytes);
    /// 32 digits of all so far.
    std::string finish() const;

private:
    struct Free {
        void operator()(void* state) const;
    };
    std::unique_ptr<void, Free> state_;
};

/// XXH3-128 of a whole file, read once. Throws Failure.
std::string xxh128_of(const std::string& path);

}  // namespace flowspan::io
