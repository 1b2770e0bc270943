#include "engineio/server_shard.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "engineio/cors.hpp"
#include "engineio/sid.hpp"

namespace engineio {
namespace {

using base::metrics::Counter;
using base::metrics::Gauge;
using net::Method;

constexpr std::string_view protocol_version = "4";

// What the reference server lets through in a header that it may have to repeat.
bool has_invalid_bytes(std::string_view value) {
  return std::ranges::any_of(value, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

std::unique_ptr<net::Response> share(net::Response response) {
  return std::make_unique<net::Response>(std::move(response));
}

}  // namespace

struct Server::Shard::Query {
  explicit Query(const net::RequestHead& head)
      : transport(head.query_parameter("transport")),
        sid(head.query_parameter("sid")),
        version(head.query_parameter("EIO")) {}

  [[nodiscard]] bool has_known_transport() const { return transport == "polling" || transport == "websocket"; }

  std::string transport;
  std::string sid;
  std::string version;
};

Server::Shard::Shard(Server& server, net::IoThread& thread, std::size_t index)
    : server_(server),
      index_(index),
      host_{.options = server.options_,
            .timing = {server.options_.ping_interval, server.options_.ping_timeout, server.options_.upgrade_timeout},
            .clock = server.clock_,
            .thread = thread,
            .release = [this](ServerSession& session) { release(session); }} {}

Reply Server::Shard::make_reply(const net::RequestHead& head, net::Exchange exchange) const {
  return {std::move(exchange), server_.cors_->headers(head.header("Origin"))};
}

std::shared_ptr<ServerSession> Server::Shard::find(std::string_view sid) {
  const auto found = sessions_.find(sid);
  if (found == sessions_.end()) return nullptr;
  // Not the map's own: letting time pass may take the session out of it.
  auto session = found->second;
  session->advance();
  return session->is_ended() ? nullptr : session;
}

// --- HTTP

void Server::Shard::handle(net::Request request, net::Exchange exchange) {
  const net::RequestHead& head = request.head;
  if (head.path != server_.options_.path) return exchange.respond({.status = 404});
  if (head.method == Method::options && server_.cors_->is_configured()) {
    return exchange.respond(server_.cors_->preflight(head));
  }
  Reply reply = make_reply(head, std::move(exchange));
  const Query query(head);
  if (!query.has_known_transport()) return reply.refuse(Refusal::transport_unknown);
  if (has_invalid_bytes(head.header("Origin"))) return reply.refuse(Refusal::bad_request);
  if (query.sid.empty()) return handle_handshake(query, head, std::move(reply));
  handle_session_request(query, std::move(request), std::move(reply));
}

void Server::Shard::handle_session_request(const Query& query, net::Request request, Reply reply) {
  const auto session = find(query.sid);
  if (!session) return reply.refuse(Refusal::session_unknown);
  if (!session->is_polling() || query.transport != "polling" || query.version != protocol_version) {
    return reply.refuse(Refusal::bad_request);
  }
  switch (request.head.method) {
    case Method::get:
      return session->on_get(std::move(reply));
    case Method::post:
      return session->on_post(std::move(reply), std::move(request.body), request.head.header("Content-Type"));
    case Method::head:
    case Method::put:
    case Method::del:
    case Method::options:
    case Method::patch:
    case Method::other:
      return reply.refuse(Refusal::bad_request);
  }
}

void Server::Shard::handle_handshake(const Query& query, const net::RequestHead& head, Reply reply) {
  if (head.method != Method::get) return reply.refuse(Refusal::bad_handshake_method);
  if (query.transport == "websocket") return reply.refuse(Refusal::bad_request);
  if (!server_.cors_->permits_polling(head)) return reply.refuse(Refusal::forbidden);
  if (query.version != protocol_version) return reply.refuse(Refusal::unsupported_protocol);
  if (const auto refusal = check_capacity(head)) return reply.send(std::move(*refusal));

  const auto session = add_session(head, false);
  session->open();
  Session::Handler* handler = server_.on_session_(session);
  if (!handler) {
    session->discard();
    return reply.send(unavailable("The server cannot take this session. Try again."));
  }
  session->attach(*handler);
  reply.payload("0" + session->handshake_json());
}

void Server::Shard::on_body_too_large(const net::RequestHead& head, net::Exchange exchange) {
  Reply reply = make_reply(head, std::move(exchange));
  const Query query(head);
  const auto session = query.sid.empty() ? nullptr : find(query.sid);
  if (session && session->is_polling() && head.method == Method::post) {
    return session->on_body_too_large(std::move(reply));
  }
  reply.send({.status = 413, .close = true});
}

std::unique_ptr<net::Response> Server::Shard::check_capacity(const net::RequestHead& head) const {
  if (server_.refusing_.load(std::memory_order_relaxed)) {
    return share(unavailable("The server is shutting down. Try again."));
  }
  if (server_.session_count() >= server_.options_.sessions_max) {
    return share(unavailable("The server has too many sessions. Try again."));
  }
  return server_.allow_handshake_ ? server_.allow_handshake_(head) : nullptr;
}

// --- WebSocket

std::unique_ptr<net::Response> Server::Shard::check_upgrade(const net::RequestHead& head) {
  const Query query(head);
  if (const auto refusal = check_upgrade_request(query, head)) return share(upgrade_refusal(*refusal));
  return query.sid.empty() ? check_capacity(head) : nullptr;
}

std::optional<Refusal> Server::Shard::check_upgrade_request(const Query& query, const net::RequestHead& head) {
  if (!query.has_known_transport()) return Refusal::transport_unknown;
  if (query.transport != "websocket" || has_invalid_bytes(head.header("Origin"))) return Refusal::bad_request;
  if (!query.sid.empty()) {
    if (!find(query.sid)) return Refusal::session_unknown;
    if (query.version != protocol_version) return Refusal::bad_request;
  }
  if (!server_.cors_->permits_websocket(head)) return Refusal::forbidden;
  if (query.version != protocol_version) return Refusal::unsupported_protocol;
  return std::nullopt;
}

void Server::Shard::on_websocket(const net::RequestHead& head, std::shared_ptr<net::WebSocketStream> stream) {
  const Query query(head);
  if (!query.sid.empty()) {
    const auto session = find(query.sid);
    if (session) return session->on_upgrade(std::move(stream));
    return host_.closing.refuse(std::move(stream), stream_limits(server_.options_));
  }
  const auto session = add_session(head, true);
  session->open(std::move(stream));
  Session::Handler* handler = server_.on_session_(session);
  if (!handler) return session->discard();
  session->attach(*handler);
}

// --- Sessions

std::shared_ptr<ServerSession> Server::Shard::add_session(const net::RequestHead& head, bool has_websocket_transport) {
  Handshake handshake{.remote_address = head.remote_address,
                      .authorization = std::string(head.header("Authorization")),
                      .traceparent = std::string(head.header("traceparent")),
                      .origin = std::string(head.header("Origin")),
                      .has_websocket_transport = has_websocket_transport};
  auto session = std::make_shared<ServerSession>(host_, make_sid(index_), std::move(handshake));
  sessions_.emplace(session->id(), session);
  server_.session_count_.fetch_add(1, std::memory_order_relaxed);
  base::metrics::add(Counter::sessions_opened);
  base::metrics::add(Gauge::sessions, 1);
  return session;
}

void Server::Shard::release(const ServerSession& session) {
  sessions_.erase(session.id());
  server_.session_count_.fetch_sub(1, std::memory_order_relaxed);
  base::metrics::add(Counter::sessions_closed);
  base::metrics::add(Gauge::sessions, -1);
}

void Server::Shard::close_share(double share) {
  const auto wanted = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sessions_.size())));
  std::vector<std::shared_ptr<ServerSession>> chosen;
  chosen.reserve(std::min(wanted, sessions_.size()));
  for (const auto& [sid, session] : sessions_) {
    if (chosen.size() == wanted) break;
    chosen.push_back(session);
  }
  for (const auto& session : chosen) session->close(CloseReason::server_shutdown);
}

}  // namespace engineio
