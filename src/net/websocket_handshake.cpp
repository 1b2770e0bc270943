#include "net/websocket_handshake.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "net/ascii.hpp"

namespace net::websocket {
namespace {

// Of 16 bytes in base64, the last two characters being padding.
constexpr std::size_t key_length = 24;
constexpr std::size_t key_characters = 22;
constexpr std::size_t sha1_bytes = 20;
constexpr std::size_t sha1_base64_bytes = 28;

std::size_t count_of(const RequestHead& head, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(head.headers, [name](const Header& each) { return ascii::equal(each.name, name); }));
}

bool any_contains(const RequestHead& head, std::string_view name, std::string_view token) {
  return std::ranges::any_of(head.headers, [&](const Header& each) {
    return ascii::equal(each.name, name) && ascii::list_contains(each.value, token);
  });
}

bool is_key(std::string_view key) {
  const auto is_base64 = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return key.size() == key_length && std::ranges::all_of(key.substr(0, key_characters), is_base64) &&
         key.substr(key_characters) == "==";
}

}  // namespace

Upgrade examine_upgrade(const RequestHead& head, bool is_http_1_1) {
  // An Upgrade that Connection does not name is meant for another hop (RFC 9110, section 7.8).
  if (!any_contains(head, "upgrade", "websocket") || !any_contains(head, "connection", "upgrade")) return Upgrade::none;
  if (head.method != Method::get || !is_http_1_1) return Upgrade::malformed;
  if (count_of(head, "sec-websocket-version") != 1) return Upgrade::malformed;
  if (head.header("sec-websocket-version") != "13") return Upgrade::unsupported_version;
  if (count_of(head, "sec-websocket-key") != 1 || !is_key(head.header("sec-websocket-key"))) return Upgrade::malformed;
  return Upgrade::valid;
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, sha1_bytes> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, sha1_base64_bytes + 1> base64{};  // and the NUL that is written behind
  EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return {base64.begin(), base64.begin() + sha1_base64_bytes};
}

std::string switching_protocols(std::string_view key) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         accept_key(key) + "\r\n\r\n";
}

}  // namespace net::websocket
