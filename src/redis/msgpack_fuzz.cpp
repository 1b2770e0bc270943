// Any bytes: what is taken for MessagePack comes out as JSON that a client's parser takes, with as many attachments as
// it has placeholders for, and goes back into MessagePack that says the same.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "redis/msgpack_json.hpp"
#include "socketio/json.hpp"

namespace {

using namespace redis;

struct Json {
  std::string text{};
  std::vector<std::string> attachments{};
};

std::optional<Json> decode(std::string_view bytes) {
  msgpack::Reader reader(bytes);
  Json json;
  if (!msgpack::append_as_json(json.text, reader, json.attachments) || !reader.is_at_end()) return std::nullopt;
  return json;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of just this size, so that reading beyond is caught.
  const auto exact = std::make_unique<char[]>(size);
  std::copy_n(reinterpret_cast<const char*>(data), size, exact.get());
  const std::string_view bytes(exact.get(), size);

  msgpack::Reader skipping(bytes);
  const bool is_whole = skipping.skip() && skipping.is_at_end();
  const auto json = decode(bytes);
  if (!json) return 0;
  if (!is_whole) std::abort();
  // A scalar alone is no text that the parser takes.
  const auto wrapped = "[" + json->text + "]";
  if (json->text.starts_with('[') && !socketio::parse_unpadded_json(json->text)) std::abort();
  if (!json->text.starts_with('[') && !json->text.starts_with('{') && !socketio::parse_unpadded_json(wrapped)) {
    std::abort();
  }
  std::string again;
  if (!msgpack::append_from_json(again, json->text, json->attachments)) return 0;
  const auto decoded_again = decode(again);
  if (!decoded_again || decoded_again->attachments.size() < json->attachments.size()) std::abort();
  return 0;
}
