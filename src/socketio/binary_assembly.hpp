// A packet whose attachments are still coming: the header's copy and what has arrived. Between Client and the handlers
// of a namespace, on the session's thread, from the header to the last attachment.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/client_socket.hpp"
#include "socketio/namespace.hpp"
#include "socketio/packet.hpp"

namespace socketio {

class BinaryAssembly {
 public:
  // Of one packet, JSON and attachments. More closes the connection: only what is complete can be handled and
  // forgotten.
  static constexpr std::size_t packet_bytes_max = 1024 * 1024;

  // `header` has been validated, and announces at least one attachment.
  BinaryAssembly(const Packet& header, std::shared_ptr<ClientSocket> socket, std::string_view event_name);

  // False where the packet grows too large.
  [[nodiscard]] bool add(std::string_view attachment);
  [[nodiscard]] bool is_complete() const noexcept { return attachments_.size() == expected_; }

  [[nodiscard]] bool is_ack() const noexcept { return is_ack_; }
  [[nodiscard]] const std::shared_ptr<ClientSocket>& socket() const noexcept { return socket_; }
  // Points into this object; an ack comes as an event without a name.
  [[nodiscard]] IncomingEvent event() const noexcept;

 private:
  std::shared_ptr<ClientSocket> socket_;
  std::string name_;
  std::string json_;  // with padding
  std::size_t json_size_;
  std::size_t bytes_;
  std::vector<std::string> attachments_;
  std::optional<AckId> ack_id_;
  std::uint8_t expected_;
  bool is_ack_;
};

}  // namespace socketio
