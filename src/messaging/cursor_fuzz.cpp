// Whatever text a client sends as a token is refused, or it is one that was handed out. The input is read as a token
// itself, and as edits of good ones, which no mutation of random text would reach.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "messaging/opaque_tokens.hpp"

namespace {

using namespace messaging;

const OpaqueTokens tokens(ServiceState{});
const UserId user = *UserId::parse("fuzzer");
const ConversationId conversation = *ConversationId::parse("0190a5a4-1111-7222-8333-444455556666");

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_readable(std::string_view text) {
  const auto position = tokens.read_offset(user, text);
  if (position) require(tokens.offset(user, *position) == text);
  const auto range = tokens.read_history_cursor(user, conversation, text);
  if (range) require(tokens.history_cursor(user, conversation, *range) == text);
  const auto cursor = tokens.read_inbox_cursor(user, text);
  if (cursor) require(tokens.inbox_cursor(user, *cursor) == text);
  return position || range || cursor || tokens.is_pid_of(user, text);
}

// Pairs of bytes: where, and what stands there instead.
std::string edited(std::string token, std::string_view edits) {
  for (std::size_t i = 0; i + 1 < edits.size(); i += 2) {
    token[static_cast<unsigned char>(edits[i]) % token.size()] = edits[i + 1];
  }
  return token;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)is_readable(input);

  Position number = 0;
  for (std::size_t i = 0; i < size && i < 7; ++i) number = number << 8 | data[i];
  const std::array good{tokens.offset(user, number), tokens.new_pid(user),
                        tokens.history_cursor(user, conversation, {HistoryRange::From::before, number}),
                        tokens.inbox_cursor(user, {SystemTime(base::milliseconds(number)), conversation})};
  for (const auto& token : good) {
    require(is_readable(token));
    const auto other = edited(token, input);
    require(other == token || !is_readable(other));
  }
  return 0;
}
