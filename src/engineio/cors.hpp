// Which web pages may use the server. Browsers enforce CORS on polling by the headers that answers carry; nothing of
// the kind guards a WebSocket, so there the server itself must look at the Origin. Immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http.hpp"

namespace engineio {

class CorsPolicy {
 public:
  // "*" in the list: any origin. An empty list: pages of this server alone.
  explicit CorsPolicy(std::vector<std::string> origins);

  [[nodiscard]] bool is_configured() const noexcept { return !origins_.empty(); }
  // For each answer to a page of `origin` (may be empty), refusals too: without them the page cannot read why. As the
  // package `cors` sets them, but for "*": no credentials then.
  [[nodiscard]] std::vector<net::Header> headers(std::string_view origin) const;
  // The answer to OPTIONS, with headers() in it. Precondition: is_configured().
  [[nodiscard]] net::Response preflight(const net::RequestHead& head) const;

  // Requests without an Origin do not come from pages.
  [[nodiscard]] bool permits_websocket(const net::RequestHead& head) const;
  // Where origins are configured this is the browser's decision.
  [[nodiscard]] bool permits_polling(const net::RequestHead& head) const;

 private:
  [[nodiscard]] bool is_listed(std::string_view origin) const;

  std::vector<std::string> origins_;
  bool allows_any_;
};

}  // namespace engineio
