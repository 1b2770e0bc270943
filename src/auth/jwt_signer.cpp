#include "auth/jwt_signer.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "base/base64.hpp"
#include "base/json_text.hpp"

namespace auth {
namespace {

std::string claims_of(const TokenRequest& request) {
  const auto issued_at = std::chrono::floor<base::seconds>(request.issued_at.time_since_epoch());
  std::string json = R"({"sub":)";
  base::append_json_string(json, request.subject);
  json += R"(,"iat":)";
  base::append_json_number(json, issued_at.count());
  json += R"(,"exp":)";
  base::append_json_number(json, (issued_at + request.ttl).count());
  if (!request.issuer.empty()) {
    json += R"(,"iss":)";
    base::append_json_string(json, request.issuer);
  }
  if (!request.audience.empty()) {
    json += R"(,"aud":)";
    base::append_json_string(json, request.audience);
  }
  json += '}';
  return json;
}

}  // namespace

std::string sign_hs256(std::string_view secret, const TokenRequest& request) {
  return sign_hs256_parts(secret, R"({"alg":"HS256","typ":"JWT"})", claims_of(request));
}

std::string sign_hs256_parts(std::string_view secret, std::string_view header_json, std::string_view claims_json) {
  std::string token = base::to_base64url(header_json);
  token += '.';
  token += base::to_base64url(claims_json);

  std::array<unsigned char, 32> mac;
  unsigned written = 0;
  if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
            reinterpret_cast<const unsigned char*>(token.data()), token.size(), mac.data(), &written)) {
    throw std::runtime_error("OpenSSL has no HMAC with SHA-256");
  }
  token += '.';
  token += base::to_base64url(std::string_view(reinterpret_cast<const char*>(mac.data()), written));
  return token;
}

}  // namespace auth
