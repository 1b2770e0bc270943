// For tests: fresh private keys of every kind, the public halves as an operator would hand them out, and tokens signed
// by them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace auth {

class SigningKey {
 public:
  static SigningKey rsa(unsigned bits = 2048);
  // "P-256", "P-384"
  static SigningKey ec(const char* curve = "P-256");
  static SigningKey ed25519();

  [[nodiscard]] std::string public_pem() const;
  [[nodiscard]] std::string private_pem() const;
  // A self-signed certificate over the public key.
  [[nodiscard]] std::string certificate_pem() const;
  // {"kty":…,<extra>}; `extra` is further members such as R"("kid":"a")".
  [[nodiscard]] std::string jwk(std::string_view extra = {}) const;
  [[nodiscard]] std::string sign(std::string_view header_json, std::string_view claims_json) const;

 private:
  explicit SigningKey(evp_pkey_st* key);
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace auth
