// What an attacker who has no key would send.
#include <gtest/gtest.h>

#include "auth/jwt_signer.hpp"
#include "auth/jwt_verifier.hpp"
#include "auth/key_set.hpp"
#include "auth/test_keys.hpp"
#include "base/base64.hpp"

namespace auth {
namespace {

constexpr std::string_view secret = "0123456789abcdef0123456789abcdef";
constexpr std::string_view header = R"({"alg":"HS256"})";
constexpr std::string_view claims = R"({"sub":"alice","exp":1800000000})";

class JwtAttack : public testing::Test {
 protected:
  base::ManualClock clock;
  JwtVerifier verifier{clock, {}, KeySet::from_secret(secret).value()};
  std::string token = sign_hs256_parts(secret, header, claims);

  static void expect_refused(const JwtVerifier& by, std::string_view presented, std::string_view check) {
    const auto result = by.verify(presented);
    ASSERT_FALSE(result) << presented;
    EXPECT_EQ(result.error().code, base::Errc::unauthenticated);
    EXPECT_TRUE(result.error().detail.starts_with(check)) << presented << ": " << result.error().detail;
  }
  [[nodiscard]] static std::string unsigned_token(std::string_view alg) {
    return base::to_base64url(R"({"alg":")" + std::string(alg) + R"("})") + '.' + base::to_base64url(claims) + '.';
  }
};

TEST_F(JwtAttack, the_token_that_the_attacks_start_from_is_good) {
  EXPECT_TRUE(verifier.verify(token));
}

TEST_F(JwtAttack, a_public_key_used_as_an_hmac_secret_is_refused) {
  const auto rsa = SigningKey::rsa();
  const JwtVerifier by_rsa(clock, {}, KeySet::from_pem(rsa.public_pem()).value());
  ASSERT_TRUE(by_rsa.verify(rsa.sign(R"({"alg":"RS256"})", claims)));
  expect_refused(by_rsa, sign_hs256_parts(rsa.public_pem(), header, claims), "alg");
  expect_refused(by_rsa, sign_hs256_parts(rsa.public_pem(), R"({"alg":"RS256"})", claims), "signature");
}

TEST_F(JwtAttack, alg_none_in_any_spelling_is_refused) {
  for (const auto* alg : {"none", "None", "NONE", "nOnE", ""}) {
    expect_refused(verifier, unsigned_token(alg), "token");
    expect_refused(verifier, unsigned_token(alg) + "AA", "alg");
    expect_refused(verifier, unsigned_token(alg) + token.substr(token.rfind('.') + 1), "alg");
  }
}

TEST_F(JwtAttack, an_algorithm_other_than_the_keys_is_refused_though_the_signature_fits) {
  for (const auto* other : {R"({"alg":"HS384"})", R"({"alg":"hs256"})", R"({"alg":"HS256 "})", R"({"alg":"RS256"})",
                            R"({"alg":["HS256"]})", R"({"alg":null})", R"({"typ":"JWT"})", "{}"}) {
    expect_refused(verifier, sign_hs256_parts(secret, other, claims), "alg");
  }
}

TEST_F(JwtAttack, es256_is_refused_in_der_and_with_another_key) {
  const auto ec = SigningKey::ec();
  const JwtVerifier by_ec(clock, {}, KeySet::from_pem(ec.public_pem()).value());
  ASSERT_TRUE(by_ec.verify(ec.sign(R"({"alg":"ES256"})", claims)));
  expect_refused(by_ec, SigningKey::ec().sign(R"({"alg":"ES256"})", claims), "signature");
  expect_refused(by_ec, SigningKey::ed25519().sign(R"({"alg":"ES256"})", claims), "signature");
  // r = s = 0: accepted by verifiers that do not check the range (CVE-2022-21449).
  const auto text = base::to_base64url(R"({"alg":"ES256"})") + '.' + base::to_base64url(claims) + '.';
  expect_refused(by_ec, text + base::to_base64url(std::string(64, '\0')), "signature");
}

TEST_F(JwtAttack, ed25519_is_accepted_from_its_own_key_alone) {
  const auto key = SigningKey::ed25519();
  const JwtVerifier by_key(clock, {}, KeySet::from_pem(key.public_pem()).value());
  EXPECT_TRUE(by_key.verify(key.sign(R"({"alg":"EdDSA"})", claims)));
  expect_refused(by_key, SigningKey::ed25519().sign(R"({"alg":"EdDSA"})", claims), "signature");
  expect_refused(by_key, key.sign(R"({"alg":"Ed25519"})", claims), "alg");
}

TEST_F(JwtAttack, crit_is_refused_whatever_it_lists) {
  for (const auto* other : {R"({"alg":"HS256","crit":["b64"],"b64":false})", R"({"alg":"HS256","crit":[]})",
                            R"({"alg":"HS256","crit":null})"}) {
    expect_refused(verifier, sign_hs256_parts(secret, other, claims), "crit");
  }
}

TEST_F(JwtAttack, a_kid_that_is_no_string_is_refused) {
  expect_refused(verifier, sign_hs256_parts(secret, R"({"alg":"HS256","kid":7})", claims), "kid");
}

TEST_F(JwtAttack, keys_that_the_header_brings_along_are_ignored) {
  const auto own = SigningKey::rsa();
  const JwtVerifier by_rsa(clock, {}, KeySet::from_pem(SigningKey::rsa().public_pem()).value());
  expect_refused(by_rsa, own.sign(R"({"alg":"RS256","jwk":)" + own.jwk() + "}", claims), "signature");
}

TEST_F(JwtAttack, a_token_cut_short_at_any_place_is_refused) {
  for (std::size_t length = 0; length < token.size(); ++length) {
    EXPECT_FALSE(verifier.verify(token.substr(0, length))) << length;
  }
}

TEST_F(JwtAttack, any_changed_character_is_refused) {
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'B', '_', '=', '.', ' ', '\n', '\0', '\xff'}) {
      auto changed = token;
      if (changed[i] == c) continue;
      changed[i] = c;
      EXPECT_FALSE(verifier.verify(changed)) << i;
    }
  }
}

