#include "answers.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "script.hpp"

namespace fake_connections {
namespace {

using Name = std::pair<std::string_view, grpc::StatusCode>;
constexpr auto names = std::to_array<Name>({
    {"yes", grpc::StatusCode::OK},
    {"no", grpc::StatusCode::OK},
    {"none", grpc::StatusCode::OK},
    {"CANCELLED", grpc::StatusCode::CANCELLED},
    {"UNKNOWN", grpc::StatusCode::UNKNOWN},
    {"INVALID_ARGUMENT", grpc::StatusCode::INVALID_ARGUMENT},
    {"DEADLINE_EXCEEDED", grpc::StatusCode::DEADLINE_EXCEEDED},
    {"NOT_FOUND", grpc::StatusCode::NOT_FOUND},
    {"ALREADY_EXISTS", grpc::StatusCode::ALREADY_EXISTS},
    {"PERMISSION_DENIED", grpc::StatusCode::PERMISSION_DENIED},
    {"RESOURCE_EXHAUSTED", grpc::StatusCode::RESOURCE_EXHAUSTED},
    {"FAILED_PRECONDITION", grpc::StatusCode::FAILED_PRECONDITION},
    {"ABORTED", grpc::StatusCode::ABORTED},
    {"OUT_OF_RANGE", grpc::StatusCode::OUT_OF_RANGE},
    {"UNIMPLEMENTED", grpc::StatusCode::UNIMPLEMENTED},
    {"INTERNAL", grpc::StatusCode::INTERNAL},
    {"UNAVAILABLE", grpc::StatusCode::UNAVAILABLE},
    {"DATA_LOSS", grpc::StatusCode::DATA_LOSS},
    {"UNAUTHENTICATED", grpc::StatusCode::UNAUTHENTICATED},
});

}  // namespace

std::optional<grpc::StatusCode> status_of(std::string_view name) {
  const auto* const found = std::ranges::find(names, name, &Name::first);
  if (found == names.end()) return std::nullopt;
  return found->second;
}

bool is_answer(std::string_view name) {
  return status_of(name).has_value();
}

}  // namespace fake_connections
