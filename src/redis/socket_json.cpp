#include "redis/socket_json.hpp"

#include "base/json_text.hpp"
#include "redis/cluster_json.hpp"

namespace redis {
namespace {

void append_handshake(std::string& out, const socketio::Socket& socket) {
  const auto& handshake = socket.handshake();
  out += R"({"headers":{},"time":")";
  base::append_iso8601(out, socket.connected_at());
  out += R"(","address":)";
  base::append_json_string(out, handshake.remote_address);
  out += R"(,"xdomain":)";
  out += handshake.origin.empty() ? "false" : "true";
  out += R"(,"secure":false,"issued":)";
  base::append_json_number(out, socket.connected_at().time_since_epoch().count());
  out += R"(,"url":"/socket.io/","query":{"EIO":"4","transport":)";
  out += handshake.has_websocket_transport ? R"("websocket")" : R"("polling")";
  out += R"(},"auth":{}})";
}

}  // namespace

void append_socket_json(std::string& out, const socketio::Socket& socket, const std::vector<socketio::Room>& rooms) {
  out += R"({"id":)";
  base::append_json_string(out, socket.id());
  out += R"(,"handshake":)";
  append_handshake(out, socket);
  out += R"(,"rooms":)";
  append_json_strings(out, rooms);
  out += R"(,"data":{}})";
}

}  // namespace redis
