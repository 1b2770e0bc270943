// Who may connect, and what happens until a connection is there: token, sockets per user, the live feed, recovery, then
// the answer to the CONNECT; and the way out again. The part of MessagingGateway that has no events yet. One object for
// all threads; what it does for a socket runs on the socket's thread.
#pragma once

#include <memory>
#include <string_view>

#include "gateway/connection_state.hpp"
#include "gateway/gateway_dependencies.hpp"
#include "gateway/recovery.hpp"
#include "socketio/namespace.hpp"

namespace gateway {

class Admission {
 public:
  // `tasks` owns what is begun here. The references outlive this object.
  Admission(const GatewayDependencies& dependencies, const GatewayLimits& limits, base::TaskGroup& tasks);

  // Refuses with CONNECT_ERROR and the end of the transport where the client is at fault. Where a database is, the
  // CONNECT stays without an answer: the server's connect timeout then closes the transport, and the client tries
  // again, which it would not after a refusal.
  void handle_connect(socketio::PendingConnect connect, std::string_view auth_json);
  void handle_disconnect(const std::shared_ptr<socketio::Socket>& socket);

 private:
  [[nodiscard]] base::Result<auth::Claims> check_token(std::string_view token) const;
  base::Task<> let_in(socketio::PendingConnect connect, socketio::SocketId id, std::unique_ptr<ConnectionState> state,
                      Resumption resumption);
  base::Task<base::Result<StartingPoint>> find_start(messaging::UserId user, Resumption resumption,
                                                     messaging::Position told_up_to);
  void welcome(const std::shared_ptr<socketio::Socket>& socket, std::unique_ptr<ConnectionState> state,
               StartingPoint start, messaging::Position told_up_to);
  // Of a connection that came to nothing.
  void withdraw(const socketio::SocketId& id, ConnectionState& state);

  const GatewayDependencies& with_;
  const GatewayLimits& limits_;
  TokenWatch::Policy token_policy_;
  SocketFeed::Services feed_services_;
};

}  // namespace gateway
