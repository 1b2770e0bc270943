#include "base/error.hpp"

namespace base {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::unauthenticated:
      return "UNAUTHENTICATED";
    case Errc::token_expired:
      return "TOKEN_EXPIRED";
    case Errc::too_many_connections:
      return "TOO_MANY_CONNECTIONS";
    case Errc::validation_failed:
      return "VALIDATION_FAILED";
    case Errc::invalid_content:
      return "INVALID_CONTENT";
    case Errc::unknown_event:
      return "UNKNOWN_EVENT";
    case Errc::conversation_not_found:
      return "CONVERSATION_NOT_FOUND";
    case Errc::not_connected:
      return "NOT_CONNECTED";
    case Errc::idempotency_mismatch:
      return "IDEMPOTENCY_MISMATCH";
    case Errc::cursor_invalid:
      return "CURSOR_INVALID";
    case Errc::resync_required:
      return "RESYNC_REQUIRED";
    case Errc::rate_limited:
      return "RATE_LIMITED";
    case Errc::authz_unavailable:
      return "AUTHZ_UNAVAILABLE";
    case Errc::storage_unavailable:
      return "STORAGE_UNAVAILABLE";
    case Errc::server_draining:
      return "SERVER_DRAINING";
    case Errc::overloaded:
      return "OVERLOADED";
    case Errc::internal:
      return "INTERNAL";
  }
  return "INTERNAL";
}

std::string_view safe_message(Errc code) noexcept {
  switch (code) {
    case Errc::unauthenticated:
      return "the token is missing or not valid";
    case Errc::token_expired:
      return "the token has expired";
    case Errc::too_many_connections:
      return "too many connections for this user";
    case Errc::validation_failed:
      return "the payload does not have the documented form";
    case Errc::invalid_content:
      return "the content holds characters that are not allowed";
    case Errc::unknown_event:
      return "there is no such event";
    case Errc::conversation_not_found:
      return "there is no such conversation for this user";
    case Errc::not_connected:
      return "the users are not first-degree connections";
    case Errc::idempotency_mismatch:
      return "this clientMessageId was used for another message";
    case Errc::cursor_invalid:
      return "the cursor is not valid here";
    case Errc::resync_required:
      return "the offset cannot be continued from; reload the inbox";
    case Errc::rate_limited:
      return "too many requests; try again later";
    case Errc::authz_unavailable:
      return "whether the users are connected cannot be decided now; try again later";
    case Errc::storage_unavailable:
      return "the storage cannot be reached now; try again later";
    case Errc::server_draining:
      return "the server is shutting down; connect again";
    case Errc::overloaded:
      return "the server is overloaded; try again later";
    case Errc::internal:
      return "internal error";
  }
  return "internal error";
}

}  // namespace base
