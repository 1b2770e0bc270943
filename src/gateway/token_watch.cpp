// States and legal transitions: quiet ─60 s before exp→ announced ─exp + leeway→ expired (the transport closes).
// refresh() leads from quiet and announced back to quiet.
#include "gateway/token_watch.hpp"

#include <algorithm>

#include "gateway/event_packet.hpp"
#include "gateway/wire.hpp"

namespace gateway {

TokenWatch::TokenWatch(const Policy& policy, messaging::BearerToken token, base::SystemTime expires_at)
    : policy_(policy), token_(std::move(token)), expires_at_(expires_at) {}

void TokenWatch::start(const std::shared_ptr<socketio::Socket>& socket) {
  look_at_clock(socket);
}

void TokenWatch::refresh(const std::shared_ptr<socketio::Socket>& socket, messaging::BearerToken token,
                         base::SystemTime expires_at) {
  stop();
  token_ = std::move(token);
  expires_at_ = expires_at;
  is_announced_ = false;
  look_at_clock(socket);
}

void TokenWatch::stop() {
  base::Executor::current().cancel(std::exchange(timer_, 0));
}

void TokenWatch::look_at_clock(const std::shared_ptr<socketio::Socket>& socket) {
  timer_ = 0;
  if (!socket->is_connected()) return;
  const auto now = policy_.clock.system_now();
  const auto end = expires_at_ + policy_.leeway;
  if (now >= end) {
    socket->send(event_packet(exception_json({.code = base::Errc::token_expired}, {})));
    socket->close_transport();
    return;
  }
  if (!is_announced_ && now >= expires_at_ - announced_before) {
    is_announced_ = true;
    socket->send(event_packet(token_expiring_json(expires_at_)));
  }
  const auto next = is_announced_ ? end : expires_at_ - announced_before;
  const auto sleep = std::min<base::milliseconds>(next - now, sleep_max);
  timer_ = base::Executor::current().schedule(sleep, [this, weak = std::weak_ptr(socket)] {
    if (const auto still = weak.lock()) look_at_clock(still);
  });
}

}  // namespace gateway
