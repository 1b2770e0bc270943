// A member of the cluster may send anything: the input's first byte names the protocol and the channel. Whatever is
// taken for an event is one that a client takes, and whatever is asked for can be answered.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "redis/classic_protocol.hpp"
#include "redis/sharded_protocol.hpp"
#include "socketio/event.hpp"
#include "socketio/json.hpp"
#include "socketio/packet.hpp"

namespace {

using namespace redis;

void check_event(const socketio::RelayedEvent& event) {
  auto padded = event.json;
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  std::string scratch;
  const auto json = std::string_view(padded).substr(0, event.json.size());
  if (!socketio::read_event_name(json, event.attachments.size(), scratch)) std::abort();
  if (event.attachments.size() > socketio::attachments_max) std::abort();
}

void check(const ClusterProtocol& protocol, std::string_view channel, std::string_view payload) {
  const auto message = protocol.decode(channel, payload);
  if (!message) return;
  if (const auto* const event = std::get_if<socketio::RelayedEvent>(&*message)) check_event(*event);
  if (const auto* const request = std::get_if<ClusterRequest>(&*message)) {
    if (request->type == ClusterRequest::Type::broadcast) check_event(request->event);
    const auto answer = protocol.encode_answer(
        *request, {.type = ClusterAnswer::Type::client_ack, .json = "[1]", .attachments = {"bytes"}});
    if (answer.payload.empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ClassicProtocol classic("socket.io", "/", "abcdef");
  static const ShardedProtocol sharded("socket.io", "/", "0123456789abcdef");
  if (size == 0) return 0;
  // A copy of just this size, so that reading beyond is caught.
  const auto exact = std::make_unique<char[]>(size - 1);
  std::copy_n(reinterpret_cast<const char*>(data) + 1, size - 1, exact.get());
  const std::string_view payload(exact.get(), size - 1);
  switch (data[0] % 3) {
    case 0:
      check(classic, "socket.io#/#", payload);
      break;
    case 1:
      check(classic, "socket.io-request#/#", payload);
      break;
    default:
      check(sharded, "socket.io#/#", payload);
  }
  return 0;
}
