// The protocol of one Engine.IO session as a machine without I/O and without timers: event in, action out. It decides
// about the heartbeat, the upgrade and the close; server_session.cpp carries out what it says and wakes it when it asks
// to be woken. Source: engine.io-protocol v4, and the reference server where that is silent. A value inside its
// session; one thread.
#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "engineio/packet.hpp"
#include "engineio/session.hpp"

namespace engineio {

struct SessionTiming {
  base::milliseconds ping_interval;
  base::milliseconds ping_timeout;
  base::milliseconds upgrade_timeout;
};

class SessionMachine {
 public:
  // The states and the legal transitions stand in session_machine.cpp.
  enum class State : std::uint8_t { polling, probing, websocket, closing, closed };

  enum class Action : std::uint8_t {
    none,
    deliver,            // the packet is a message for the layer above
    send_ping,          // queue a `2`
    send_noop,          // let the parked poll return: with what is queued, or with a `6`
    answer_probe,       // `3probe` on the probing WebSocket
    drop_probe,         // close the probing WebSocket; the session goes on by polling
    switch_transport,   // the probing WebSocket is the transport now; what is queued goes there
    linger,             // closed from here, but no poll is parked: wait for one
    switch_and_finish,  // the client moved while it was waited for: what is queued goes to its WebSocket, then the end
    finish,             // the session is over: reason() says why
  };

  // `timing` outlives the machine. The session starts as polling or websocket.
  SessionMachine(const SessionTiming& timing, State first, base::SteadyTime now);

  // Time has come to `now`: before each request, and when next_wake() is reached. Call it until it returns none.
  [[nodiscard]] Action on_time(base::SteadyTime now);
  // A packet on the session's transport.
  [[nodiscard]] Action on_packet(const Packet& packet, base::SteadyTime now);
  // The transport broke, was misused or overrun.
  [[nodiscard]] Action on_failure(CloseReason reason);
  // The layer above wants an end.
  [[nodiscard]] Action on_close_request(CloseReason reason, base::SteadyTime now);

  // A poll was parked, an answer to it was given.
  [[nodiscard]] Action on_poll();
  void on_poll_answered() noexcept { is_poll_parked_ = false; }

  // A WebSocket came for this session; false where it may not have one (any more): close that WebSocket.
  [[nodiscard]] bool on_probe_opened(base::SteadyTime now);
  [[nodiscard]] Action on_probe_packet(const Packet& packet, base::SteadyTime now);
  // The probing WebSocket sent no packet, or is gone.
  [[nodiscard]] Action on_probe_failure();

  // When on_time() has something to do next if nothing else happens; SteadyTime::max() once closed.
  [[nodiscard]] base::SteadyTime next_wake() const noexcept;
  [[nodiscard]] State state() const noexcept { return state_; }
  // Packets flow.
  [[nodiscard]] bool is_open() const noexcept { return state_ < State::closing; }
  // Precondition: !is_open().
  [[nodiscard]] CloseReason reason() const noexcept { return reason_; }
  // The end is the client's packet `1`, not a failure.
  [[nodiscard]] bool is_closed_by_packet() const noexcept { return is_closed_by_packet_; }

 private:
  [[nodiscard]] Action heartbeat(base::SteadyTime now);
  void on_sign_of_life(base::SteadyTime now);

  const SessionTiming* timing_;
  base::SteadyTime heartbeat_due_;     // of the next ping, or while awaits_pong_ of the pong
  base::SteadyTime phase_deadline_{};  // of the upgrade while probing, of the farewell while closing
  base::SteadyTime noop_due_{};        // probing only
  State state_;
  CloseReason reason_ = CloseReason::forced_close;
  bool awaits_pong_ = false;
  bool is_pong_extended_ = false;
  bool is_poll_parked_ = false;
  bool is_probe_answered_ = false;
  bool is_closed_by_packet_ = false;
};

}  // namespace engineio
