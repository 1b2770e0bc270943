// The Engine.IO v4 server: handshake, polling, WebSocket, upgrade, heartbeat. An HttpHandler for one path prefix.
// Sessions are spread over the IoThreads by where their handshake came in; a sid names its thread, so that later
// requests find it. Destroyed after the threads have stopped.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "engineio/session.hpp"
#include "net/http.hpp"
#include "net/websocket_stream.hpp"

namespace engineio {

class CorsPolicy;

struct ServerOptions {
  std::string path = "/socket.io/";
  base::milliseconds ping_interval{25'000};
  base::milliseconds ping_timeout{20'000};
  base::milliseconds upgrade_timeout{10'000};
  // Of a WebSocket message and of a polling body, in bytes; told to the client as maxPayload.
  std::size_t payload_bytes_max = 128 * 1024;
  std::size_t packets_per_payload_max = 1000;
  std::size_t queue_bytes_soft = 256 * 1024;
  std::size_t queue_bytes_hard = 1024 * 1024;
  // Origins that browsers may connect from; "*" for all; empty: same origin only. Checked on polling (CORS) and on the
  // upgrade.
  std::vector<std::string> cors_origins{};
  // Handshakes beyond this are answered 503.
  std::size_t sessions_max = 100'000;
};

class Server final : public net::HttpHandler {
 public:
  // Called on the session's thread; the handler must stay until its on_close(). Null refuses with 503.
  using OnSession = std::function<Session::Handler*(std::shared_ptr<Session> session)>;
  // Asked before a handshake is accepted; a refusal is answered with its status (429 for too many of one address, say).
  using AllowHandshake = std::function<std::unique_ptr<net::Response>(const net::RequestHead& head)>;

  Server(const base::Clock& clock, ServerOptions options, std::vector<net::IoThread*> threads, OnSession on_session,
         AllowHandshake allow_handshake = {});
  ~Server() override;

  Route route(const net::RequestHead& head) override;
  void handle(net::Request request, net::Exchange exchange) override;
  void on_body_too_large(const net::RequestHead& head, net::Exchange exchange) override;
  std::unique_ptr<net::Response> check_upgrade(const net::RequestHead& head) override;
  void on_websocket(net::RequestHead head, std::shared_ptr<net::WebSocketStream> stream) override;

  [[nodiscard]] const ServerOptions& options() const noexcept { return options_; }
  // From now on handshakes are answered 503 with Retry-After. From any thread.
  void refuse_handshakes() noexcept;
  // Closes a share of each thread's sessions (0 < share <= 1) with server_shutdown. From any thread.
  void close_sessions(double share);
  [[nodiscard]] std::size_t session_count() const noexcept;

 private:
  class Shard;  // one thread's sessions
  [[nodiscard]] Shard& current_shard() const noexcept;

  const base::Clock& clock_;
  ServerOptions options_;
  std::vector<net::IoThread*> threads_;
  OnSession on_session_;
  AllowHandshake allow_handshake_;
  std::unique_ptr<const CorsPolicy> cors_;
  std::atomic<bool> refusing_{false};
  std::atomic<std::size_t> session_count_{0};
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace engineio
