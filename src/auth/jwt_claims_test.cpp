#include <gtest/gtest.h>

#include "auth/jwt_signer.hpp"
#include "auth/jwt_verifier.hpp"
#include "auth/key_set.hpp"

namespace auth {
namespace {

using base::Errc;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view secret = "0123456789abcdef0123456789abcdef";
constexpr std::string_view header = R"({"alg":"HS256"})";

class JwtClaims : public testing::Test {
 protected:
  // The clock stands at 1 700 000 000.
  base::ManualClock clock;
  std::shared_ptr<const KeySet> keys = KeySet::from_secret(secret).value();
  JwtVerifier verifier{clock, {}, keys};

  [[nodiscard]] base::Result<Claims> verify(std::string_view claims) const {
    return verifier.verify(sign_hs256_parts(secret, header, claims));
  }
  void expect_refused(std::string_view claims, std::string_view check) const {
    const auto result = verify(claims);
    ASSERT_FALSE(result) << claims;
    EXPECT_EQ(result.error().code, Errc::unauthenticated) << claims;
    EXPECT_TRUE(result.error().detail.starts_with(check)) << claims << ": " << result.error().detail;
  }
};

TEST_F(JwtClaims, a_minted_token_names_its_user_and_expiry) {
  const auto claims =
      verifier.verify(sign_hs256(secret, {.subject = "alice", .issued_at = clock.system_now(), .ttl = seconds(60)}));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->user.str(), "alice");
  EXPECT_EQ(claims->expires_at, clock.system_now() + seconds(60));
}

TEST_F(JwtClaims, expiry_counts_from_exp_plus_leeway_to_the_millisecond) {
  const auto token = sign_hs256(secret, {.subject = "alice", .issued_at = clock.system_now(), .ttl = seconds(60)});
  clock.advance(seconds(60 + 30) - milliseconds(1));
  EXPECT_TRUE(verifier.verify(token));
  clock.advance(milliseconds(1));
  const auto late = verifier.verify(token);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::token_expired);
}

TEST_F(JwtClaims, an_expired_token_with_another_fault_is_unauthenticated) {
  expect_refused(R"({"exp":1600000000})", "sub");
  expect_refused(R"({"sub":"alice","exp":1600000000,"nbf":1800000000})", "nbf");
}

TEST_F(JwtClaims, exp_is_required_and_a_number) {
  expect_refused(R"({"sub":"alice"})", "exp");
  expect_refused(R"({"sub":"alice","exp":"1800000000"})", "exp");
  expect_refused(R"({"sub":"alice","exp":null})", "exp");
  expect_refused(R"({"sub":"alice","exp":true})", "exp");
  expect_refused(R"({"sub":"alice","exp":[1800000000]})", "exp");
}

