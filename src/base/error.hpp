// The one vocabulary of expected failures. Every layer returns Result<T>; each edge (Socket.IO, gRPC, HTTP) translates
// an Errc in one exhaustive switch. A failure is handled or returned, never both.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace base {

// The closed list of codes that clients see. The names on the wire are those of to_string().
enum class Errc : std::uint8_t {
  unauthenticated,
  token_expired,
  too_many_connections,
  validation_failed,
  invalid_content,
  unknown_event,
  conversation_not_found,
  not_connected,
  idempotency_mismatch,
  cursor_invalid,
  resync_required,
  // From here on the same request may succeed later.
  rate_limited,
  authz_unavailable,
  storage_unavailable,
  server_draining,
  overloaded,
  internal,
};

// "VALIDATION_FAILED" and so on; stable, part of the contract.
[[nodiscard]] std::string_view to_string(Errc code) noexcept;

// True where the client may send the same request again and may succeed.
[[nodiscard]] constexpr bool is_retryable(Errc code) noexcept {
  return code >= Errc::rate_limited;
}

// A sentence that is safe to show to a client: it never holds input, content, tokens or names of internals.
[[nodiscard]] std::string_view safe_message(Errc code) noexcept;

struct Error {
  Errc code = Errc::internal;
  // For the log alone; never sent to a client.
  std::string detail{};
  // The payload's member that was wrong; a string literal, empty where no single member was.
  std::string_view field{};
  // With Errc::rate_limited: when trying again makes sense.
  std::optional<std::chrono::milliseconds> retry_after{};
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string detail = {}) {
  return std::unexpected(Error{.code = code, .detail = std::move(detail)});
}

[[nodiscard]] inline std::unexpected<Error> invalid_field(std::string_view field, std::string detail = {}) {
  return std::unexpected(Error{.code = Errc::validation_failed, .detail = std::move(detail), .field = field});
}

// Passes another call's failure on: `if (!page) return base::forward(page);`
template <class T>
[[nodiscard]] std::unexpected<Error> forward(Result<T>& failed) {
  return std::unexpected(std::move(failed.error()));
}

}  // namespace base
