#include "auth/key_set.hpp"

#include <gtest/gtest.h>

#include "auth/jwt_verifier.hpp"
#include "auth/test_keys.hpp"
#include "auth/verification_key.hpp"
#include "base/base64.hpp"

namespace auth {
namespace {

std::string jwks(std::initializer_list<std::string> keys) {
  std::string json = R"({"keys":[)";
  for (const auto& key : keys) json += (json.back() == '[' ? "" : ",") + key;
  return json + "]}";
}

std::string refusal(const base::Result<std::shared_ptr<const KeySet>>& made) {
  return made ? "it was accepted" : made.error().detail;
}

TEST(KeySetFromSecret, needs_32_bytes) {
  EXPECT_TRUE(KeySet::from_secret(std::string(32, 's')));
  EXPECT_NE(refusal(KeySet::from_secret(std::string(31, 's'))).find("has 31"), std::string::npos);
  EXPECT_FALSE(KeySet::from_secret(""));
}

TEST(KeySetFromSecret, its_key_serves_every_kid) {
  const auto set = KeySet::from_secret(std::string(32, 's')).value();
  ASSERT_NE(set->find(""), nullptr);
  EXPECT_EQ(set->find("")->algorithm(), Algorithm::hs256);
  EXPECT_EQ(set->find("whatever"), set->find(""));
}

TEST(KeySetFromPem, the_kind_of_key_names_the_algorithm) {
  EXPECT_EQ(KeySet::from_pem(SigningKey::rsa().public_pem()).value()->find("")->algorithm(), Algorithm::rs256);
  EXPECT_EQ(KeySet::from_pem(SigningKey::ec().public_pem()).value()->find("")->algorithm(), Algorithm::es256);
  EXPECT_EQ(KeySet::from_pem(SigningKey::ed25519().public_pem()).value()->find("")->algorithm(), Algorithm::eddsa);
}

TEST(KeySetFromPem, a_certificate_is_as_good_as_its_key) {
  EXPECT_EQ(KeySet::from_pem(SigningKey::ec().certificate_pem()).value()->find("")->algorithm(), Algorithm::es256);
}

TEST(KeySetFromPem, weak_and_foreign_keys_are_refused_by_name) {
  EXPECT_NE(refusal(KeySet::from_pem(SigningKey::rsa(1024).public_pem())).find("1024"), std::string::npos);
  EXPECT_NE(refusal(KeySet::from_pem(SigningKey::ec("P-384").public_pem())).find("P-256"), std::string::npos);
  EXPECT_NE(refusal(KeySet::from_pem(SigningKey::ec().private_pem())).find("private"), std::string::npos);
}

TEST(KeySetFromPem, what_is_no_pem_is_refused) {
  EXPECT_FALSE(KeySet::from_pem(""));
  EXPECT_FALSE(KeySet::from_pem("not a key"));
  EXPECT_FALSE(KeySet::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
  EXPECT_FALSE(KeySet::from_pem(std::string(1'000'000, 'x')));
  const auto good = SigningKey::ec().public_pem();
  EXPECT_FALSE(KeySet::from_pem(good.substr(0, good.size() / 2)));
}

TEST(KeySetFromJwks, the_kid_chooses_the_key) {
  const auto rsa = SigningKey::rsa();
  const auto ec = SigningKey::ec();
  const auto ed = SigningKey::ed25519();
  const auto set = KeySet::from_jwks(jwks({rsa.jwk(R"("kid":"r","use":"sig","alg":"RS256")"), ec.jwk(R"("kid":"e")"),
                                           ed.jwk(R"("kid":"d","key_ops":["verify"])")}))
                       .value();
  EXPECT_EQ(set->find(""), nullptr) << "which of the three is meant?";
  base::ManualClock clock;
  const JwtVerifier verifier(clock, {}, set);
  constexpr std::string_view claims = R"({"sub":"alice","exp":1800000000})";
  EXPECT_TRUE(verifier.verify(rsa.sign(R"({"alg":"RS256","kid":"r"})", claims)));
  EXPECT_TRUE(verifier.verify(ec.sign(R"({"alg":"ES256","kid":"e"})", claims)));
  EXPECT_TRUE(verifier.verify(ed.sign(R"({"alg":"EdDSA","kid":"d"})", claims)));
  EXPECT_FALSE(verifier.verify(ed.sign(R"({"alg":"EdDSA","kid":"e"})", claims)));
  EXPECT_FALSE(verifier.verify(ed.sign(R"({"alg":"ES256","kid":"e"})", claims)));
  EXPECT_FALSE(verifier.verify(ed.sign(R"({"alg":"EdDSA","kid":"x"})", claims)));
  EXPECT_FALSE(verifier.verify(ed.sign(R"({"alg":"EdDSA"})", claims)));
}

TEST(KeySetFromJwks, a_single_key_serves_tokens_without_a_kid_but_not_with_another) {
  const auto set = KeySet::from_jwks(jwks({SigningKey::ec().jwk(R"("kid":"a")")})).value();
  EXPECT_NE(set->find(""), nullptr);
  EXPECT_NE(set->find("a"), nullptr);
  EXPECT_EQ(set->find("b"), nullptr);
}

TEST(KeySetFromJwks, a_single_key_without_a_kid_serves_every_kid) {
  const auto set = KeySet::from_jwks(jwks({SigningKey::ec().jwk()})).value();
  EXPECT_NE(set->find(""), nullptr);
  EXPECT_NE(set->find("b"), nullptr);
}

TEST(KeySetFromJwks, keys_for_other_uses_are_passed_over) {
  const auto ec = SigningKey::ec();
  const auto good = SigningKey::ed25519().jwk(R"("kid":"good")");
  const auto set =
      KeySet::from_jwks(
          jwks({ec.jwk(R"("kid":"enc","use":"enc")"), ec.jwk(R"("kid":"alg","alg":"ES384")"),
                ec.jwk(R"("kid":"ops","key_ops":["encrypt"])"), ec.jwk(R"("kid":"use","use":7)"),
                SigningKey::ec("P-384").jwk(R"("kid":"p384")"), SigningKey::rsa(1024).jwk(R"("kid":"small")"),
                R"({"kty":"oct","k":"c2hvcnQ"})", R"({"kty":"new","kid":"new"})", "7", "{}", good}))
          .value();
  EXPECT_NE(set->find("good"), nullptr);
  EXPECT_NE(set->find(""), nullptr) << "the others do not count";
  for (const auto* kid : {"enc", "alg", "ops", "use", "p384", "small", "new"})
    EXPECT_EQ(set->find(kid), nullptr) << kid;
}

TEST(KeySetFromJwks, broken_material_is_passed_over_and_none_left_is_the_error) {
  const auto off_curve = R"({"kty":"EC","crv":"P-256","x":")" + base::to_base64url(std::string(32, '\1')) +
                         R"(","y":")" + base::to_base64url(std::string(32, '\1')) + "\"}";
  const auto none =
      jwks({off_curve, R"({"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"})", R"({"kty":"RSA","n":"","e":"AQAB"})",
            R"({"kty":"RSA","n":"AQAB=","e":"AQAB"})", R"({"kty":"OKP","crv":"Ed25519","x":"AQ"})",
            R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
            R"({"kty":"RSA","n":")" + std::string(20'000, 'A') + R"(","e":"AQAB"})"});
  EXPECT_NE(refusal(KeySet::from_jwks(none)).find("none of the JWKS's 7 keys"), std::string::npos);
  EXPECT_FALSE(KeySet::from_jwks(jwks({})));
}

TEST(KeySetFromJwks, an_rsa_key_whose_exponent_lets_everybody_sign_is_passed_over) {
  auto jwk = SigningKey::rsa().jwk();
  const std::string_view usual = R"("e":"AQAB")";
  jwk.replace(jwk.find(usual), usual.size(), R"("e":"AQ")");
  EXPECT_FALSE(KeySet::from_jwks(jwks({jwk})));
}

TEST(KeySetFromJwks, two_keys_with_one_kid_are_refused) {
  const auto twice = jwks({SigningKey::ec().jwk(R"("kid":"a")"), SigningKey::ed25519().jwk(R"("kid":"a")")});
  EXPECT_NE(refusal(KeySet::from_jwks(twice)).find("same kid"), std::string::npos);
}

TEST(KeySetFromJwks, what_is_no_jwks_is_refused) {
  for (const auto* text : {"", "{", "[]", "7", "{}", R"({"keys":{}})", R"({"keys":7})"}) {
    EXPECT_FALSE(KeySet::from_jwks(text)) << text;
  }
  EXPECT_FALSE(KeySet::from_jwks(std::string(10'000'000, ' ')));
  EXPECT_FALSE(KeySet::from_jwks(R"({"keys":)" + std::string(1000, '[') + std::string(1000, ']') + "}"));
}

}  // namespace
}  // namespace auth
