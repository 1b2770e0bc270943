// States
//   polling    HTTP long-polling carries the session
//   probing    the same, and a WebSocket that may take over is open beside it
//   websocket  a WebSocket carries the session
//   closing    closed from here while no poll was parked: waits for one to take the packet `1`
//   closed     over; nothing leaves this state
// Transitions
//   (start)            → polling | websocket
//   polling            → probing     a WebSocket with this sid was opened
//   probing            → polling     it closed, sent anything but `2probe` and `5`, or took too long
//   probing            → websocket   it sent `5`
//   polling, probing   → closing     close request, no poll parked
//   closing            → closed      a poll came, the probing WebSocket sent `5`, or nothing came in time
//   polling, probing, websocket → closed   packet `1`, failure, ping timeout, close request
#include "engineio/session_machine.hpp"

#include <algorithm>

namespace engineio {
namespace {

using Action = SessionMachine::Action;

// A poll that is parked while the client probes must return, or the client waits with its upgrade; but not at once each
// time, or a client that has not seen `3probe` yet would poll in a tight loop.
constexpr base::milliseconds noop_interval{100};

// A polling client that is between two polls comes back within a round trip. Who does not is gone, or finds its sid
// unknown.
constexpr base::milliseconds farewell_timeout{2'000};

// Timers are at most 20 ms late. This late means that the process itself stood still (a paused machine): clients are
// not to blame, and closing all of them at once would be an outage of our own making.
constexpr base::milliseconds stall_min{1'000};

}  // namespace

SessionMachine::SessionMachine(const SessionTiming& timing, State first, base::SteadyTime now)
    : timing_(&timing), heartbeat_due_(now + timing.ping_interval), state_(first) {}

Action SessionMachine::on_time(base::SteadyTime now) {
  if (state_ == State::closed) return Action::none;
  if (state_ == State::closing) return now < phase_deadline_ ? Action::none : on_failure(reason_);
  if (now >= heartbeat_due_) {
    if (const Action action = heartbeat(now); action != Action::none) return action;
  }
  if (state_ != State::probing) return Action::none;
  if (now >= phase_deadline_) return on_probe_failure();
  if (is_probe_answered_ && is_poll_parked_ && now >= noop_due_) {
    noop_due_ = now + noop_interval;
    return Action::send_noop;
  }
  return Action::none;
}

// Deadlines follow from due times, not from when a timer happened to fire: without a pong a session lives interval plus
// timeout, exactly.
Action SessionMachine::heartbeat(base::SteadyTime now) {
  const bool has_stalled = now - heartbeat_due_ > stall_min;
  const base::SteadyTime pong_due = (has_stalled ? now : heartbeat_due_) + timing_->ping_timeout;
  if (!awaits_pong_) {
    awaits_pong_ = true;
    is_pong_extended_ = false;
    heartbeat_due_ = pong_due;
    return Action::send_ping;
  }
  if (!has_stalled) return on_failure(CloseReason::ping_timeout);
  heartbeat_due_ = pong_due;
  return Action::none;
}

// A client that is busy sending something large gets its pong through late; once, so that a client that never answers
// pings is found.
void SessionMachine::on_sign_of_life(base::SteadyTime now) {
  if (!awaits_pong_ || is_pong_extended_) return;
  is_pong_extended_ = true;
  heartbeat_due_ = now + timing_->ping_timeout;
}

Action SessionMachine::on_packet(const Packet& packet, base::SteadyTime now) {
  if (!is_open()) return Action::none;
  if (packet.type == PacketType::pong) {
    if (!awaits_pong_) return Action::none;
    awaits_pong_ = false;
    heartbeat_due_ = now + timing_->ping_interval;
    return Action::none;
  }
  on_sign_of_life(now);
  switch (packet.type) {
    case PacketType::message:
      return Action::deliver;
    case PacketType::close:
      is_closed_by_packet_ = true;
      return on_failure(CloseReason::transport_close);
    case PacketType::ping:
      // In version 4 the server pings; this client speaks version 3.
      return on_failure(CloseReason::transport_error);
    case PacketType::open:
    case PacketType::pong:
    case PacketType::upgrade:
    case PacketType::noop:
      return Action::none;
  }
  return Action::none;
}

Action SessionMachine::on_failure(CloseReason reason) {
  if (state_ == State::closed) return Action::none;
  state_ = State::closed;
  reason_ = reason;
  return Action::finish;
}

Action SessionMachine::on_close_request(CloseReason reason, base::SteadyTime now) {
  if (!is_open()) return Action::none;
  if (state_ == State::websocket || is_poll_parked_) return on_failure(reason);
  state_ = State::closing;
  reason_ = reason;
  phase_deadline_ = now + farewell_timeout;
  return Action::linger;
}

Action SessionMachine::on_poll() {
  is_poll_parked_ = true;
  return state_ == State::closing ? on_failure(reason_) : Action::none;
}

bool SessionMachine::on_probe_opened(base::SteadyTime now) {
  if (state_ != State::polling) return false;
  state_ = State::probing;
  phase_deadline_ = now + timing_->upgrade_timeout;
  is_probe_answered_ = false;
  return true;
}

Action SessionMachine::on_probe_packet(const Packet& packet, base::SteadyTime now) {
  if (state_ == State::closing && packet.type == PacketType::upgrade) {
    // It polls no more: the farewell has to reach it where it is now.
    state_ = State::closed;
    return Action::switch_and_finish;
  }
  if (state_ != State::probing) return Action::none;
  if (packet.type == PacketType::ping && packet.data == "probe") {
    if (!is_probe_answered_) noop_due_ = now;
    is_probe_answered_ = true;
    return Action::answer_probe;
  }
  if (packet.type == PacketType::upgrade) {
    state_ = State::websocket;
    return Action::switch_transport;
  }
  return on_probe_failure();
}

Action SessionMachine::on_probe_failure() {
  if (state_ != State::probing) return Action::none;
  state_ = State::polling;
  return Action::drop_probe;
}

base::SteadyTime SessionMachine::next_wake() const noexcept {
  switch (state_) {
    case State::closed:
      return base::SteadyTime::max();
    case State::closing:
      return phase_deadline_;
    case State::polling:
    case State::websocket:
      return heartbeat_due_;
    case State::probing:
      break;
  }
  const base::SteadyTime due = std::min(heartbeat_due_, phase_deadline_);
  return is_probe_answered_ && is_poll_parked_ ? std::min(due, noop_due_) : due;
}

}  // namespace engineio
