#include "gateway/dtos.hpp"

#include <array>
#include <cmath>

#include "messaging/content_rules.hpp"
#include "messaging/messaging_service.hpp"

namespace gateway {
namespace {

using base::invalid_field;
using messaging::MessagingService;
using simdjson::dom::element;

constexpr int inbox_limit_max = 100;

// The last member of each name in one pass over the object; simdjson's own lookup finds the first.
template <std::size_t N>
std::array<std::optional<element>, N> members(JsonObject payload, const std::array<std::string_view, N>& names) {
  std::array<std::optional<element>, N> found;
  for (const auto& member : payload) {
    for (std::size_t i = 0; i < N; ++i) {
      if (member.key == names[i]) found[i] = member.value;
    }
  }
  return found;
}

bool is_absent(const std::optional<element>& member) {
  return !member || member->is_null();
}

std::optional<std::string_view> text_of(const std::optional<element>& member) {
  std::string_view text;
  if (!member || member->get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

// Reads one member into `out`. The first failure of a payload stays; later reads are then skipped.
class Reader {
 public:
  template <class Id>
  Reader& required_id(std::string_view field, const std::optional<element>& member, Id& out) {
    if (failure_) return *this;
    const auto text = text_of(member);
    const auto id = text ? Id::parse(*text) : std::nullopt;
    if (!id) return refuse(field);
    out = *id;
    return *this;
  }

  template <class Id>
  Reader& optional_id(std::string_view field, const std::optional<element>& member, std::optional<Id>& out) {
    if (is_absent(member)) return *this;
    return required_id(field, member, out.emplace());
  }

  Reader& required_text(std::string_view field, const std::optional<element>& member, std::string& out) {
    if (failure_) return *this;
    const auto text = text_of(member);
    if (!text) return refuse(field);
    out = *text;
    return *this;
  }

  Reader& optional_text(std::string_view field, const std::optional<element>& member, std::optional<std::string>& out) {
    if (is_absent(member)) return *this;
    return required_text(field, member, out.emplace());
  }

  Reader& content(const std::optional<element>& member, std::string& out) {
    required_text("content", member, out);
    if (failure_) return *this;
    if (auto checked = messaging::check_content(out); !checked) failure_ = std::move(checked.error());
    return *this;
  }

  Reader& optional_bool(std::string_view field, const std::optional<element>& member, bool& out) {
    if (failure_ || is_absent(member)) return *this;
    if (member->get_bool().get(out) != simdjson::SUCCESS) return refuse(field);
    return *this;
  }

  // A whole number from 1 to `max`; 50.0 is one, as it is in JavaScript.
  Reader& limit(const std::optional<element>& member, int max, int& out) {
    if (failure_ || is_absent(member)) return *this;
    double number = 0;
    if (member->get_double().get(number) != simdjson::SUCCESS) return refuse("limit");
    if (number < 1 || number > max || std::trunc(number) != number) return refuse("limit");
    out = static_cast<int>(number);
    return *this;
  }

  Reader& refuse(std::string_view field) {
    if (!failure_) failure_ = base::Error{.code = base::Errc::validation_failed, .field = field};
    return *this;
  }

  template <class Dto>
  [[nodiscard]] Result<Dto> result(Dto dto) {
    if (failure_) return std::unexpected(std::move(*failure_));
    return dto;
  }

 private:
  std::optional<base::Error> failure_;
};

// Nothing where the member is absent; "", which nothing accepts, where it is no string.
std::optional<std::string> text_or_unreadable(const std::optional<element>& member) {
  if (!member) return std::nullopt;
  return std::string(text_of(member).value_or(""));
}

}  // namespace

Result<OpenConversationDto> OpenConversationDto::parse(JsonObject payload) {
  const auto [user_id] = members<1>(payload, {"userId"});
  OpenConversationDto dto;
  Reader reader;
  reader.required_id("userId", user_id, dto.user_id);
  return reader.result(std::move(dto));
}

Result<SendMessageDto> SendMessageDto::parse(JsonObject payload) {
  const auto [conversation, content, client_message] =
      members<3>(payload, {"conversationId", "content", "clientMessageId"});
  SendMessageDto dto;
  Reader reader;
  reader.required_id("conversationId", conversation, dto.conversation_id)
      .optional_id("clientMessageId", client_message, dto.client_message_id)
      .content(content, dto.content);
  return reader.result(std::move(dto));
}

Result<TypingDto> TypingDto::parse(JsonObject payload) {
  const auto [conversation, is_typing] = members<2>(payload, {"conversationId", "isTyping"});
  TypingDto dto;
  Reader reader;
  reader.required_id("conversationId", conversation, dto.conversation_id)
      .optional_bool("isTyping", is_typing, dto.is_typing);
  return reader.result(dto);
}

Result<ReceiptDto> ReceiptDto::parse(JsonObject payload) {
  const auto [conversation, message] = members<2>(payload, {"conversationId", "messageId"});
  ReceiptDto dto;
  Reader reader;
  reader.required_id("conversationId", conversation, dto.conversation_id)
      .required_id("messageId", message, dto.message_id);
  return reader.result(dto);
}

Result<GetMessagesDto> GetMessagesDto::parse(JsonObject payload) {
  const auto [conversation, limit, cursor, around] =
      members<4>(payload, {"conversationId", "limit", "cursor", "around"});
  GetMessagesDto dto;
  Reader reader;
  reader.required_id("conversationId", conversation, dto.conversation_id)
      .limit(limit, MessagingService::history_limit_max, dto.limit)
      .optional_text("cursor", cursor, dto.cursor)
      .optional_id("around", around, dto.around);
  if (dto.cursor && dto.around) reader.refuse("cursor");
  return reader.result(std::move(dto));
}

Result<GetConversationsDto> GetConversationsDto::parse(JsonObject payload) {
  const auto [limit, cursor] = members<2>(payload, {"limit", "cursor"});
  GetConversationsDto dto;
  Reader reader;
  reader.limit(limit, inbox_limit_max, dto.limit).optional_text("cursor", cursor, dto.cursor);
  return reader.result(std::move(dto));
}

Result<SyncDto> SyncDto::parse(JsonObject payload) {
  const auto [since, limit] = members<2>(payload, {"since", "limit"});
  SyncDto dto;
  Reader reader;
  reader.required_text("since", since, dto.since).limit(limit, MessagingService::sync_limit_max, dto.limit);
  return reader.result(std::move(dto));
}

Result<RefreshTokenDto> RefreshTokenDto::parse(JsonObject payload) {
  const auto [token] = members<1>(payload, {"token"});
  RefreshTokenDto dto;
  Reader reader;
  reader.required_text("token", token, dto.token);
  return reader.result(std::move(dto));
}

ConnectAuth ConnectAuth::parse(std::string_view auth_json) {
  if (auth_json.empty()) return {};
  const auto json = socketio::parse_json(auth_json);
  JsonObject object;
  if (!json || json->get_object().get(object) != simdjson::SUCCESS) return {};
  const auto [token, pid, offset, since] = members<4>(object, {"token", "pid", "offset", "since"});
  const auto unless_null = [](const std::optional<element>& member) {
    return is_absent(member) ? std::nullopt : text_or_unreadable(member);
  };
  // Not so for the token: one that is null was meant to be a token, and the header must not stand in for it.
  return {.token = text_or_unreadable(token),
          .pid = unless_null(pid),
          .offset = unless_null(offset),
          .since = unless_null(since)};
}

Result<JsonObject> payload_of(std::string_view event_json) {
  const auto json = socketio::parse_json(event_json);
  simdjson::dom::array arguments;
  if (!json || json->get_array().get(arguments) != simdjson::SUCCESS) return base::fail(base::Errc::validation_failed);
  element payload;
  if (arguments.at(1).get(payload) != simdjson::SUCCESS) return base::fail(base::Errc::validation_failed);
  JsonObject object;
  if (payload.get_object().get(object) != simdjson::SUCCESS) return base::fail(base::Errc::validation_failed);
  return object;
}

}  // namespace gateway
