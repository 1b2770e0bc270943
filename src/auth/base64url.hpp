// base64url without padding (RFC 4648, section 5; RFC 7515, section 2): the form of a token's parts and of a JWK's
// numbers. Strict, so that one value has one text: a token whose last character was changed without changing its bytes
// is refused. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace auth {

// Nothing for padding, white space, characters outside the alphabet, an impossible length, or trailing bits that are
// not zero.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

[[nodiscard]] std::string encode_base64url(std::string_view bytes);

}  // namespace auth