TEST_F(JwtAttack, what_is_added_around_a_token_is_refused) {
  for (const auto& changed :
       {token + ".", "." + token, token + ".AAAA", token + "=", token + "A", token + " ", " " + token, token + "\n",
        token + std::string(1, '\0'), "Bearer " + token, token + "." + token}) {
    EXPECT_FALSE(verifier.verify(changed)) << changed;
  }
}

TEST_F(JwtAttack, trailing_bits_of_the_signature_cannot_be_chosen) {
  // 32 bytes are 43 characters, of which the last carries two bits that have to be zero.
  auto changed = token;
  const std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  changed.back() = alphabet[alphabet.find(changed.back()) + 1];
  expect_refused(verifier, changed, "signature: not base64url");
}

TEST_F(JwtAttack, a_token_without_content_is_refused) {
  for (const auto* empty : {"", ".", "..", "...", "a.b.c", "e30.e30.", ".e30.e30", "e30..e30"}) {
    expect_refused(verifier, empty, "");
  }
}

TEST_F(JwtAttack, a_header_that_is_no_object_is_refused) {
  for (const auto* other : {"[]", "null", "7", R"("HS256")", "{", "\xff"}) {
    expect_refused(verifier, sign_hs256_parts(secret, other, claims), "header");
  }
}

TEST_F(JwtAttack, deep_nesting_is_refused) {
  const auto deep = R"({"alg":"HS256","x":)" + std::string(2000, '[') + std::string(2000, ']') + "}";
  expect_refused(verifier, sign_hs256_parts(secret, deep, claims), "header");
}

TEST_F(JwtAttack, the_size_is_bounded_before_anything_is_parsed) {
  const auto padded = [&](std::size_t bytes) {
    return sign_hs256_parts(secret, header,
                            R"({"sub":"alice","exp":1800000000,"x":")" + std::string(bytes, 'x') + "\"}");
  };
  EXPECT_TRUE(verifier.verify(padded(6000)));
  ASSERT_GT(padded(6200).size(), JwtVerifier::token_bytes_max);
  expect_refused(verifier, padded(6200), "token: too long");
  expect_refused(verifier, std::string(10'000'000, '.'), "token: too long");
  expect_refused(verifier, std::string(JwtVerifier::token_bytes_max, '.'), "token: not three parts");
}

TEST_F(JwtAttack, the_error_never_holds_the_token) {
  const auto result = verifier.verify(sign_hs256_parts("another secret of more than 32 bytes", header, claims));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail.find("alice"), std::string::npos);
  EXPECT_EQ(result.error().detail.find(base::to_base64url(claims)), std::string::npos);
}

}  // namespace
}  // namespace auth
