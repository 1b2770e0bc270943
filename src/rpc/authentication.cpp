#include "rpc/authentication.hpp"

#include <algorithm>

namespace rpc {
namespace {

constexpr std::string_view scheme = "bearer ";

char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The token behind the scheme; RFC 7235, section 2.1, permits more than one space between them. Empty where it has
// another form.
std::string_view bearer_token(std::string_view value) {
  if (!std::ranges::equal(value.substr(0, scheme.size()), scheme, {}, to_lower)) return {};
  const auto start = value.find_first_not_of(' ', scheme.size());
  return start == std::string_view::npos ? std::string_view() : value.substr(start);
}

}  // namespace

base::Result<messaging::Caller> authenticate(std::span<const std::string_view> authorization,
                                             const auth::JwtVerifier& verifier) {
  if (authorization.size() != 1) {
    return base::fail(base::Errc::unauthenticated,
                      "authorization: " + std::to_string(authorization.size()) + " values");
  }
  const auto token = bearer_token(authorization.front());
  if (token.empty()) return base::fail(base::Errc::unauthenticated, "authorization: not Bearer");
  auto claims = verifier.verify(token);
  if (!claims) return base::forward(claims);
  return messaging::Caller{
      .user = std::move(claims->user), .token = std::make_shared<const std::string>(token), .device = {}, .trace = {}};
}

}  // namespace rpc
