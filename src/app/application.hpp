// The composition root: everything the server consists of, in the order in which it starts. What depends on what can be
// read off the constructors in application.cpp; nothing is looked up by name. Started, observed and stopped by the main
// thread.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "app/admin_endpoints.hpp"
#include "app/backends.hpp"
#include "app/config.hpp"
#include "app/handshake_limiter.hpp"
#include "app/jwks_watch.hpp"
#include "app/public_site.hpp"
#include "app/readiness.hpp"
#include "auth/jwt_verifier.hpp"
#include "engineio/server.hpp"
#include "gateway/local_connection_registry.hpp"
#include "gateway/messaging_gateway.hpp"
#include "gateway/socket_notifier.hpp"
#include "messaging/connection_auth_guard.hpp"
#include "messaging/messaging_service.hpp"
#include "messaging/opaque_tokens.hpp"
#include "messaging/rate_limiter.hpp"
#include "net/listener.hpp"
#include "rpc/rpc_server.hpp"
#include "socketio/server.hpp"

namespace app {

class Application {
 public:
  // `clock` outlives the application.
  [[nodiscard]] static std::expected<std::unique_ptr<Application>, StartFailure> start(const Config& config,
                                                                                       const base::Clock& clock);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  // The ports that are listened on, where 0 was asked for.
  [[nodiscard]] std::uint16_t port() const { return public_listener_->port(); }
  [[nodiscard]] std::uint16_t grpc_port() const { return rpc_->port(); }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_listener_->port(); }

  // The drain, then the stop of every part in the reverse order of its start; each step is logged. At most 25 s. False
  // where a step did not end in its time: then something is still running, and the process must end without destroying
  // this.
  [[nodiscard]] bool stop();

 private:
  Application(const Config& config, const base::Clock& clock, Backends backends);
  [[nodiscard]] messaging::ConnectionRegistry& share_registry();
  void start_loops();
  [[nodiscard]] std::string connections_trouble() const;
  std::expected<void, StartFailure> listen();
  void drain_clients();
  [[nodiscard]] bool wait_for_sessions(base::milliseconds time_max) const;
  bool stop_step(std::string_view name, std::function<void(base::Job done)> step);
  // What the next step may take. Once stop() was called.
  [[nodiscard]] base::milliseconds step_time() const;

  const base::Clock& clock_;
  Config config_;
  Readiness readiness_;
  std::optional<base::Deadline> stop_deadline_;
  // Its members by their short names below.
  Backends with_;
  IoThreads& io_threads_;
  messaging::OpaqueTokens tokens_;
  messaging::RateLimiter rate_limiter_;
  auth::JwtVerifier verifier_;
  std::optional<JwksWatch> jwks_watch_;

  // Owned by the namespace "/" from the constructor's end on.
  std::unique_ptr<socketio::Adapter> adapter_;
  gateway::SocketNotifier notifier_;
  messaging::ConnectionAuthGuard guard_;
  messaging::MessagingService service_;
  gateway::LocalConnectionRegistry local_registry_;
  // The local one, or the one in front of it that all nodes share.
  messaging::ConnectionRegistry& registry_;
  gateway::MessagingGateway gateway_;

  socketio::Server socketio_;
  HandshakeLimiter handshake_limiter_;
  engineio::Server engineio_;
  PublicSite public_site_;
  AdminEndpoints admin_endpoints_;

  std::unique_ptr<rpc::RpcServer> rpc_;
  std::unique_ptr<net::Listener> admin_listener_;
  std::unique_ptr<net::Listener> public_listener_;
};

}  // namespace app
