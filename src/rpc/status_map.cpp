#include "rpc/status_map.hpp"

#include <grpcpp/support/status.h>

#include <string>

#include "base/log.hpp"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace rpc {
namespace {

using base::Errc;

grpc::StatusCode status_code_of(Errc code) noexcept {
  switch (code) {
    case Errc::unauthenticated:
    case Errc::token_expired:
      return grpc::StatusCode::UNAUTHENTICATED;
    case Errc::validation_failed:
    case Errc::invalid_content:
    case Errc::cursor_invalid:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case Errc::conversation_not_found:
      return grpc::StatusCode::NOT_FOUND;
    case Errc::not_connected:
      return grpc::StatusCode::PERMISSION_DENIED;
    case Errc::idempotency_mismatch:
      return grpc::StatusCode::ALREADY_EXISTS;
    case Errc::resync_required:
      return grpc::StatusCode::OUT_OF_RANGE;
    case Errc::rate_limited:
    case Errc::overloaded:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Errc::authz_unavailable:
    case Errc::storage_unavailable:
    case Errc::server_draining:
      return grpc::StatusCode::UNAVAILABLE;
    case Errc::internal:
      return grpc::StatusCode::INTERNAL;
    // Said of sockets and their events; no call ends in them.
    case Errc::too_many_connections:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Errc::unknown_event:
      return grpc::StatusCode::UNIMPLEMENTED;
  }
  return grpc::StatusCode::INTERNAL;
}

google::rpc::ErrorInfo error_info_of(const base::Error& error) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(base::to_string(error.code)));
  info.set_domain("messaging");
  auto& metadata = *info.mutable_metadata();
  if (!error.field.empty()) metadata["field"] = std::string(error.field);
  if (error.retry_after) metadata["retryAfterMs"] = std::to_string(error.retry_after->count());
  return info;
}

}  // namespace

grpc::Status to_status(const base::Error& error) {
  const auto code = status_code_of(error.code);
  const std::string message(base::safe_message(error.code));
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(message);
  // The type URL becomes type.googleapis.com/google.rpc.ErrorInfo.
  details.add_details()->PackFrom(error_info_of(error));
  return grpc::Status(code, message, details.SerializeAsString());
}

grpc::Status refusal_of(std::string_view method, const base::Error& error) {
  const bool is_bug = error.code == Errc::internal;
  base::log::write(is_bug ? base::log::Level::error : base::log::Level::debug, is_bug ? "rpc.failed" : "rpc.refused",
                   {{"method", method}, {"code", base::to_string(error.code)}, {"detail", error.detail}});
  return to_status(error);
}

}  // namespace rpc
