// For tests: a socket that counts what it is sent, on the thread that it is given.
#pragma once

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
  void join(const Room&) override {}
  void leave(const Room&) override {}
  void close_transport(engineio::CloseReason) override {}
  void disconnect() override {}
  std::size_t queued_bytes() const noexcept override { return 0; }
  bool is_above_soft_limit() const noexcept override { return false; }

  std::vector<std::string> sent;  // as in a polling payload
  std::vector<std::string> sent_volatile;

 private:
  SocketId id_;
  net::IoThread& thread_;
  engineio::Handshake handshake_;
};

}  // namespace socketio::testing
