// Fuzzes the decoding of what Redis sends: any bytes, in pieces of any size, give the same replies within the limits,
// or end the reader.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "redis/cluster_slots.hpp"
#include "redis/resp_reader.hpp"

namespace {

std::vector<redis::Reply> read(std::string_view bytes, std::size_t piece, bool& is_malformed) {
  redis::RespReader reader;
  std::vector<redis::Reply> replies;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (auto* reply = reader.next()) replies.push_back(std::move(*reply));
  }
  is_malformed = reader.is_malformed();
  return replies;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool whole_malformed = false;
  bool pieces_malformed = false;
  const auto whole = read(bytes, std::string_view::npos, whole_malformed);
  const auto pieces = read(bytes, std::size_t{data[0]} % 32 + 1, pieces_malformed);
  if (whole != pieces || whole_malformed != pieces_malformed) std::abort();
  for (const auto& reply : whole) {
    (void)redis::parse_slots(reply, {.host = "asked.example", .port = 1});
    (void)redis::parse_redirection(reply, {.host = "asked.example", .port = 1});
  }
  return 0;
}
