#include "gateway/dtos.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace gateway {
namespace {

constexpr std::string_view conversation = "0190e5f0-1111-7abc-8def-0123456789ab";
constexpr std::string_view message = "0190e5f0-2222-7abc-8def-0123456789ab";

// With just the padding that simdjson is promised, so that reading beyond is caught.
class Padded {
 public:
  explicit Padded(std::string_view text) : size_(text.size()) {
    bytes_ = std::make_unique<char[]>(size_ + simdjson::SIMDJSON_PADDING);
    text.copy(bytes_.get(), size_);
  }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

template <class Dto>
Result<Dto> parse(std::string payload) {
  // @ stands for a conversation's id, # for a message's.
  const auto replace = [&payload](char mark, std::string_view id) {
    if (const auto at = payload.find(mark); at != std::string::npos) payload.replace(at, 1, id);
  };
  replace('@', conversation);
  replace('#', message);
  const Padded json(R"(["event",)" + payload + "]");
  const auto object = payload_of(json.view());
  if (!object) return std::unexpected(object.error());
  return Dto::parse(*object);
}

// The field that is refused; "" for a valid payload, the code's name where no field is to blame.
template <class Dto>
std::string refused(std::string payload) {
  const auto dto = parse<Dto>(std::move(payload));
  if (dto) return "";
  return dto.error().field.empty() ? std::string(base::to_string(dto.error().code)) : std::string(dto.error().field);
}

TEST(PayloadOf, no_argument_or_no_object_is_refused_without_a_field) {
  for (const auto* json : {R"(["e"])", R"(["e",null])", R"(["e",[]])", R"(["e","{}"])", R"(["e",1])"}) {
    const Padded padded(json);
    const auto payload = payload_of(padded.view());
    ASSERT_FALSE(payload) << json;
    EXPECT_EQ(payload.error().code, base::Errc::validation_failed);
    EXPECT_EQ(payload.error().field, "");
  }
}

TEST(PayloadOf, further_arguments_are_ignored) {
  const Padded padded(R"(["e",{},1,"two"])");
  EXPECT_TRUE(payload_of(padded.view()));
}

TEST(OpenConversationDto, user_id_must_be_a_string_of_the_documented_form) {
  EXPECT_EQ(parse<OpenConversationDto>(R"({"userId":"bob"})")->user_id.str(), "bob");
  EXPECT_EQ(refused<OpenConversationDto>(R"({"userId":""})"), "userId");
  EXPECT_EQ(refused<OpenConversationDto>(R"({"userId":"a b"})"), "userId");
  EXPECT_EQ(refused<OpenConversationDto>(R"({"userId":7})"), "userId");
  EXPECT_EQ(refused<OpenConversationDto>(R"({"userId":null})"), "userId");
  EXPECT_EQ(refused<OpenConversationDto>(R"({})"), "userId");
  EXPECT_EQ(refused<OpenConversationDto>(R"({"userId":")" + std::string(129, 'a') + "\"}"), "userId");
}

TEST(SendMessageDto, whole_payload_is_read) {
  const auto dto = parse<SendMessageDto>(R"({"conversationId":"@","content":"hi","clientMessageId":"#"})");
  ASSERT_TRUE(dto);
  EXPECT_EQ(dto->conversation_id.to_string(), conversation);
  EXPECT_EQ(dto->content, "hi");
  EXPECT_EQ(dto->client_message_id->to_string(), message);
}

TEST(SendMessageDto, upper_case_ids_are_read_as_lower_case) {
  const auto dto = parse<SendMessageDto>(R"({"conversationId":"0190E5F0-1111-7ABC-8DEF-0123456789AB","content":"hi"})");
  EXPECT_EQ(dto->conversation_id.to_string(), conversation);
}

TEST(SendMessageDto, client_message_id_that_is_null_counts_as_absent) {
  EXPECT_EQ(parse<SendMessageDto>(R"({"conversationId":"@","content":"hi","clientMessageId":null})")->client_message_id,
            std::nullopt);
}

TEST(SendMessageDto, unknown_members_are_ignored) {
  EXPECT_EQ(refused<SendMessageDto>(R"({"conversationId":"@","content":"hi","__proto__":{"content":5},"x":[1]})"), "");
}

TEST(SendMessageDto, the_last_of_duplicate_members_counts) {
  EXPECT_EQ(parse<SendMessageDto>(R"({"content":5,"conversationId":"@","content":"last"})")->content, "last");
  EXPECT_EQ(refused<SendMessageDto>(R"({"content":"first","conversationId":"@","content":5})"), "content");
}

TEST(SendMessageDto, wrong_types_and_forms_name_their_field) {
  EXPECT_EQ(refused<SendMessageDto>(R"({"conversationId":"no-uuid","content":"hi"})"), "conversationId");
  EXPECT_EQ(refused<SendMessageDto>(R"({"conversationId":"{@}","content":"hi"})"), "conversationId");
  EXPECT_EQ(refused<SendMessageDto>(R"({"conversationId":"@"})"), "content");
  EXPECT_EQ(refused<SendMessageDto>(R"({"conversationId":"@","content":null})"), "content");
  EXPECT_EQ(refused<SendMessageDto>(R"({"conversationId":"@","content":""})"), "content");
  EXPECT_EQ(refused<SendMessageDto>(R"({"conversationId":"@","content":["hi"]})"), "content");
  EXPECT_EQ(refused<SendMessageDto>(R"({"conversationId":"@","content":"hi","clientMessageId":"1"})"),
            "clientMessageId");
}

TEST(SendMessageDto, content_of_5000_characters_is_accepted_and_one_more_refused) {
  const auto payload = [](std::size_t characters) {
    return R"({"conversationId":"@","content":")" + std::string(characters, 'x') + "\"}";
  };
  EXPECT_EQ(refused<SendMessageDto>(payload(5000)), "");
  EXPECT_EQ(refused<SendMessageDto>(payload(5001)), "content");
}

TEST(SendMessageDto, nul_and_lone_surrogate_are_invalid_content) {
  EXPECT_EQ(parse<SendMessageDto>(R"({"conversationId":"@","content":"a\u0000b"})").error().code,
            base::Errc::invalid_content);
  EXPECT_EQ(parse<SendMessageDto>(R"({"conversationId":"@","content":"a\ud800b"})").error().code,
            base::Errc::invalid_content);
}

TEST(TypingDto, is_typing_defaults_to_true) {
  EXPECT_TRUE(parse<TypingDto>(R"({"conversationId":"@"})")->is_typing);
  EXPECT_TRUE(parse<TypingDto>(R"({"conversationId":"@","isTyping":null})")->is_typing);
  EXPECT_FALSE(parse<TypingDto>(R"({"conversationId":"@","isTyping":false})")->is_typing);
  EXPECT_EQ(refused<TypingDto>(R"({"conversationId":"@","isTyping":"true"})"), "isTyping");
  EXPECT_EQ(refused<TypingDto>(R"({"conversationId":"@","isTyping":1})"), "isTyping");
}

TEST(ReceiptDto, both_ids_are_required) {
  EXPECT_EQ(refused<ReceiptDto>(R"({"conversationId":"@","messageId":"#"})"), "");
  EXPECT_EQ(refused<ReceiptDto>(R"({"messageId":"#"})"), "conversationId");
  EXPECT_EQ(refused<ReceiptDto>(R"({"conversationId":"@"})"), "messageId");
}

TEST(GetMessagesDto, limit_is_a_whole_number_from_1_to_100) {
  const auto limit = [](std::string text) {
    return refused<GetMessagesDto>(R"({"conversationId":"@","limit":)" + text + "}");
  };
  EXPECT_EQ(parse<GetMessagesDto>(R"({"conversationId":"@"})")->limit, 50);
  for (const auto* text : {"1", "100", "50.0", "1e2", "null"}) EXPECT_EQ(limit(text), "") << text;
  for (const auto* text : {"0", "101", "-1", "1.5", "\"50\"", "true", "1e400", "18446744073709551615", "[]"}) {
    EXPECT_EQ(limit(text), "limit") << text;
  }
}

TEST(GetMessagesDto, cursor_beside_around_is_refused) {
  EXPECT_EQ(refused<GetMessagesDto>(R"({"conversationId":"@","cursor":"c"})"), "");
  EXPECT_EQ(refused<GetMessagesDto>(R"({"conversationId":"@","around":"#"})"), "");
  EXPECT_EQ(refused<GetMessagesDto>(R"({"conversationId":"@","around":"#","cursor":null})"), "");
  EXPECT_EQ(refused<GetMessagesDto>(R"({"conversationId":"@","around":"#","cursor":"c"})"), "cursor");
  EXPECT_EQ(refused<GetMessagesDto>(R"({"conversationId":"@","cursor":5})"), "cursor");
}

TEST(GetConversationsDto, everything_is_optional) {
  EXPECT_EQ(parse<GetConversationsDto>("{}")->limit, 20);
  EXPECT_EQ(refused<GetConversationsDto>(R"({"limit":101})"), "limit");
  EXPECT_EQ(parse<GetConversationsDto>(R"({"cursor":"c"})")->cursor, "c");
}

TEST(SyncDto, since_is_required_and_limit_goes_up_to_1000) {
  EXPECT_EQ(parse<SyncDto>(R"({"since":"s"})")->limit, 500);
  EXPECT_EQ(refused<SyncDto>("{}"), "since");
  EXPECT_EQ(refused<SyncDto>(R"({"since":null})"), "since");
  EXPECT_EQ(refused<SyncDto>(R"({"since":"s","limit":1000})"), "");
  EXPECT_EQ(refused<SyncDto>(R"({"since":"s","limit":1001})"), "limit");
}

TEST(RefreshTokenDto, token_must_be_a_string) {
  EXPECT_EQ(parse<RefreshTokenDto>(R"({"token":"t"})")->token, "t");
  EXPECT_EQ(refused<RefreshTokenDto>(R"({"token":{}})"), "token");
}

ConnectAuth connect_auth(std::string_view json) {
  const Padded padded(json);
  return ConnectAuth::parse(padded.view());
}

TEST(ConnectAuth, no_payload_is_no_token) {
  EXPECT_EQ(connect_auth("").token, std::nullopt);
}

TEST(ConnectAuth, members_of_the_official_client_and_of_the_application_are_read) {
  const auto auth = connect_auth(R"({"pid":"p","offset":"o","token":"t","since":"s","other":1})");
  EXPECT_EQ(auth.token, "t");
  EXPECT_EQ(auth.pid, "p");
  EXPECT_EQ(auth.offset, "o");
  EXPECT_EQ(auth.since, "s");
}

TEST(ConnectAuth, token_of_another_type_is_a_bad_token_and_not_an_absent_one) {
  for (const auto* json : {R"({"token":42})", R"({"token":null})", R"({"token":["t"]})"}) {
    EXPECT_EQ(connect_auth(json).token, "") << json;
  }
}

TEST(ConnectAuth, places_that_are_null_count_as_absent_and_those_of_another_type_as_unreadable) {
  const auto nulls = connect_auth(R"({"pid":null,"offset":null,"since":null})");
  EXPECT_EQ(nulls.pid, std::nullopt);
  EXPECT_EQ(nulls.offset, std::nullopt);
  EXPECT_EQ(nulls.since, std::nullopt);
  EXPECT_EQ(connect_auth(R"({"offset":5})").offset, "");
}

}  // namespace
}  // namespace gateway
