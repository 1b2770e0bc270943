// How a failure looks to a gRPC client: one status code for each Errc, a sentence that is safe to show, and a
// google.rpc.ErrorInfo with the stable code, for programs to act on. The gRPC edge's only translation of Errc. Any
// thread.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace grpc {
class Status;
}

namespace rpc {

// The ErrorInfo: reason = base::to_string(code), domain = "messaging"; metadata `field` and `retryAfterMs` where the
// error has them. It travels in grpc-status-details-bin, as a google.rpc.Status. error.detail does not leave the
// process.
[[nodiscard]] grpc::Status to_status(const base::Error& error);

// to_status() for the end of a call, with the one log line about it: `rpc.failed` for a bug, `rpc.refused` (debug) for
// the rest.
[[nodiscard]] grpc::Status refusal_of(std::string_view method, const base::Error& error);

}  // namespace rpc
