// The server's implementation of a session: joins the machine, which decides, with the transport that carries the
// packets at the moment. Lives on one IoThread, from the handshake to its end; the host holds it, then the layers above
// for as long as they like. Idle on a WebSocket it costs what stands below, one wake-up in the thread's timer wheel,
// and a WebSocketTransport.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "engineio/polling_transport.hpp"
#include "engineio/server.hpp"
#include "engineio/session.hpp"
#include "engineio/session_machine.hpp"
#include "engineio/websocket_transport.hpp"

namespace engineio {

class ServerSession;

// What the sessions of one thread share. Outlives those that have not ended.
struct SessionHost {
  const ServerOptions& options;
  SessionTiming timing;
  const base::Clock& clock;
  net::IoThread& thread;
  // The session has ended: lets go of it.
  std::function<void(ServerSession&)> release;
  ClosingWebSockets closing{};
};

class ServerSession final : public Session,
                            public std::enable_shared_from_this<ServerSession>,
                            private WebSocketTransport::Receiver {
 public:
  ServerSession(SessionHost& host, std::string id, Handshake handshake);

  // Starts the heartbeat. On polling the answer with handshake_json() is the caller's part, on a WebSocket the packet
  // `0` is sent.
  void open();
  void open(std::shared_ptr<net::WebSocketStream> stream);
  // Makes the layer above the receiver of what comes in; in the same turn as open(), since nothing comes in before its
  // end.
  void attach(Handler& handler) noexcept { handler_ = &handler; }
  // {"sid":…,"upgrades":…,…}
  [[nodiscard]] std::string handshake_json() const;

  // Before each request: lets what is due happen, so that a dead session is found dead whenever its timer fires.
  void advance();
  [[nodiscard]] bool is_ended() const noexcept { return machine_.state() == SessionMachine::State::closed; }
  [[nodiscard]] bool is_polling() const noexcept { return polling_ != nullptr; }
  // Requests. Precondition: is_polling().
  void on_get(Reply reply);
  void on_post(Reply reply, std::string body, std::string_view content_type);
  void on_body_too_large(Reply reply);
  // A WebSocket that wants to take over.
  void on_upgrade(std::shared_ptr<net::WebSocketStream> stream);
  // Ends a session that the layer above did not want.
  void discard();

  void send(const OutboundMessage& message) override;
  bool send_volatile(const OutboundMessage& message) override;
  [[nodiscard]] std::size_t queued_bytes() const noexcept override;
  [[nodiscard]] bool is_above_soft_limit() const noexcept override;
  void close(CloseReason reason) override;
  [[nodiscard]] const std::string& id() const noexcept override { return id_; }
  [[nodiscard]] const Handshake& handshake() const noexcept override { return handshake_; }
  [[nodiscard]] net::IoThread& thread() const noexcept override { return host_.thread; }

 private:
  using Action = SessionMachine::Action;

  void on_frame(WebSocketTransport& transport, std::string_view payload, bool is_binary) override;
  void on_stream_closed(WebSocketTransport& transport, net::CloseCause cause) override;
  void on_stream_drained(WebSocketTransport& transport) override;

  // Carries out what the machine said; `packet` is what it was asked about.
  void perform(Action action, const Packet& packet = {});
  void advance(base::SteadyTime now);
  void arm_timer(base::SteadyTime now);
  [[nodiscard]] bool receive_payload(std::string body);
  void switch_to_websocket();
  void flush_at_end_of_turn();
  void flush();
  bool answer_poll();
  void drop_probe();
  void finish();
  void end_polling();
  void announce_close();

  SessionHost& host_;
  Handler* handler_ = nullptr;
  SessionMachine machine_;
  std::unique_ptr<PollingTransport> polling_;
  std::unique_ptr<WebSocketTransport> websocket_;
  std::unique_ptr<WebSocketTransport> probe_;
  base::SteadyTime timer_at_ = base::SteadyTime::max();
  base::TimerId timer_ = 0;
  std::string id_;
  Handshake handshake_;
  bool is_flush_scheduled_ = false;
  bool is_close_announced_ = false;
};

// The limits of a session's WebSocket.
[[nodiscard]] net::WebSocketStream::Limits stream_limits(const ServerOptions& options) noexcept;

}  // namespace engineio
