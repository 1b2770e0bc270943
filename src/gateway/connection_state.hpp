// What the gateway keeps of one connection: whose it is, how far it has come in the feed, and the token that it lives
// on. Made before the CONNECT is answered, then owned by the socket; its thread only. Small, because most connections
// are idle.
#pragma once

#include "gateway/socket_feed.hpp"
#include "gateway/token_watch.hpp"
#include "messaging/send_order.hpp"

namespace gateway {

class ConnectionState final : public socketio::SocketState {
 public:
  ConnectionState(SocketFeed::Services& services, const TokenWatch::Policy& token_policy, messaging::UserId user,
                  messaging::BearerToken token, base::SystemTime expires_at)
      : feed(services, std::move(user)), token(token_policy, std::move(token), expires_at) {}

  // The state of a socket that the gateway accepted; every socket of its namespace is one.
  [[nodiscard]] static ConnectionState& of(const socketio::Socket& socket) noexcept {
    return static_cast<ConnectionState&>(*socket.state());
  }

  void on_drained() override { feed.on_drained(); }

  SocketFeed feed;
  TokenWatch token;
  messaging::SendOrder send_order;
  // Events of the client that were not answered yet.
  std::size_t events_in_flight = 0;
};

}  // namespace gateway
