#include "socketio/client_socket.hpp"

#include "base/json_text.hpp"
#include "base/metrics.hpp"
#include "socketio/client.hpp"

// States: connected (from the constructor) -> detached (detach(), called by the client when it leaves the namespace or
// its session is over). Detached, everything that would send, join or close does nothing.

namespace socketio {

ClientSocket::ClientSocket(Client& client, Namespace& nsp, std::shared_ptr<engineio::Session> session, SocketId id)
    : client_(&client),
      nsp_(nsp),
      session_(std::move(session)),
      id_(std::move(id)),
      connected_at_(session_->thread().clock().system_now()) {}

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

std::optional<AckId> ClientSocket::send_with_ack(std::string_view event_json,
                                                 const std::vector<std::string>& attachments, AckHandler on_ack) {
  if (!client_) return std::nullopt;
  if (!awaited_acks_) awaited_acks_ = std::make_unique<std::unordered_map<AckId, AckHandler>>();
  if (awaited_acks_->size() >= awaited_acks_max) return std::nullopt;
  const auto id = nsp_.next_ack_id();
  awaited_acks_->emplace(id, std::move(on_ack));
  send(encode_event(nsp_.name(), id, event_json, attachments));
  return id;
}

void ClientSocket::forget_ack(AckId id) {
  if (!awaited_acks_) return;
  awaited_acks_->erase(id);
  if (awaited_acks_->empty()) awaited_acks_ = nullptr;
}

void ClientSocket::on_ack(AckId id, std::string_view args_json, const std::vector<std::string>& attachments) {
  if (!awaited_acks_) return;
  const auto found = awaited_acks_->find(id);
  if (found == awaited_acks_->end()) return;
  auto handler = std::move(found->second);
  forget_ack(id);
  handler(args_json, attachments);
}

void ClientSocket::detach() noexcept {
  client_ = nullptr;
  awaited_acks_ = nullptr;
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
