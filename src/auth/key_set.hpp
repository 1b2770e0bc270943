// The keys that tokens are verified with: one from a secret or a PEM, or several from a JWKS, chosen by `kid`.
// Immutable; any thread. Secrets are wiped when the set goes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace auth {

class VerificationKey;

class KeySet {
 public:
  // HS256. The error (validation_failed, with a sentence in `detail`) where the secret has less than 32 bytes.
  [[nodiscard]] static base::Result<std::shared_ptr<const KeySet>> from_secret(std::string_view secret);
  // A public key in PEM (SubjectPublicKeyInfo or certificate): RSA of 2048 bits or more is RS256, P-256 is ES256,
  // Ed25519 is EdDSA; anything else is the error, which names what was found.
  [[nodiscard]] static base::Result<std::shared_ptr<const KeySet>> from_pem(std::string_view pem);
  // RFC 7517: {"keys":[…]}. Keys of other types or uses are passed over; none that is left is the error. An "oct" key
  // is HS256.
  [[nodiscard]] static base::Result<std::shared_ptr<const KeySet>> from_jwks(std::string_view json);

  ~KeySet();
  KeySet(const KeySet&) = delete;
  KeySet& operator=(const KeySet&) = delete;

  // The key with this kid; with an empty kid, or where the set's only key has none, the only key. Null otherwise.
  [[nodiscard]] const VerificationKey* find(std::string_view kid) const noexcept;

 private:
  KeySet();
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

}  // namespace auth
