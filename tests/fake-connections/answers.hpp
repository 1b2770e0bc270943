// The names of answers, as a script has them, and what they are to gRPC.
#pragma once

#include <grpcpp/support/status.h>

#include <optional>
#include <string_view>

namespace fake_connections {

// The status of an answer's call: OK for "yes", "no" and "none". Nothing where there is no such answer.
[[nodiscard]] std::optional<grpc::StatusCode> status_of(std::string_view name);

}  // namespace fake_connections
