// Arbitrary bytes as a token, and arbitrary bytes up to and behind a line break as the header and the claims of a token
// that is signed rightly, so that what stands behind the signature's check is reached too. Never a crash; never a user
// without the secret.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/jwt_signer.hpp"
#include "auth/jwt_verifier.hpp"
#include "auth/key_set.hpp"

namespace {
constexpr std::string_view secret = "a secret that the fuzzer does not find";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::ManualClock clock;
  static const auto keys = auth::KeySet::from_secret(secret).value();
  static const auth::JwtVerifier verifier(clock, {.issuer = "", .audience = "aud"}, keys);

  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (verifier.verify(input)) std::abort();

  const auto line_end = std::min(input.find('\n'), input.size());
  const auto claims = input.substr(std::min(line_end + 1, input.size()));
  const auto accepted = verifier.verify(auth::sign_hs256_parts(secret, input.substr(0, line_end), claims));
  if (accepted && accepted->user.str().empty()) std::abort();
  return 0;
}
