// The token that one socket lives on, and the timer that ends it: `tokenExpiring` a minute before `exp`, `exception
// TOKEN_EXPIRED` and the end of the transport at `exp` plus leeway. Part of the socket's state; its thread.
#pragma once

#include <memory>

#include "auth/jwt_verifier.hpp"
#include "base/executor.hpp"
#include "messaging/connections_client.hpp"
#include "socketio/socket.hpp"

namespace gateway {

class TokenWatch {
 public:
  // When a client is told to refresh; a token that lives shorter is announced at once.
  static constexpr base::seconds announced_before{60};
  // The longest sleep: by then the wall clock is looked at again, which may have been corrected.
  static constexpr base::milliseconds sleep_max = std::chrono::hours(1);

  // Shared by all watches; outlives them.
  struct Policy {
    const base::Clock& clock;
    base::seconds leeway;
  };

  TokenWatch(const Policy& policy, messaging::BearerToken token, base::SystemTime expires_at);

  // From now on the socket is told, and closed. The watch is part of `socket`.
  void start(const std::shared_ptr<socketio::Socket>& socket);
  // A new token of the same user: the old one's time does not count any more.
  void refresh(const std::shared_ptr<socketio::Socket>& socket, messaging::BearerToken token,
               base::SystemTime expires_at);
  // At the disconnect.
  void stop();

  [[nodiscard]] const messaging::BearerToken& token() const noexcept { return token_; }

 private:
  void look_at_clock(const std::shared_ptr<socketio::Socket>& socket);

  const Policy& policy_;
  messaging::BearerToken token_;
  base::SystemTime expires_at_;
  base::TimerId timer_ = 0;
  bool is_announced_ = false;
};

}  // namespace gateway
