// What clients send, taken apart and checked: one struct for each event's payload, and one for the CONNECT's. First
// step of every handler; the only place where input's types, lengths and forms are judged. Members that are not known
// are ignored; of a member that stands there twice the last one counts, as JSON.parse has it. An optional member that
// is null counts as absent: JavaScript clients send both for "none". A required one that is null is of the wrong type.
// parse() fails with validation_failed and the field's name, or invalid_content. Pure functions; any thread. Heavy
// header (simdjson): for .cpp files.
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "socketio/json.hpp"

namespace gateway {

using base::Result;
using JsonObject = simdjson::dom::object;

struct OpenConversationDto {
  base::UserId user_id;
  [[nodiscard]] static Result<OpenConversationDto> parse(JsonObject payload);
};

struct SendMessageDto {
  base::ConversationId conversation_id;
  std::string content;
  std::optional<base::ClientMessageId> client_message_id;
  [[nodiscard]] static Result<SendMessageDto> parse(JsonObject payload);
};

struct TypingDto {
  base::ConversationId conversation_id;
  bool is_typing = true;
  [[nodiscard]] static Result<TypingDto> parse(JsonObject payload);
};

// Of messageDelivered and messageRead.
struct ReceiptDto {
  base::ConversationId conversation_id;
  base::MessageId message_id;
  [[nodiscard]] static Result<ReceiptDto> parse(JsonObject payload);
};

struct GetMessagesDto {
  base::ConversationId conversation_id;
  int limit = 50;
  std::optional<std::string> cursor;
  std::optional<base::MessageId> around;
  [[nodiscard]] static Result<GetMessagesDto> parse(JsonObject payload);
};

struct GetConversationsDto {
  int limit = 20;
  std::optional<std::string> cursor;
  [[nodiscard]] static Result<GetConversationsDto> parse(JsonObject payload);
};

struct SyncDto {
  std::string since;
  int limit = 500;
  [[nodiscard]] static Result<SyncDto> parse(JsonObject payload);
};

struct RefreshTokenDto {
  std::string token;
  [[nodiscard]] static Result<RefreshTokenDto> parse(JsonObject payload);
};

// The CONNECT's payload. It has no invalid form: a token that is no string is a bad token ("", which no verifier
// accepts), and a pid or offset that is no string is one that cannot be read.
struct ConnectAuth {
  std::optional<std::string> token{};
  // Put there by the official client, for connection state recovery.
  std::optional<std::string> pid{};
  std::optional<std::string> offset{};
  // Put there by the application: sync from here.
  std::optional<std::string> since{};
  // `auth_json`: "" for a CONNECT without payload; padded for simdjson.
  [[nodiscard]] static ConnectAuth parse(std::string_view auth_json);
};

// The payload of an event: the second element of its JSON array. validation_failed without a field where there is none
// or it is no object. `event_json` needs simdjson's padding; the object is good until the next parse on this thread.
[[nodiscard]] Result<JsonObject> payload_of(std::string_view event_json);

}  // namespace gateway
