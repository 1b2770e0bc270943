#include "engineio/sid.hpp"

#include <array>
#include <cstdint>

#include "base/base64.hpp"
#include "base/random.hpp"

namespace engineio {
namespace {

using Bytes = std::array<std::uint8_t, 15>;
static_assert(base::base64url_length(std::tuple_size_v<Bytes>) == sid_length);

}  // namespace

std::string make_sid(std::size_t thread_index) {
  Bytes bytes{};
  base::fill_random(bytes);
  bytes[0] = static_cast<std::uint8_t>(thread_index ^ bytes[1]);
  return base::to_base64url(bytes);
}

std::optional<std::size_t> thread_index_of(std::string_view sid) noexcept {
  Bytes bytes{};
  if (!base::decode_base64url_into(sid, bytes)) return std::nullopt;
  return std::size_t{bytes[0]} ^ bytes[1];
}

}  // namespace engineio
