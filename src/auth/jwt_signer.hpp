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
// Signs whatever stands in both parts; nothing is checked.
[[nodiscard]] std::string sign_hs256_parts(std::string_view secret, std::string_view header_json,
                                           std::string_view claims_json);

}  // namespace auth
