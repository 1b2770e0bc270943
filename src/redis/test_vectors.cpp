#include "redis/test_vectors.hpp"

#include <array>
#include <stdexcept>

#include "redis/cluster_json.hpp"

namespace redis::testing {
namespace {

constexpr std::array request_names{"socket_ids",       "rooms",    "join", "leave", "disconnect", "fetch_sockets",
                                   "server_side_emit", "broadcast"};

std::string text(const JsonValue& value, std::string_view name) {
  return std::string(find_string(value, name).value_or(""));
}

ClusterAnswer::Type answer_type(std::string_view name) {
  using Type = ClusterAnswer::Type;
  if (name == "rooms") return Type::rooms;
  if (name == "sockets") return Type::sockets;
  if (name == "server_side_emit") return Type::server_side_emit;
  if (name == "client_count") return Type::client_count;
  if (name == "client_ack") return Type::client_ack;
  throw std::invalid_argument(std::string(name));
}

void read_sent(const JsonValue& sent, TestVector& vector) {
  vector.uid = text(sent, "uid");
  auto& [json, options] = vector.sent.emplace();
  json = text(sent, "event");
  bool is_volatile = false;
  if (!read_rooms(sent, "rooms", options.rooms) || !read_rooms(sent, "except", options.except) ||
      sent["volatile"].get(is_volatile) != simdjson::SUCCESS) {
    throw std::invalid_argument(vector.step);
  }
  options.is_volatile = is_volatile;
}

void read_answer(const JsonValue& answer, TestVector& vector) {
  vector.uid = text(answer, "uid");
  vector.request = ClusterRequest{.requester = text(answer, "requester"), .id = text(answer, "id")};
  vector.answer = {.type = answer_type(text(answer, "type")), .json = text(answer, "json")};
}

TestVector read_vector(const JsonValue& value) {
  TestVector vector{.protocol = text(value, "protocol"),
                    .step = text(value, "step"),
                    .nsp = text(value, "nsp"),
                    .message = {.channel = text(value, "channel"), .payload = unhex(text(value, "payload"))},
                    .expected = text(value, "expected")};
  if (const auto sent = find_member(value, "sent")) read_sent(*sent, vector);
  if (const auto answer = find_member(value, "answer")) read_answer(*answer, vector);
  return vector;
}

std::string describe_target(const socketio::BroadcastOptions& to) {
  std::string line;
  for (const auto& room : to.rooms) line += " to " + room;
  for (const auto& room : to.except) line += " except " + room;
  if (to.is_volatile) line += " volatile";
  return line;
}

std::string describe_event(const socketio::RelayedEvent& event) {
  auto line = "event " + event.json;
  for (const auto& attachment : event.attachments) line += " +" + to_hex(attachment);
  line += describe_target(event.to);
  if (!event.traceparent.empty()) line += " traceparent " + event.traceparent;
  return line;
}

std::string describe_request(const ClusterRequest& request) {
  auto line = std::string("request ") + request_names[static_cast<std::size_t>(request.type)] + " of " +
              request.requester + "/" + request.id;
  if (request.type == ClusterRequest::Type::broadcast) line += " " + describe_event(request.event);
  line += describe_target(request.to);
  if (!request.sid.empty()) line += " sid " + request.sid;
  for (const auto& room : request.rooms) line += " room " + room;
  if (request.closes_transport) line += " close";
  if (request.timeout) line += " timeout " + std::to_string(request.timeout->count());
  return line;
}

}  // namespace

std::vector<TestVector> load_test_vectors(std::string_view protocol) {
  simdjson::dom::parser parser;
  const JsonValue root = parser.load(TEST_VECTORS_FILE);
  std::vector<TestVector> vectors;
  for (const JsonValue value : root["vectors"].get_array()) {
    auto vector = read_vector(value);
    if (vector.protocol == protocol) vectors.push_back(std::move(vector));
  }
  return vectors;
}

std::string describe(const std::optional<ClusterMessage>& message) {
  if (!message) return "malformed";
  if (const auto* const event = std::get_if<socketio::RelayedEvent>(&*message)) return describe_event(*event);
  if (const auto* const request = std::get_if<ClusterRequest>(&*message)) return describe_request(*request);
  return "nothing";
}

std::string unhex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 0xf];
  }
  return text;
}

}  // namespace redis::testing
