// One thread's part of the server: its sessions by sid, and the checks that a request has to pass before it meets one,
// in the reference server's order. Made with the server; its thread only, except where a comment says otherwise.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engineio/reply.hpp"
#include "engineio/server.hpp"
#include "engineio/server_session.hpp"

namespace engineio {

class Server::Shard {
 public:
  Shard(Server& server, net::IoThread& thread, std::size_t index);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void handle(net::Request request, net::Exchange exchange);
  void on_body_too_large(const net::RequestHead& head, net::Exchange exchange);
  [[nodiscard]] std::unique_ptr<net::Response> check_upgrade(const net::RequestHead& head);
  void on_websocket(const net::RequestHead& head, std::shared_ptr<net::WebSocketStream> stream);
  void close_share(double share);

  // Any thread.
  [[nodiscard]] net::IoThread& thread() const noexcept { return host_.thread; }

 private:
  struct Query;

  [[nodiscard]] Reply make_reply(const net::RequestHead& head, net::Exchange exchange) const;
  // The session, where it is alive now.
  [[nodiscard]] std::shared_ptr<ServerSession> find(std::string_view sid);
  // Null: a handshake may go on.
  [[nodiscard]] std::unique_ptr<net::Response> check_capacity(const net::RequestHead& head) const;

  void handle_session_request(const Query& query, net::Request request, Reply reply);
  void handle_handshake(const Query& query, const net::RequestHead& head, Reply reply);
  [[nodiscard]] std::optional<Refusal> check_upgrade_request(const Query& query, const net::RequestHead& head);
  std::shared_ptr<ServerSession> add_session(const net::RequestHead& head, bool has_websocket_transport);
  void release(const ServerSession& session);

  Server& server_;
  const std::size_t index_;
  SessionHost host_;
  // The keys point into the sessions.
  std::unordered_map<std::string_view, std::shared_ptr<ServerSession>> sessions_;
};

}  // namespace engineio
