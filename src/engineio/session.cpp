#include "engineio/session.hpp"

namespace engineio {

std::string_view to_string(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::transport_close:
      return "transport close";
    case CloseReason::transport_error:
      return "transport error";
    case CloseReason::ping_timeout:
      return "ping timeout";
    case CloseReason::parse_error:
      return "parse error";
    case CloseReason::forced_close:
      return "forced close";
    case CloseReason::slow_consumer:
      return "slow consumer";
    case CloseReason::server_shutdown:
      return "server shutting down";
  }
  return "forced close";
}

}  // namespace engineio
