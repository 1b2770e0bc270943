#include "socketio/client_socket.hpp"

#include "base/json_text.hpp"
#include "base/metrics.hpp"
#include "socketio/client.hpp"

// States: connected (from the constructor) -> detached (detach(), called by the client when it leaves the namespace or
// its session is over). Detached, everything that would send, join or close does nothing.

namespace socketio {

ClientSocket::ClientSocket(Client& client, Namespace& nsp, std::shared_ptr<engineio::Session> session, SocketId id)
    : client_(&client), nsp_(nsp), session_(std::move(session)), id_(std::move(id)) {}

void ClientSocket::send(const engineio::OutboundMessage& message) {
  if (client_) session_->send(message);
}

void ClientSocket::send(const std::vector<engineio::OutboundMessage>& packet) {
  if (!client_) return;
  // All on this thread and in one go: nothing gets between a header and its attachments.
  for (const auto& message : packet) session_->send(message);
}

bool ClientSocket::send_volatile(const engineio::OutboundMessage& message) {
  if (!client_) return false;
  const bool has_left = session_->send_volatile(message);
  if (!has_left) base::metrics::add(base::metrics::Counter::volatile_dropped);
  return has_left;
}

void ClientSocket::ack(AckId id, std::string_view args) {
  if (client_) session_->send(encode_packet(PacketType::ack, nsp_.name(), id, args));
}

void ClientSocket::join(const Room& room) {
  if (client_) nsp_.adapter().add(shared_from_this(), room);
}

void ClientSocket::leave(const Room& room) {
  if (client_) nsp_.adapter().remove(shared_from_this(), room);
}

void ClientSocket::close_transport(engineio::CloseReason reason) {
  if (client_) client_->close(reason);
}

void ClientSocket::disconnect() {
  if (client_) client_->disconnect(*this);
}

std::size_t ClientSocket::queued_bytes() const noexcept {
  return session_->queued_bytes();
}

bool ClientSocket::is_above_soft_limit() const noexcept {
  return session_->is_above_soft_limit();
}

engineio::OutboundMessage encode_connect_reply(std::string_view nsp, std::string_view id, std::string_view pid) {
  std::string json = R"({"sid":)";
  base::append_json_string(json, id);
  if (!pid.empty()) {
    json += R"(,"pid":)";
    base::append_json_string(json, pid);
  }
  json += '}';
  return encode_packet(PacketType::connect, nsp, {}, json);
}

}  // namespace socketio
