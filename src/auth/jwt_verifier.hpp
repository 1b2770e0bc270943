// Who is this? Verifies JSON Web Tokens (RFC 7519) on OpenSSL EVP. The algorithm is bound to the key and never chosen
// by the token: HS256, RS256, ES256 (RFC 7518), EdDSA with Ed25519 (RFC 8037). Why not a packaged library:
// docs/decisions/0005-own-jwt.md. Any thread; only the keys can be replaced.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

namespace auth {

struct Claims {
  base::UserId user;            // sub
  base::SystemTime expires_at;  // exp, without leeway
};

struct JwtPolicy {
  // Clocks of two machines differ: how long a token counts beyond exp, and before nbf and iat.
  base::seconds leeway{30};
  // Checked where they are not empty.
  std::string issuer{};
  std::string audience{};
};

class KeySet;

class JwtVerifier {
 public:
  // A longer token is refused before anything is parsed.
  static constexpr std::size_t token_bytes_max = 8192;

  JwtVerifier(const base::Clock& clock, JwtPolicy policy, std::shared_ptr<const KeySet> keys);

  // unauthenticated, or token_expired where all but the time is right. `detail` says which check failed, never the
  // token.
  [[nodiscard]] base::Result<Claims> verify(std::string_view token) const;

  // Rotation: tokens are verified with these from now on. Any thread.
  void replace_keys(std::shared_ptr<const KeySet> keys) { keys_.store(std::move(keys)); }

  [[nodiscard]] base::seconds leeway() const noexcept { return policy_.leeway; }

 private:
  const base::Clock& clock_;
  JwtPolicy policy_;
  std::atomic<std::shared_ptr<const KeySet>> keys_;
};

}  // namespace auth
