// What the public port serves: Socket.IO under its path and, in development, the demo page with its token endpoint.
#pragma once

#include <optional>
#include <string>

#include "app/plain_http_handler.hpp"
#include "base/clock.hpp"
#include "engineio/server.hpp"

namespace app {

// GET /dev/token?user=alice: a token for whoever asks. Development only, and only for requests that name a loopback
// host, so that neither another machine nor another website's name that was pointed here gets one.
struct DevelopmentTokens {
  std::string secret;
  std::string issuer;
  std::string audience;
};

class PublicSite final : public PlainHttpHandler {
 public:
  // Without `tokens` and page: production.
  PublicSite(const base::Clock& clock, engineio::Server& socketio, bool serves_page,
             std::optional<DevelopmentTokens> tokens)
      : clock_(clock), socketio_(socketio), serves_page_(serves_page), tokens_(std::move(tokens)) {}

  Route route(const net::RequestHead& head) override;
  void handle(net::Request request, net::Exchange exchange) override;
  void on_body_too_large(const net::RequestHead& head, net::Exchange exchange) override;
  std::unique_ptr<net::Response> check_upgrade(const net::RequestHead& head) override;
  void on_websocket(net::RequestHead head, std::shared_ptr<net::WebSocketStream> stream) override;

 protected:
  [[nodiscard]] net::Response get(const net::RequestHead& head) override;

 private:
  [[nodiscard]] bool is_socketio(const net::RequestHead& head) const { return head.path == socketio_.options().path; }
  [[nodiscard]] net::Response token(const net::RequestHead& head) const;

  const base::Clock& clock_;
  engineio::Server& socketio_;
  bool serves_page_;
  std::optional<DevelopmentTokens> tokens_;
};

}  // namespace app
