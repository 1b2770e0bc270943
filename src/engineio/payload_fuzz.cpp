// Whatever a POST's body holds, its packets are refused or can be written again as they were.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engineio/packet.hpp"
#include "engineio/payload_text.hpp"

namespace {

void expect(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t packets_max = 64;
  const engineio::PayloadText payload(std::string(reinterpret_cast<const char*>(data), size));
  const auto parts = payload.split(packets_max);
  if (!parts) return 0;
  expect(!parts->empty() && parts->size() <= packets_max);
  std::string scratch;
  std::string written;
  for (const std::string_view part : *parts) {
    const auto packet = engineio::decode_packet(part, scratch);
    if (!packet) continue;
    const auto message = packet->is_binary ? engineio::OutboundMessage::binary(packet->data)
                                           : engineio::OutboundMessage::packet(packet->type, packet->data);
    written.clear();
    message.append_to_payload(written);
    expect(written == part && message.payload_size() == part.size());
  }
  return 0;
}
