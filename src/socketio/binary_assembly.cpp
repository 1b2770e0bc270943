#include "socketio/binary_assembly.hpp"

#include "socketio/json.hpp"

// States: gathering (fewer attachments than the header announced) -> complete; add() is legal while gathering only.

namespace socketio {

BinaryAssembly::BinaryAssembly(const Packet& header, std::shared_ptr<ClientSocket> socket, std::string_view event_name)
    : socket_(std::move(socket)),
      name_(event_name),
      json_size_(header.json.size()),
      bytes_(header.json.size()),
      ack_id_(header.ack_id),
      expected_(header.attachments),
      is_ack_(header.type == PacketType::binary_ack) {
  json_.reserve(json_size_ + simdjson::SIMDJSON_PADDING);
  json_ = header.json;
  json_.append(simdjson::SIMDJSON_PADDING, ' ');
}

bool BinaryAssembly::add(std::string_view attachment) {
  bytes_ += attachment.size();
  if (bytes_ > packet_bytes_max) return false;
  attachments_.emplace_back(attachment);
  return true;
}

IncomingEvent BinaryAssembly::event() const noexcept {
  return {.name = name_,
          .json = std::string_view(json_).substr(0, json_size_),
          .ack_id = ack_id_,
          .attachments = attachments_};
}

}  // namespace socketio
