// The Engine.IO session id: 15 bytes as 20 characters of base64url, as long as the reference server's. All of them are
// random but the first, which says (mixed with the second, so that ids of one thread do not look alike) which thread
// holds the session: any thread can send a request to the right one without a map that all share. A secret: whoever
// knows it can use the session.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace engineio {

inline constexpr std::size_t sid_length = 20;
// What the byte has room for.
inline constexpr std::size_t sid_threads_max = 256;

// Precondition: thread_index < sid_threads_max.
[[nodiscard]] std::string make_sid(std::size_t thread_index);

// The index that make_sid() was given; nothing where the text cannot be a sid. Any text may claim any index.
[[nodiscard]] std::optional<std::size_t> thread_index_of(std::string_view sid) noexcept;

}  // namespace engineio
