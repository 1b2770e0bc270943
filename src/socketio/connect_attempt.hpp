// A CONNECT that waits for its namespace's answer: the target behind PendingConnect. On the session's thread; shared by
// the client, while it waits, and by whoever decides.
#pragma once

#include <memory>
#include <string_view>

#include "socketio/client.hpp"
#include "socketio/namespace.hpp"

namespace socketio {

class ConnectAttempt final : public PendingConnect::Target {
 public:
  ConnectAttempt(Client& client, Namespace& nsp, std::shared_ptr<engineio::Session> session)
      : client_(&client), nsp_(nsp), session_(std::move(session)) {}

  std::shared_ptr<Socket> accept(SocketId id, std::string_view pid) override {
    return client_ ? client_->accept(*this, std::move(id), pid) : nullptr;
  }
  void refuse(std::string_view error_json, bool close_transport) override {
    if (client_) client_->refuse(*this, error_json, close_transport);
  }
  const engineio::Handshake& handshake() const noexcept override { return session_->handshake(); }
  net::IoThread& thread() const noexcept override { return session_->thread(); }
  bool is_waiting() const noexcept override { return client_ != nullptr; }

  [[nodiscard]] Namespace& nsp() const noexcept { return nsp_; }
  // It was answered, or the client has gone: answers do nothing from here on.
  void drop() noexcept { client_ = nullptr; }

 private:
  Client* client_;  // null once dropped
  Namespace& nsp_;
  std::shared_ptr<engineio::Session> session_;
};

}  // namespace socketio
