// The Socket behind the port of socket.hpp: a connected client in one namespace, on top of its session. Made by
// Client::accept(); after detach() only what is immutable works, for handlers that still hold it.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include "socketio/namespace.hpp"

namespace socketio {

class Client;

class ClientSocket final : public Socket, public std::enable_shared_from_this<ClientSocket> {
 public:
  ClientSocket(Client& client, Namespace& nsp, std::shared_ptr<engineio::Session> session, SocketId id);

  const SocketId& id() const noexcept override { return id_; }
  const engineio::Handshake& handshake() const noexcept override { return session_->handshake(); }
  net::IoThread& thread() const noexcept override { return session_->thread(); }
  base::SystemTime connected_at() const noexcept override { return connected_at_; }

  bool is_connected() const noexcept override { return client_ != nullptr; }
  void send(const engineio::OutboundMessage& message) override;
  void send(const std::vector<engineio::OutboundMessage>& packet) override;
  bool send_volatile(const engineio::OutboundMessage& message) override;
  void ack(AckId id, std::string_view args) override;
  std::optional<AckId> send_with_ack(std::string_view event_json, const std::vector<std::string>& attachments,
                                     AckHandler on_ack) override;
  void forget_ack(AckId id) override;

  void join(const Room& room) override;
  void leave(const Room& room) override;

  void close_transport(engineio::CloseReason reason) override;
  void disconnect() override;

  std::size_t queued_bytes() const noexcept override;
  bool is_above_soft_limit() const noexcept override;

  [[nodiscard]] Namespace& nsp() const noexcept { return nsp_; }
  // The client has sent an ack; one that nobody awaits is left alone.
  void on_ack(AckId id, std::string_view args_json, const std::vector<std::string>& attachments);
  // The client has left the namespace.
  void detach() noexcept;

 private:
  Client* client_;  // null once detached
  Namespace& nsp_;
  std::shared_ptr<engineio::Session> session_;
  SocketId id_;
  const base::SystemTime connected_at_;
  // Null while no ack is awaited: nearly always.
  std::unique_ptr<std::unordered_map<AckId, AckHandler>> awaited_acks_;
};

// The CONNECT packet that answers an accepted CONNECT; `pid` only where there is one.
[[nodiscard]] engineio::OutboundMessage encode_connect_reply(std::string_view nsp, std::string_view id,
                                                             std::string_view pid);

}  // namespace socketio