TEST_F(JwtClaims, exp_may_have_decimals) {
  const auto claims = verify(R"({"sub":"alice","exp":1700000060.25})");
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->expires_at, clock.system_now() + milliseconds(60'250));
  EXPECT_TRUE(verify(R"({"sub":"alice","exp":1.8e9})"));
}

TEST_F(JwtClaims, an_absurd_exp_is_refused) {
  expect_refused(R"({"sub":"alice","exp":-1})", "exp");
  expect_refused(R"({"sub":"alice","exp":1700000060000})", "exp");
  expect_refused(R"({"sub":"alice","exp":9223372036854775807})", "exp");
  expect_refused(R"({"sub":"alice","exp":18446744073709551615})", "exp");
  expect_refused(R"({"sub":"alice","exp":99999999999999999999999999})", "exp");
  expect_refused(R"({"sub":"alice","exp":1e308})", "exp");
  EXPECT_FALSE(verify(R"({"sub":"alice","exp":1e999})"));
  EXPECT_FALSE(verify(R"({"sub":"alice","exp":NaN})"));
  EXPECT_FALSE(verify(R"({"sub":"alice","exp":Infinity})"));
}

TEST_F(JwtClaims, nbf_and_iat_may_lie_ahead_by_the_leeway) {
  EXPECT_TRUE(verify(R"({"sub":"alice","exp":1700000060,"nbf":1700000030})"));
  expect_refused(R"({"sub":"alice","exp":1700000060,"nbf":1700000031})", "nbf");
  expect_refused(R"({"sub":"alice","exp":1700000060,"nbf":1700000030.001})", "nbf");
  EXPECT_TRUE(verify(R"({"sub":"alice","exp":1700000060,"iat":1700000030})"));
  expect_refused(R"({"sub":"alice","exp":1700000060,"iat":1700000031})", "iat");
  expect_refused(R"({"sub":"alice","exp":1700000060,"nbf":"now"})", "nbf");
  expect_refused(R"({"sub":"alice","exp":1700000060,"iat":{}})", "iat");
}

TEST_F(JwtClaims, sub_is_a_user_id) {
  expect_refused(R"({"exp":1700000060})", "sub");
  expect_refused(R"({"sub":"","exp":1700000060})", "sub");
  expect_refused(R"({"sub":7,"exp":1700000060})", "sub");
  expect_refused(R"({"sub":"two words","exp":1700000060})", "sub");
  expect_refused(R"({"sub":"a\u0000b","exp":1700000060})", "sub");
  expect_refused(R"({"sub":")" + std::string(129, 'a') + R"(","exp":1700000060})", "sub");
  EXPECT_TRUE(verify(R"({"sub":")" + std::string(128, 'a') + R"(","exp":1700000060})"));
}

TEST_F(JwtClaims, of_duplicate_members_the_last_counts) {
  const auto claims = verify(R"({"sub":"alice","exp":1700000060,"sub":"bob"})");
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->user.str(), "bob");
}

TEST_F(JwtClaims, claims_that_are_no_object_are_refused) {
  for (const auto* claims : {"", "[]", "null", R"("alice")", "{", R"({"sub":"alice"} x)", "{\"sub\":\"\xff\"}"}) {
    EXPECT_FALSE(verify(claims)) << claims;
  }
  expect_refused(R"({"sub":"alice","exp":1700000060,"deep":[[[[[[[[[[]]]]]]]]]]})", "claims");
}

TEST_F(JwtClaims, the_issuer_is_compared_exactly_where_one_is_expected) {
  const JwtVerifier strict(clock, {.issuer = "https://id.example"}, keys);
  const auto with = [&](std::string_view member) {
    const std::string claims = R"({"sub":"alice","exp":1700000060)" + std::string(member) + "}";
    return strict.verify(sign_hs256_parts(secret, header, claims)).has_value();
  };
  EXPECT_TRUE(with(R"(,"iss":"https://id.example")"));
  EXPECT_FALSE(with(R"(,"iss":"https://id.example/")"));
  EXPECT_FALSE(with(R"(,"iss":["https://id.example"])"));
  EXPECT_FALSE(with(""));
}

TEST_F(JwtClaims, the_audience_is_one_string_or_one_of_several) {
  const JwtVerifier strict(clock, {.audience = "chat"}, keys);
  const auto with = [&](std::string_view member) {
    const std::string claims = R"({"sub":"alice","exp":1700000060)" + std::string(member) + "}";
    return strict.verify(sign_hs256_parts(secret, header, claims)).has_value();
  };
  EXPECT_TRUE(with(R"(,"aud":"chat")"));
  EXPECT_TRUE(with(R"(,"aud":["mail","chat"])"));
  EXPECT_FALSE(with(R"(,"aud":"mail")"));
  EXPECT_FALSE(with(R"(,"aud":["mail"])"));
  EXPECT_FALSE(with(R"(,"aud":[])"));
  EXPECT_FALSE(with(R"(,"aud":["chat",7])"));
  EXPECT_FALSE(with(R"(,"aud":{"chat":true})"));
  EXPECT_FALSE(with(""));
}

}  // namespace
}  // namespace auth
