#include "io/publish/digest.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <openssl/evp.h>
#include <xxhash.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace flowspan::io {
namespace {

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

EVP_MD_CTX* context_of(void* context) { return static_cast<EVP_MD_CTX*>(context); }

void check(int result) {
    if (result != 1) throw Failure(ExitCode::bug, "OpenSSL cannot compute a digest");
}

std::string hexadecimal(const Digest& digest, unsigned size) {
    std::string text;
    for (unsigned k = 0; k < size; ++k) text += fmt::format("{:02x}", digest[k]);
    return text;
}

}  // namespace

std::string sha256(std::string_view text) {
    Digest digest{};
    unsigned size = 0;
    check(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr));
    return hexadecimal(digest, size);
}

void Sha512::Free::operator()(void* context) const { EVP_MD_CTX_free(context_of(context)); }

Sha512::Sha512() : context_(EVP_MD_CTX_new()) { check(EVP_DigestInit_ex(context_of(context_.get()), EVP_sha512(), nullptr)); }

void Sha512::add(std::span<const std::byte> bytes) {
    check(EVP_DigestUpdate(context_of(context_.get()), bytes.data(), bytes.size()));
}

std::string Sha512::finish() {
    Digest digest{};
    unsigned size = 0;
    check(EVP_DigestFinal_ex(context_of(context_.get()), digest.data(), &size));
    return hexadecimal(digest, size);
}

void Xxh128::Free::operator()(void* state) const { XXH3_freeState(static_cast<XXH3_state_t*>(state)); }

Xxh128::Xxh128() : state_(XXH3_createState()) { XXH3_128bits_reset(static_cast<XXH3_state_t*>(state_.get())); }

void Xxh128::add(std::span<const std::byte> bytes) {
    XXH3_128bits_update(static_cast<XXH3_state_t*>(state_.get()), bytes.data(), bytes.size());
}

std::string Xxh128::finish() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(static_cast<const XXH3_state_t*>(state_.get()));
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string xxh128_of(const std::string& path) {
    const File file = File::open_to_read(path);
    const std::uint64_t size = file.size();
    std::vector<std::byte> piece(std::min<std::uint64_t>(std::uint64_t{1} << 20, size));
    Xxh128 hash;
    for (std::uint64_t at = 0; at < size; at += piece.size()) {
        const std::span part(piece.data(), std::min<std::uint64_t>(piece.size(), size - at));
        file.read(at, part);
        hash.add(part);
    }
    return hash.finish();
}

}  // namespace flowspan::io
