#include "rpc/authentication.hpp"

#include <gtest/gtest.h>

#include "rpc/test_service.hpp"

namespace rpc {
namespace {

using base::Errc;

class Authentication : public testing::Test {
 protected:
  TestService service;

  [[nodiscard]] base::Result<messaging::Caller> with(std::vector<std::string> values) const {
    const std::vector<std::string_view> views(values.begin(), values.end());
    return authenticate(views, service.verifier());
  }
};

TEST_F(Authentication, a_bearer_token_names_the_caller_and_goes_along) {
  const auto token = service.token("alice");
  const auto caller = with({"Bearer " + token});
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->user.str(), "alice");
  EXPECT_EQ(*caller->token, token);
  EXPECT_EQ(caller->device, "");
}

TEST_F(Authentication, the_scheme_is_read_in_any_case) {
  EXPECT_TRUE(with({"bearer " + service.token("alice")}));
  EXPECT_TRUE(with({"BEARER   " + service.token("alice")}));
}

TEST_F(Authentication, anything_else_than_one_bearer_token_is_unauthenticated) {
  const auto token = service.token("alice");
  for (const auto& values : std::vector<std::vector<std::string>>{{},
                                                                  {""},
                                                                  {"Bearer"},
                                                                  {"Bearer "},
                                                                  {token},
                                                                  {"Basic " + token},
                                                                  {"Bearer" + token},
                                                                  {"Bearer nonsense"},
                                                                  {"Bearer " + token + " "},
                                                                  {"Bearer " + token, "Bearer " + token}}) {
    const auto caller = with(values);
    ASSERT_FALSE(caller);
    EXPECT_EQ(caller.error().code, Errc::unauthenticated);
  }
}

TEST_F(Authentication, an_expired_token_is_said_to_be_expired) {
  const auto caller = with({"Bearer " + service.token("alice", base::seconds(-30))});
  ASSERT_FALSE(caller);
  EXPECT_EQ(caller.error().code, Errc::token_expired);
}

}  // namespace
}  // namespace rpc
