#include "app/token_keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace app {
namespace {

struct TokenKeysTest : testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("messagingd-keys-" + std::to_string(::getpid()));
  ~TokenKeysTest() override { std::filesystem::remove_all(folder); }
};

TEST_F(TokenKeysTest, TheDevelopmentSecret_IsMadeOnceAndReadableByItsOwnerOnly) {
  const auto first = development_secret(folder.string());
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_EQ(first->size(), 64u);
  EXPECT_EQ(development_secret(folder.string()).value(), *first);
  struct stat info{};
  ASSERT_EQ(::stat((folder / "jwt.secret").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(TokenKeysTest, AKeyFileThatIsNotThere_IsNamed) {
  Config config;
  config.token_keys = PublicKeyFile{"/nowhere/key.pem"};
  const auto keys = load_token_keys(config);
  ASSERT_FALSE(keys);
  EXPECT_NE(keys.error().detail.find("/nowhere/key.pem"), std::string::npos);
}

}  // namespace
}  // namespace app
