// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/sha256.h"

#include "engine/core/error.h"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace steploom {

struct Sha256::Context {
    EVP_MD_CTX* digest = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(digest); }
};

Sha256::Sha256() : m_context(std::make_unique<Context>()) {
    if (!m_context->digest || EVP_DigestInit_ex(m_context->digest, EVP_sha256(), nullptr) != 1)
        throw Error(ErrorKind::Device, {"cannot compute SHA-256", "libcrypto",
                                        "the library refused the digest", "Check the OpenSSL installation"});
}

Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::byte> bytes) {
    EVP_DigestUpdate(m_context->digest, bytes.data(), bytes.size());
}

void Sha256::add(const std::string& text) { add(std::as_bytes(std::span(text))); }

std::string Sha256::hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(m_context->digest, digest, &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i)
        text += fmt::format("{:02x}", digest[i]);
    return text;
}

std::string sha256Of(const std::string& text) {
    Sha256 digest;
    digest.add(text);
    return digest.hex();
}

} // namespace steploom
