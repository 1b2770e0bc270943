#include "app/jwks_watch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "auth/jwt_signer.hpp"
#include "auth/key_set.hpp"
#include "base/base64.hpp"
#include "base/manual_executor.hpp"

namespace app {
namespace {

using namespace std::chrono_literals;

std::string jwks(const std::string& secret) {
  return R"({"keys":[{"kty":"oct","k":")" + base::to_base64url(secret) + "\"}]}";
}

struct JwksWatchTest : testing::Test {
  const std::string old_secret = std::string(32, 'o');
  const std::string new_secret = std::string(32, 'n');
  const std::string path =
      (std::filesystem::temp_directory_path() / ("messagingd-jwks-" + std::to_string(::getpid()) + ".json")).string();
  std::filesystem::file_time_type written_at = std::filesystem::file_time_type::clock::now();
  base::ManualClock clock;
  base::ManualExecutor executor{clock};

  JwksWatchTest() { write(jwks(old_secret)); }
  ~JwksWatchTest() override { std::filesystem::remove(path); }

  // Each time one second later, so that a change shows however coarse the file system's clock is.
  void write(const std::string& text) {
    std::ofstream(path) << text;
    written_at += 1s;
    std::filesystem::last_write_time(path, written_at);
  }
  [[nodiscard]] bool accepts(const auth::JwtVerifier& verifier, const std::string& secret) const {
    return verifier.verify(auth::sign_hs256(secret, {.subject = "alice", .issued_at = clock.system_now()})).has_value();
  }
};

TEST_F(JwksWatchTest, AFileWithAnotherKey_ReplacesTheKeysWithinASecond) {
  auth::JwtVerifier verifier(clock, {}, *auth::KeySet::from_jwks(jwks(old_secret)));
  JwksWatch watch(path, verifier);
  watch.start(executor);
  ASSERT_TRUE(accepts(verifier, old_secret));

  write(jwks(new_secret));
  executor.advance(1s);
  EXPECT_TRUE(accepts(verifier, new_secret));
  EXPECT_FALSE(accepts(verifier, old_secret));
}

TEST_F(JwksWatchTest, AFileThatIsNoKeySet_LeavesTheOldKeys) {
  auth::JwtVerifier verifier(clock, {}, *auth::KeySet::from_jwks(jwks(old_secret)));
  JwksWatch watch(path, verifier);
  write("{");
  watch.reload_if_changed();
  EXPECT_TRUE(accepts(verifier, old_secret));
}

}  // namespace
}  // namespace app
