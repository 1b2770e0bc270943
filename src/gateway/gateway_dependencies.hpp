// What the gateway works with, and how much it takes from one user. Given by the composition root.
#pragma once

#include "auth/jwt_verifier.hpp"
#include "gateway/socket_notifier.hpp"
#include "messaging/connection_registry.hpp"
#include "messaging/messaging_service.hpp"
#include "messaging/rate_limiter.hpp"

namespace gateway {

// Owned by the application; outlives the gateway.
struct GatewayDependencies {
  const base::Clock& clock;
  const auth::JwtVerifier& verifier;
  messaging::MessagingService& service;
  messaging::RateLimiter& rate_limiter;
  messaging::IFeedRepository& feeds;
  const messaging::OpaqueTokens& tokens;
  SocketNotifier& notifier;
  messaging::ConnectionRegistry& registry;
};

struct GatewayLimits {
  // Of one user on this node: phone, tablet, computers, and what their broken connections left behind. Beyond:
  // TOO_MANY_CONNECTIONS. The largest size_t lifts it (RATE_LIMITS=off).
  std::size_t sockets_per_user_max = 20;
  // Of one socket, unanswered. A client that waits for acks has a handful. Beyond: OVERLOADED.
  std::size_t events_in_flight_max = 256;
};

}  // namespace gateway
