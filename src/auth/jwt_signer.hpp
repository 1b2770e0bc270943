// Mints HS256 tokens: for `messagingd token` in development, and for tests. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace auth {

struct TokenRequest {
  std::string subject;
  base::SystemTime issued_at;
  base::seconds ttl{3600};
  std::string issuer{};
  std::string audience{};
};

[[nodiscard]] std::string sign_hs256(std::string_view secret, const TokenRequest& request);

}  // namespace auth
