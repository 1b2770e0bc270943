// The answers of the polling transport and of refusals, as the reference server words them. A Reply is the way to
// answer one request, with the CORS headers that its page needs. Its connection's thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.hpp"

namespace engineio {

// Why a request is refused; the numbers are part of the wire format.
enum class Refusal : std::uint8_t {
  transport_unknown = 0,
  session_unknown = 1,
  bad_handshake_method = 2,
  bad_request = 3,
  forbidden = 4,
  unsupported_protocol = 5,
};
// The sentence that clients and operators search for.
[[nodiscard]] std::string_view to_string(Refusal refusal) noexcept;
// {"code":…,"message":…} with 400, or 403 for forbidden.
[[nodiscard]] net::Response json_refusal(Refusal refusal);
// For an upgrade: always 400, the sentence alone, and the connection closes.
[[nodiscard]] net::Response upgrade_refusal(Refusal refusal);
// 503 with Retry-After.
[[nodiscard]] net::Response unavailable(std::string_view sentence);

class Reply {
 public:
  Reply(net::Exchange exchange, std::vector<net::Header> cors_headers)
      : exchange_(std::move(exchange)), cors_headers_(std::move(cors_headers)) {}

  // A poll's packets, or the handshake's.
  void payload(std::string body);
  // A POST was taken.
  void ok();
  void refuse(Refusal refusal) { send(json_refusal(refusal)); }
  // Without a body.
  void status(unsigned status) { send({.status = status}); }
  void send(net::Response response);

  void on_client_gone(base::Job job) const { exchange_.on_client_gone(std::move(job)); }

 private:
  net::Exchange exchange_;
  std::vector<net::Header> cors_headers_;
};

}  // namespace engineio
