// Whatever the payload: a value or a refusal. The input is the JSON array of an event.
#include <cstdlib>
#include <string>

#include "gateway/dtos.hpp"

namespace {

template <class Dto>
void parse(std::string_view event_json) {
  const auto payload = gateway::payload_of(event_json);
  if (!payload) return;
  const auto dto = Dto::parse(*payload);
  // A refusal names a code that blames the input.
  if (!dto && base::is_retryable(dto.error().code)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string padded(reinterpret_cast<const char*>(data), size);
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  const std::string_view json(padded.data(), size);
  parse<gateway::OpenConversationDto>(json);
  parse<gateway::SendMessageDto>(json);
  parse<gateway::TypingDto>(json);
  parse<gateway::ReceiptDto>(json);
  parse<gateway::GetMessagesDto>(json);
  parse<gateway::GetConversationsDto>(json);
  parse<gateway::SyncDto>(json);
  parse<gateway::RefreshTokenDto>(json);
  static_cast<void>(gateway::ConnectAuth::parse(json));
  return 0;
}
