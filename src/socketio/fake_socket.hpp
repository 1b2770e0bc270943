// For tests: a socket that counts what it is sent, on the thread that it is given.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "net/io_thread.hpp"
#include "socketio/socket.hpp"

namespace socketio::testing {

class FakeSocket final : public Socket {
 public:
  FakeSocket(SocketId id, net::IoThread& thread) : id_(std::move(id)), thread_(thread) {}

  const SocketId& id() const noexcept override { return id_; }
  const engineio::Handshake& handshake() const noexcept override { return handshake_; }
  net::IoThread& thread() const noexcept override { return thread_; }
  bool is_connected() const noexcept override { return true; }
  void send(const engineio::OutboundMessage& message) override { message.append_to_payload(sent.emplace_back()); }
  void send(const std::vector<engineio::OutboundMessage>& packet) override {
    for (const auto& message : packet) send(message);
  }
  bool send_volatile(const engineio::OutboundMessage& message) override {
    message.append_to_payload(sent_volatile.emplace_back());
    return true;
  }
  void ack(AckId, std::string_view) override {}
  // The ack's id is the event's number, from 0.
  std::optional<AckId> send_with_ack(std::string_view event_json, const std::vector<std::string>& attachments,
                                     AckHandler on_ack) override {
    const AckId id = next_ack_id_++;
    send(encode_event("/", id, event_json, attachments));
    awaited_acks.emplace(id, std::move(on_ack));
    return id;
  }
  void forget_ack(AckId id) override {
    awaited_acks.erase(id);
    if (on_forget) on_forget();
  }
  void join(const Room&) override {}
  void leave(const Room&) override {}
  void close_transport(engineio::CloseReason) override { is_transport_closed = true; }
  void disconnect() override { is_disconnected = true; }
  std::size_t queued_bytes() const noexcept override { return 0; }
  bool is_above_soft_limit() const noexcept override { return false; }

  std::vector<std::string> sent;  // as in a polling payload
  std::vector<std::string> sent_volatile;
  std::map<AckId, AckHandler> awaited_acks;
  std::function<void()> on_forget;
  bool is_transport_closed = false;
  bool is_disconnected = false;

 private:
  SocketId id_;
  net::IoThread& thread_;
  AckId next_ack_id_ = 0;
  engineio::Handshake handshake_;
};

}  // namespace socketio::testing
