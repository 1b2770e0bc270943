// Whatever text a client sends as a token is refused or read without harm; one that reads is one that was handed out.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "messaging/opaque_tokens.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace messaging;
  static const OpaqueTokens tokens(ServiceState{});
  static const UserId user = *UserId::parse("fuzzer");
  static const ConversationId conversation = *ConversationId::parse("0190a5a4-1111-7222-8333-444455556666");

  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto position = tokens.read_offset(user, text)) require(tokens.offset(user, *position) == text);
  if (const auto range = tokens.read_history_cursor(user, conversation, text)) {
    require(tokens.history_cursor(user, conversation, *range) == text);
  }
  if (const auto cursor = tokens.read_inbox_cursor(user, text)) require(tokens.inbox_cursor(user, *cursor) == text);
  (void)tokens.is_pid_of(user, text);

  // What the input's bytes make as a position reads back.
  Position position = 0;
  for (std::size_t i = 0; i < size && i < 7; ++i) position = position << 8 | data[i];
  require(tokens.read_offset(user, tokens.offset(user, position)) == position);
  return 0;
}
