#include "auth/jwk.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/base64.hpp"

namespace auth {
namespace {

namespace json = boost::json;

std::string bytes_member(const json::object& jwk, std::string_view name) {
  return base::decode_base64url(string_member(jwk, name)).value_or(std::string());
}

bool is_for_verification(const json::object& jwk) {
  if (jwk.contains("use") && string_member(jwk, "use") != "sig") return false;
  const auto* operations = jwk.if_contains("key_ops");
  if (!operations) return true;
  const auto* list = operations->if_array();
  return list && std::ranges::any_of(*list, [](const json::value& operation) { return operation == "verify"; });
}

std::unique_ptr<const VerificationKey> read_material(const json::object& jwk) {
  const auto type = string_member(jwk, "kty");
  if (type == "oct") {
    auto secret = bytes_member(jwk, "k");
    auto key = VerificationKey::from_secret(secret).value_or(nullptr);
    OPENSSL_cleanse(secret.data(), secret.size());
    return key;
  }
  PublicKey key;
  if (type == "RSA") key = make_rsa_key(bytes_member(jwk, "n"), bytes_member(jwk, "e"));
  const auto curve = string_member(jwk, "crv");
  if (type == "EC" && curve == "P-256") key = make_p256_key(bytes_member(jwk, "x"), bytes_member(jwk, "y"));
  if (type == "OKP" && curve == "Ed25519") key = make_ed25519_key(bytes_member(jwk, "x"));
  if (!key) return nullptr;
  return VerificationKey::from_public_key(std::move(key)).value_or(nullptr);
}

}  // namespace

std::string_view string_member(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  const auto* text = member ? member->if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

std::unique_ptr<const VerificationKey> read_jwk(const json::object& jwk) {
  if (!is_for_verification(jwk)) return nullptr;
  auto key = read_material(jwk);
  if (key && jwk.contains("alg") && string_member(jwk, "alg") != to_string(key->algorithm())) return nullptr;
  return key;
}

}  // namespace auth
