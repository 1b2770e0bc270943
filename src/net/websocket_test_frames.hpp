// Frames as a client sends them, for tests: also those that no client may send.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace net::websocket {

struct ClientFrame {
  unsigned first_byte = 0x81;  // FIN and text
  bool is_masked = true;
  // How the length is written: 0 is the shortest form, else the count of extension bytes (2, 8), or 1 for none.
  unsigned length_form = 0;
  // Written instead of the payload's own length.
  std::uint64_t claimed_length = UINT64_MAX;
};

inline std::string client_frame(std::string_view payload, ClientFrame frame = {}) {
  constexpr std::string_view mask("\x37\xfa\x21\x3d", 4);
  const std::uint64_t length = frame.claimed_length == UINT64_MAX ? payload.size() : frame.claimed_length;
  unsigned form = frame.length_form;
  if (form == 0) form = length < 126 ? 1 : length <= 0xffff ? 2 : 8;
  const unsigned mask_bit = frame.is_masked ? 0x80 : 0;
  std::string out(1, static_cast<char>(frame.first_byte));
  out += static_cast<char>(mask_bit | (form == 1 ? static_cast<unsigned>(length) : form == 2 ? 126U : 127U));
  for (unsigned byte = form == 1 ? 0 : form; byte-- > 0;) out += static_cast<char>(length >> (8 * byte) & 0xff);
  if (!frame.is_masked) return out.append(payload);
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
  return out;
}

inline std::string client_text(std::string_view payload) {
  return client_frame(payload);
}

inline std::string client_close(std::uint16_t code, std::string_view reason = {}) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return client_frame(payload.append(reason), {.first_byte = 0x88});
}

}  // namespace net::websocket
