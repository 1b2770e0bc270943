// Public keys from what operators and identity providers hand out: a PEM, or the numbers of a JWK. What comes out of
// here was checked (point on the curve, sound modulus) and only needs an algorithm, which VerificationKey binds to it.
// Any thread.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.hpp"

struct evp_pkey_st;

namespace auth {

struct PublicKeyFree {
  void operator()(evp_pkey_st* key) const noexcept;
};
// OpenSSL's EVP_PKEY.
using PublicKey = std::unique_ptr<evp_pkey_st, PublicKeyFree>;

// "PUBLIC KEY" (SubjectPublicKeyInfo) or "CERTIFICATE". The error is validation_failed, with a sentence for the
// operator.
[[nodiscard]] base::Result<PublicKey> read_public_key_pem(std::string_view pem);

// From the decoded members of a JWK (RFC 7518, section 6; RFC 8037, section 2). Null where they are no valid key.
[[nodiscard]] PublicKey make_rsa_key(std::string_view modulus, std::string_view exponent);
[[nodiscard]] PublicKey make_p256_key(std::string_view x, std::string_view y);
[[nodiscard]] PublicKey make_ed25519_key(std::string_view x);

}  // namespace auth
