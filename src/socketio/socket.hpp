// One client in one namespace. Lives on its session's thread, from the accepted CONNECT to the disconnect; its thread
// only, but for what says otherwise. Lifetime: shared_ptr, held by its client connection and by handlers that wait.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "engineio/session.hpp"
#include "socketio/packet.hpp"

namespace socketio {

class Namespace;

// Not the Engine.IO sid: this one is public. 20 characters of base64url.
using SocketId = std::string;
using Room = std::string;

// What a socket keeps for its owner (the gateway's per-connection state).
class SocketState {
 public:
  virtual ~SocketState() = default;
  // Runs when the session's queue has fallen below the soft limit after it was above.
  virtual void on_drained() {}
};

// Takes a client's ack: the JSON array of its arguments, with simdjson's padding behind it, and its attachments; good
// during the call.
using AckHandler =
    std::move_only_function<void(std::string_view args_json, const std::vector<std::string>& attachments)>;

class Socket {
 public:
  // Beyond it an event is not sent: a client that answers nothing costs no more than this.
  static constexpr std::size_t awaited_acks_max = 1000;

  virtual ~Socket() = default;

  // Immutable; any thread.
  [[nodiscard]] virtual const SocketId& id() const noexcept = 0;
  [[nodiscard]] virtual const engineio::Handshake& handshake() const noexcept = 0;
  [[nodiscard]] virtual net::IoThread& thread() const noexcept = 0;
  // When its CONNECT was accepted; the epoch where that is not known.
  [[nodiscard]] virtual base::SystemTime connected_at() const noexcept { return {}; }

  // False once it is disconnected: sends are dropped then.
  [[nodiscard]] virtual bool is_connected() const noexcept = 0;
  virtual void send(const engineio::OutboundMessage& message) = 0;
  // An EVENT with attachments: header and attachments leave together.
  virtual void send(const std::vector<engineio::OutboundMessage>& packet) = 0;
  // False, and dropped, where the session's queue is above the soft limit.
  virtual bool send_volatile(const engineio::OutboundMessage& message) = 0;
  // `args` is the JSON array of the ack's arguments. At most once for an event.
  virtual void ack(AckId id, std::string_view args) = 0;
  // Sends an EVENT ([name, …arguments] as JSON, and what its placeholders stand for) that the client is to acknowledge.
  // The handler is called once, or destroyed uncalled: with the ack forgotten, or with the disconnect. Nothing, and
  // nothing sent, where the socket is disconnected, too many acks are awaited, or the implementation knows no acks.
  virtual std::optional<AckId> send_with_ack(std::string_view, const std::vector<std::string>&, AckHandler) {
    return std::nullopt;
  }
  virtual void forget_ack(AckId) {}

  virtual void join(const Room& room) = 0;
  virtual void leave(const Room& room) = 0;

  // Closes the whole connection at transport level: the official client comes back by itself.
  virtual void close_transport(engineio::CloseReason reason = engineio::CloseReason::forced_close) = 0;
  // Packet 41: the official client does not come back. For Socket.IO's disconnectSockets of peers only.
  virtual void disconnect() = 0;

  [[nodiscard]] virtual std::size_t queued_bytes() const noexcept = 0;
  [[nodiscard]] virtual bool is_above_soft_limit() const noexcept = 0;

  void set_state(std::unique_ptr<SocketState> state) { state_ = std::move(state); }
  [[nodiscard]] SocketState* state() const noexcept { return state_.get(); }

 private:
  std::unique_ptr<SocketState> state_;
};

}  // namespace socketio
