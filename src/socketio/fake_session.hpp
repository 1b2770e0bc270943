// For tests: a session and an adapter that write down what they are asked for. The thread that the session names is
// never run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/io_thread.hpp"
#include "socketio/adapter.hpp"

namespace socketio::testing {

class FakeSession final : public engineio::Session {
 public:
  explicit FakeSession(net::IoThread& thread) : thread_(thread) { handshake_.remote_address = "192.0.2.1"; }

  void send(const engineio::OutboundMessage& message) override { message.append_to_payload(sent.emplace_back()); }
  bool send_volatile(const engineio::OutboundMessage& message) override {
    if (is_full) return false;
    send(message);
    return true;
  }
  [[nodiscard]] std::size_t queued_bytes() const noexcept override { return is_full ? 1000 : 0; }
  [[nodiscard]] bool is_above_soft_limit() const noexcept override { return is_full; }
  void close(engineio::CloseReason reason) override { closed.push_back(reason); }
  [[nodiscard]] const std::string& id() const noexcept override { return id_; }
  [[nodiscard]] const engineio::Handshake& handshake() const noexcept override { return handshake_; }
  [[nodiscard]] net::IoThread& thread() const noexcept override { return thread_; }

  std::vector<std::string> sent;  // as they stand in a polling payload
  std::vector<engineio::CloseReason> closed;
  bool is_full = false;

 private:
  net::IoThread& thread_;
  std::string id_ = "engine-sid";
  engineio::Handshake handshake_;
};

class FakeAdapter final : public Adapter {
 public:
  explicit FakeAdapter(std::vector<std::string>& log) : log_(log) {}
  void add(const std::shared_ptr<Socket>& socket, const Room& room) override {
    log_.push_back("add " + socket->id() + " " + room);
  }
  void remove(const std::shared_ptr<Socket>& socket, const Room& room) override {
    log_.push_back("remove " + socket->id() + " " + room);
  }
  void remove_all(const std::shared_ptr<Socket>& socket) override { log_.push_back("remove_all " + socket->id()); }
  void broadcast_here(engineio::OutboundMessage, BroadcastOptions) override {}
  void visit_here(BroadcastOptions, std::function<void(Socket& socket)>) override {}
  void publish(std::string_view, const BroadcastOptions&, std::string_view) override {}
  void announce_loss() override {}
  [[nodiscard]] bool has_cluster() const noexcept override { return false; }
  void hold_room(const Room&, base::Job ready) override { ready(); }
  void release_room(const Room&) override {}
  void observe(ClusterListener&) override {}

 private:
  std::vector<std::string>& log_;
};

}  // namespace socketio::testing
