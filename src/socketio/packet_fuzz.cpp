// Whatever decodes, encodes to text that decodes to the same.
#include <cstdint>
#include <cstdlib>

#include "socketio/packet.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace socketio;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto packet = decode_packet(text);
  // JSON never begins with a slash; such text would read as a namespace where "/" is left out.
  if (!packet || packet->json.starts_with('/')) return 0;
  std::string payload;
  encode_packet(packet->type, packet->nsp, packet->ack_id, packet->json, packet->attachments)
      .append_to_payload(payload);
  const auto again = decode_packet(std::string_view(payload).substr(1));
  const bool is_same = again && again->type == packet->type && again->attachments == packet->attachments &&
                       again->nsp == packet->nsp && again->ack_id == packet->ack_id && again->json == packet->json;
  if (!is_same) std::abort();
  return 0;
}
