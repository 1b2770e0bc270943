#include "app/public_site.hpp"

#include "app/embedded_page.hpp"
#include "auth/jwt_signer.hpp"
#include "base/ids.hpp"
#include "base/json_text.hpp"

namespace app {
namespace {

constexpr base::seconds token_ttl{3600};

// The page needs its own script and style, and a WebSocket to where it came from; nothing else.
constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

bool names_loopback(std::string_view host) {
  if (host.starts_with("[::1]")) return true;
  host = host.substr(0, host.find(':'));
  return host == "localhost" || host == "127.0.0.1";
}

net::Response page_response(const EmbeddedFile& file) {
  return {.status = 200,
          .headers = {{"Content-Type", std::string(file.content_type)},
                      {"Cache-Control", "no-cache"},
                      {"Content-Security-Policy", std::string(content_security_policy)},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"}},
          .body = std::string(file.bytes)};
}

}  // namespace

net::HttpHandler::Route PublicSite::route(const net::RequestHead& head) {
  return is_socketio(head) ? socketio_.route(head) : PlainHttpHandler::route(head);
}

void PublicSite::handle(net::Request request, net::Exchange exchange) {
  if (is_socketio(request.head)) return socketio_.handle(std::move(request), std::move(exchange));
  PlainHttpHandler::handle(std::move(request), std::move(exchange));
}

void PublicSite::on_body_too_large(const net::RequestHead& head, net::Exchange exchange) {
  if (is_socketio(head)) return socketio_.on_body_too_large(head, std::move(exchange));
  PlainHttpHandler::on_body_too_large(head, std::move(exchange));
}

std::unique_ptr<net::Response> PublicSite::check_upgrade(const net::RequestHead& head) {
  return is_socketio(head) ? socketio_.check_upgrade(head) : PlainHttpHandler::check_upgrade(head);
}

void PublicSite::on_websocket(net::RequestHead head, std::shared_ptr<net::WebSocketStream> stream) {
  socketio_.on_websocket(std::move(head), std::move(stream));
}

net::Response PublicSite::get(const net::RequestHead& head) {
  if (tokens_ && head.path == "/dev/token") return token(head);
  if (serves_page_) {
    if (const auto* file = find_embedded_file(head.path)) return page_response(*file);
  }
  return text_response(404, "not found\n");
}

net::Response PublicSite::token(const net::RequestHead& head) const {
  if (!names_loopback(head.header("Host"))) return text_response(403, "tokens are given to this machine only\n");
  const auto user = base::UserId::parse(head.query_parameter("user"));
  if (!user) return text_response(400, "user: 1 to 128 characters from ! to ~ are needed\n");
  const auto now = clock_.system_now();
  std::string body = R"({"token":)";
  base::append_json_string(body, auth::sign_hs256(tokens_->secret, {.subject = user->str(),
                                                                    .issued_at = now,
                                                                    .ttl = token_ttl,
                                                                    .issuer = tokens_->issuer,
                                                                    .audience = tokens_->audience}));
  body += R"(,"expiresAt":")" + base::to_iso8601(now + token_ttl) + "\"}\n";
  return text_response(200, std::move(body), "application/json");
}

}  // namespace app
