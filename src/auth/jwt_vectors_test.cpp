// The examples of RFC 7515, appendix A, and RFC 8037, appendix A. Their claims name no `sub`, so they are held against
// the keys and not against JwtVerifier.
#include <gtest/gtest.h>

#include <string>

#include "auth/key_set.hpp"
#include "auth/verification_key.hpp"
#include "base/base64.hpp"

namespace auth {
namespace {

constexpr std::string_view claims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

struct Vector {
  std::string_view name;
  Algorithm algorithm;
  std::string_view jwk;
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

const Vector vectors[] = {
    {"rfc7515_a1", Algorithm::hs256,
     R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})",
     "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", claims, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
    {"rfc7515_a2", Algorithm::rs256,
     R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-)"
     R"(yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2)"
     R"(R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FR)"
     R"(WyuXpoQ","e":"AQAB"})",
     "eyJhbGciOiJSUzI1NiJ9", claims,
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
     "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQ"
     "jbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
     "eOkHWEsqt"
     "FZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
    {"rfc7515_a3", Algorithm::es256,
     R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
     "eyJhbGciOiJFUzI1NiJ9", claims,
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    {"rfc8037_a4", Algorithm::eddsa,
     R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})", "eyJhbGciOiJFZERTQSJ9",
     "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
};

class JwtVector : public testing::TestWithParam<Vector> {
 protected:
  const std::shared_ptr<const KeySet> keys =
      KeySet::from_jwks(R"({"keys":[)" + std::string(GetParam().jwk) + "]}").value();
  const VerificationKey& key = *keys->find("");
  const std::string signed_text = std::string(GetParam().header) + '.' + std::string(GetParam().payload);
  const std::string signature = base::decode_base64url(GetParam().signature).value();
};

TEST_P(JwtVector, is_accepted_by_its_key) {
  EXPECT_EQ(key.algorithm(), GetParam().algorithm);
  EXPECT_TRUE(key.accepts(signed_text, signature));
}

TEST_P(JwtVector, with_any_bit_of_the_signature_turned_is_refused) {
  for (std::size_t i = 0; i < signature.size(); ++i) {
    auto turned = signature;
    turned[i] = static_cast<char>(turned[i] ^ 1 << i % 8);
    EXPECT_FALSE(key.accepts(signed_text, turned)) << "byte " << i;
  }
}

TEST_P(JwtVector, with_another_text_is_refused) {
  EXPECT_FALSE(key.accepts(signed_text + 'A', signature));
  EXPECT_FALSE(key.accepts(signed_text.substr(1), signature));
  EXPECT_FALSE(key.accepts("", signature));
}

TEST_P(JwtVector, with_a_signature_of_another_length_is_refused) {
  EXPECT_FALSE(key.accepts(signed_text, ""));
  EXPECT_FALSE(key.accepts(signed_text, signature.substr(1)));
  EXPECT_FALSE(key.accepts(signed_text, signature.substr(0, signature.size() - 1)));
  EXPECT_FALSE(key.accepts(signed_text, signature + '\0'));
  EXPECT_FALSE(key.accepts(signed_text, std::string(signature.size(), '\0')));
}

INSTANTIATE_TEST_SUITE_P(Rfc, JwtVector, testing::ValuesIn(vectors),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace auth
