// A key together with the one algorithm it verifies: which one that is follows from the key and never from a token.
// Immutable after construction; any thread, several at once. Owned by a KeySet.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "auth/public_key.hpp"
#include "base/error.hpp"

namespace auth {

enum class Algorithm : std::uint8_t { hs256, rs256, es256, eddsa };

// As in a token's header: HS256, RS256, ES256, EdDSA (RFC 7518, section 3.1; RFC 8037, section 3.1).
[[nodiscard]] std::string_view to_string(Algorithm algorithm) noexcept;

class VerificationKey {
 public:
  // RFC 7518, section 3.2: a key as long as the hash, or longer.
  static constexpr std::size_t secret_bytes_min = 32;
  // RFC 7518, section 3.3.
  static constexpr int rsa_bits_min = 2048;

  // HS256. The secret is copied, and wiped with the key. validation_failed where it is too short.
  [[nodiscard]] static base::Result<std::unique_ptr<const VerificationKey>> from_secret(std::string_view secret);
  // RSA is RS256, P-256 is ES256, Ed25519 is EdDSA. validation_failed, naming what was found, for anything else.
  [[nodiscard]] static base::Result<std::unique_ptr<const VerificationKey>> from_public_key(PublicKey key);

  virtual ~VerificationKey() = default;
  VerificationKey(const VerificationKey&) = delete;
  VerificationKey& operator=(const VerificationKey&) = delete;

  [[nodiscard]] Algorithm algorithm() const noexcept { return algorithm_; }
  // `signature` in the form of RFC 7515: decoded from base64url, for ES256 the 64 bytes r || s.
  [[nodiscard]] virtual bool accepts(std::string_view signed_text, std::string_view signature) const = 0;

 protected:
  explicit VerificationKey(Algorithm algorithm) noexcept : algorithm_(algorithm) {}

 private:
  Algorithm algorithm_;
};

}  // namespace auth
