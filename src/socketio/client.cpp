#include "socketio/client.hpp"

#include <algorithm>
#include <utility>

#include "base/metrics.hpp"
#include "socketio/binary_assembly.hpp"
#include "socketio/client_socket.hpp"
#include "socketio/connect_attempt.hpp"
#include "socketio/event.hpp"
#include "socketio/json.hpp"
#include "socketio/packet.hpp"
#include "socketio/server.hpp"

// States of the client: open -> closing (close(): input is ignored, attempts are dropped) -> closed (on_close(): it is
// destroyed), or open -> closed. While open it is in each namespace:
//   none -> connecting      CONNECT of a namespace that exists
//   connecting -> none      refuse()
//   connecting -> connected accept()
//   connected -> none       DISCONNECT of either side
// Events and acks are legal while connected. Any other packet in any of these states closes the session. The connect
// timer runs while nothing is connected or a CONNECT waits. While attachments are due (from a binary header until the
// last of them) only binary messages are legal, and at no other time.

namespace socketio {

using base::metrics::Counter;
using base::metrics::Gauge;
using engineio::CloseReason;

namespace {

const std::vector<std::string> no_attachments;

}  // namespace

Client& Client::open(const Server& server, std::shared_ptr<engineio::Session> session, base::Executor& executor) {
  std::unique_ptr<Client> owner(new Client(server, std::move(session), executor));
  auto& client = *owner;
  client.self_ = std::move(owner);
  client.update_connect_timer();
  return client;
}

Client::Client(const Server& server, std::shared_ptr<engineio::Session> session, base::Executor& executor)
    : server_(server), executor_(executor), session_(std::move(session)) {}

Client::~Client() = default;

void Client::on_message(std::string_view data, bool is_binary) {
  if (is_closing_) return;
  if (is_binary) return on_attachment(data);
  if (assembly_) return on_violation();
  const auto packet = decode_packet(data);
  if (!packet) return on_violation();
  switch (packet->type) {
    case PacketType::connect:
      return on_connect(*packet);
    case PacketType::disconnect:
      return on_disconnect(*packet);
    case PacketType::event:
    case PacketType::binary_event:
      return on_event(*packet);
    case PacketType::ack:
    case PacketType::binary_ack:
      return on_ack(*packet);
    case PacketType::connect_error:
      return on_violation();
  }
}

void Client::on_close(CloseReason reason) {
  is_closing_ = true;
  const auto self = std::move(self_);
  update_connect_timer();
  drop_attempts();
  // One by one: a handler that is told of one socket's end may touch another.
  while (!memberships_.empty()) leave(memberships_.begin(), reason);
}

void Client::on_drained() {
  // A copy: what the sockets' owners do now may disconnect them.
  for (const auto& membership : Memberships(memberships_)) {
    if (!membership.socket) continue;
    if (auto* state = membership.socket->state()) state->on_drained();
  }
}

void Client::on_connect(const Packet& packet) {
  if (!packet.json.empty() && !is_valid_auth(packet.json)) return on_violation();
  auto* const nsp = server_.find(packet.nsp);
  if (!nsp) return refuse_unknown_namespace(packet.nsp);
  const bool is_full = memberships_.size() >= server_.options().namespaces_per_connection_max;
  if (is_full || find(packet.nsp) != memberships_.end()) return on_violation();

  auto attempt = std::make_shared<ConnectAttempt>(*this, *nsp, session_);
  memberships_.push_back({.nsp = nsp, .attempt = attempt, .socket = nullptr});
  update_connect_timer();
  nsp->handlers().on_connect(PendingConnect(std::move(attempt)), packet.json);
}

void Client::refuse_unknown_namespace(std::string_view name) {
  // The name goes back to the client, and not every transport has checked its bytes.
  if (!simdjson::validate_utf8(name)) return on_violation();
  base::metrics::add(Counter::connections_refused);
  session_->send(encode_packet(PacketType::connect_error, name, {}, R"({"message":"Invalid namespace"})"));
}

std::shared_ptr<Socket> Client::accept(ConnectAttempt& attempt, SocketId id, std::string_view pid) {
  const auto membership = find(attempt.nsp().name());
  attempt.drop();
  auto socket = std::make_shared<ClientSocket>(*this, *membership->nsp, session_, std::move(id));
  membership->attempt = nullptr;
  membership->socket = socket;
  update_connect_timer();
  base::metrics::add(Counter::connections_accepted);
  base::metrics::add(Gauge::connections, 1);
  session_->send(encode_connect_reply(socket->nsp().name(), socket->id(), pid));
  socket->join(socket->id());
  return socket;
}

void Client::refuse(ConnectAttempt& attempt, std::string_view error_json, bool close_transport) {
  attempt.drop();
  base::metrics::add(Counter::connections_refused);
  session_->send(encode_packet(PacketType::connect_error, attempt.nsp().name(), {}, error_json));
  memberships_.erase(find(attempt.nsp().name()));
  update_connect_timer();
  if (close_transport) close(CloseReason::forced_close);
}

void Client::on_disconnect(const Packet& packet) {
  const auto socket = joined(packet.nsp);
  if (!socket || !packet.json.empty()) return on_violation();
  leave(find(packet.nsp), CloseReason::transport_close);
}

void Client::disconnect(ClientSocket& socket) {
  session_->send(encode_packet(PacketType::disconnect, socket.nsp().name(), {}, {}));
  leave(find(socket.nsp().name()), CloseReason::forced_close);
}

void Client::leave(Memberships::iterator place, CloseReason reason) {
  const auto [nsp, attempt, socket] = std::move(*place);
  memberships_.erase(place);
  update_connect_timer();
  if (!socket) return;
  socket->detach();
  nsp->adapter().remove_all(socket);
  base::metrics::add(Gauge::connections, -1);
  nsp->handlers().on_disconnect(socket, reason);
}

void Client::on_event(const Packet& packet) {
  const auto socket = joined(packet.nsp);
  if (!socket) return on_violation();
  const auto& handlers = socket->nsp().handlers();
  if (packet.attachments > 0 && !handlers.accepts_binary) return on_violation();
  // The reference takes an event without any JSON and does nothing with it.
  if (packet.json.empty() && packet.attachments == 0) return;
  std::string scratch;
  const auto name = read_event_name(packet.json, packet.attachments, scratch);
  if (!name) return on_violation();
  if (packet.attachments > 0) {
    assembly_ = std::make_unique<BinaryAssembly>(packet, socket, *name);
    return;
  }
  handlers.on_event(socket,
                    {.name = *name, .json = packet.json, .ack_id = packet.ack_id, .attachments = no_attachments});
}

// Also an ack that nobody awaits is held to the protocol before it is dropped.
void Client::on_ack(const Packet& packet) {
  const auto socket = joined(packet.nsp);
  if (!socket) return on_violation();
  if (packet.attachments > 0 && !socket->nsp().handlers().accepts_binary) return on_violation();
  if (packet.json.empty() && packet.attachments == 0) return;
  if (!is_valid_ack(packet.json, packet.attachments)) return on_violation();
  if (packet.attachments > 0) {
    assembly_ = std::make_unique<BinaryAssembly>(packet, socket, std::string_view());
  } else if (packet.ack_id) {
    socket->on_ack(*packet.ack_id, packet.json, no_attachments);
  }
}

void Client::on_attachment(std::string_view bytes) {
  if (!assembly_ || !assembly_->add(bytes)) return on_violation();
  if (assembly_->is_complete()) on_assembled();
}

void Client::on_assembled() {
  const auto assembly = std::move(assembly_);
  const auto& socket = assembly->socket();
  if (!socket->is_connected()) return;
  const auto event = assembly->event();
  if (!assembly->is_ack()) return socket->nsp().handlers().on_event(socket, event);
  if (event.ack_id) socket->on_ack(*event.ack_id, event.json, event.attachments);
}

void Client::on_violation() {
  base::metrics::add(Counter::malformed_input);
  close(CloseReason::forced_close);
}

// The sockets stay until on_close() tells the reason; attempts are of no use any more.
void Client::close(CloseReason reason) {
  if (std::exchange(is_closing_, true)) return;
  assembly_ = nullptr;
  update_connect_timer();
  drop_attempts();
  session_->close(reason);
}

void Client::drop_attempts() noexcept {
  for (const auto& membership : memberships_) {
    if (membership.attempt) membership.attempt->drop();
  }
}

void Client::update_connect_timer() {
  const auto is_joined = [](const Membership& membership) { return membership.socket != nullptr; };
  const bool is_settled = !memberships_.empty() && std::ranges::all_of(memberships_, is_joined);
  if (is_closing_ || is_settled) {
    executor_.cancel(std::exchange(connect_timer_, 0));
  } else if (connect_timer_ == 0) {
    connect_timer_ = executor_.schedule(server_.options().connect_timeout, [this] {
      connect_timer_ = 0;
      close(CloseReason::forced_close);
    });
  }
}

Client::Memberships::iterator Client::find(std::string_view nsp) noexcept {
  return std::ranges::find(memberships_, nsp,
                           [](const Membership& membership) -> std::string_view { return membership.nsp->name(); });
}

std::shared_ptr<ClientSocket> Client::joined(std::string_view nsp) noexcept {
  const auto membership = find(nsp);
  return membership == memberships_.end() ? nullptr : membership->socket;
}

}  // namespace socketio
