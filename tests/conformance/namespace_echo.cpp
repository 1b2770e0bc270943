#include "namespace_echo.hpp"

#include "socketio/event.hpp"
#include "socketio/packet.hpp"

namespace conformance {
namespace {

using socketio::IncomingEvent;
using socketio::PacketType;
using socketio::Socket;

void greet(const std::string& nsp, const socketio::PendingConnect& connect, std::string_view auth) {
  const auto socket = connect.accept(socketio::make_socket_id());
  const auto json = R"(["auth",)" + std::string(auth.empty() ? "{}" : auth) + "]";
  socket->send(socketio::encode_packet(PacketType::event, nsp, {}, json));
}

// The header, then the event's own attachments.
void reply(Socket& socket, engineio::OutboundMessage header, const IncomingEvent& event) {
  std::vector<engineio::OutboundMessage> packet{std::move(header)};
  for (const auto& attachment : event.attachments) packet.push_back(engineio::OutboundMessage::binary(attachment));
  socket.send(packet);
}

void echo(const std::string& nsp, Socket& socket, const IncomingEvent& event) {
  const std::string arguments(socketio::raw_arguments(event.json));
  const auto attachments = event.attachments.size();
  if (event.name == "message") {
    const auto type = attachments > 0 ? PacketType::binary_event : PacketType::event;
    const auto json = R"(["message-back")" + (arguments.empty() ? "" : "," + arguments) + "]";
    reply(socket, socketio::encode_packet(type, nsp, {}, json, attachments), event);
  } else if (event.name == "message-with-ack" && event.ack_id) {
    const auto type = attachments > 0 ? PacketType::binary_ack : PacketType::ack;
    reply(socket, socketio::encode_packet(type, nsp, event.ack_id, "[" + arguments + "]", attachments), event);
  }
}

}  // namespace

socketio::Namespace::Handlers namespace_echo(const std::string& name) {
  return {.on_connect = [name](const socketio::PendingConnect& connect,
                               std::string_view auth) { greet(name, connect, auth); },
          .on_event = [name](const std::shared_ptr<Socket>& socket,
                             const IncomingEvent& event) { echo(name, *socket, event); },
          .on_disconnect = [](const std::shared_ptr<Socket>&, engineio::CloseReason) {},
          .accepts_binary = true};
}

}  // namespace conformance
