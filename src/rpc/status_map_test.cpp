#include "rpc/status_map.hpp"

#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace rpc {
namespace {

using base::Errc;

google::rpc::ErrorInfo error_info_of(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_TRUE(details.details(0).UnpackTo(&info));
  return info;
}

TEST(StatusMap, every_code_has_the_status_of_the_contract) {
  const std::pair<Errc, int> expected[] = {
      {Errc::unauthenticated, 16},     {Errc::token_expired, 16},       {Errc::validation_failed, 3},
      {Errc::invalid_content, 3},      {Errc::cursor_invalid, 3},       {Errc::conversation_not_found, 5},
      {Errc::not_connected, 7},        {Errc::idempotency_mismatch, 6}, {Errc::resync_required, 11},
      {Errc::rate_limited, 8},         {Errc::overloaded, 8},           {Errc::authz_unavailable, 14},
      {Errc::storage_unavailable, 14}, {Errc::server_draining, 14},     {Errc::internal, 13},
  };
  for (const auto& [code, status] : expected) {
    EXPECT_EQ(to_status({.code = code}).error_code(), status) << base::to_string(code);
  }
}

TEST(StatusMap, the_details_repeat_the_status_and_name_the_code) {
  const auto status = to_status({.code = Errc::not_connected});
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), 7);
  EXPECT_EQ(details.message(), status.error_message());
  const auto info = error_info_of(status);
  EXPECT_EQ(info.reason(), "NOT_CONNECTED");
  EXPECT_EQ(info.domain(), "messaging");
  EXPECT_TRUE(info.metadata().empty());
}

TEST(StatusMap, field_and_waiting_time_are_metadata_where_they_are_known) {
  const auto field = error_info_of(to_status({.code = Errc::validation_failed, .field = "limit"}));
  EXPECT_EQ(field.metadata().at("field"), "limit");
  const auto wait = error_info_of(to_status({.code = Errc::rate_limited, .retry_after = base::milliseconds(250)}));
  EXPECT_EQ(wait.metadata().at("retryAfterMs"), "250");
}

TEST(StatusMap, the_detail_stays_here) {
  const auto status = to_status({.code = Errc::internal, .detail = "table Message is gone"});
  EXPECT_EQ(status.error_message(), base::safe_message(Errc::internal));
  EXPECT_EQ(status.error_details().find("table"), std::string::npos);
}

// The bytes as the public specification defines them, so that our own .proto files cannot agree on a mistake.
TEST(StatusMap, the_details_have_the_wire_form_of_google_rpc) {
  google::rpc::ErrorInfo info;
  info.set_reason("R");
  info.set_domain("D");
  (*info.mutable_metadata())["k"] = "v";
  EXPECT_EQ(info.SerializeAsString(),
            "\x0a\x01R\x12\x01"
            "D\x1a\x06\x0a\x01k\x12\x01v");
  google::rpc::Status status;
  status.set_code(3);
  status.set_message("M");
  status.add_details()->set_value("V");
  EXPECT_EQ(status.SerializeAsString(), "\x08\x03\x12\x01M\x1a\x03\x12\x01V");
}

}  // namespace
}  // namespace rpc
