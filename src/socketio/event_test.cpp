#include "socketio/event.hpp"

#include <gtest/gtest.h>

#include "socketio/json.hpp"

namespace socketio {
namespace {

// Padded text; what is read from it points into it.
class Json {
 public:
  explicit Json(std::string_view text) : padded_(text), size_(text.size()) {
    padded_.append(simdjson::SIMDJSON_PADDING, ' ');
  }
  [[nodiscard]] std::string_view text() const { return std::string_view(padded_).substr(0, size_); }

 private:
  std::string padded_;
  std::size_t size_;
};

std::optional<std::string> event_name(std::string_view text, std::size_t attachments = 0) {
  const Json json(text);
  std::string scratch;
  const auto name = read_event_name(json.text(), attachments, scratch);
  if (!name) return std::nullopt;
  return std::string(*name);
}

TEST(ReadEventName, OfAString_GivesItUnescaped) {
  EXPECT_EQ(event_name(R"(["message",1])"), "message");
  EXPECT_EQ(event_name(R"( [ "message" , 1 ] )"), "message");
  EXPECT_EQ(event_name(R"(["a\"b\u0041"])"), "a\"bA");
  EXPECT_EQ(event_name(R"([""])"), "");
}

TEST(ReadEventName, OfANumber_GivesItsDigits) {
  EXPECT_EQ(event_name("[1]"), "1");
  EXPECT_EQ(event_name("[ -1.5e3 , 2]"), "-1.5e3");
  EXPECT_EQ(event_name("[1e400]"), "1e400");
}

TEST(ReadEventName, OfAnythingElse_Fails) {
  for (const auto* text :
       {"", "[]", "{}", "null", R"("message")", "[null]", "[true]", "[[]]", R"([{"toString":"x"}])", R"(["m",1]x)"}) {
    EXPECT_EQ(event_name(text), std::nullopt) << text;
  }
}

TEST(ReadEventName, OfAReservedName_FailsHoweverItIsWritten) {
  for (const auto* text : {R"(["connect"])", R"(["connect_error"])", R"(["disconnect"])", R"(["disconnecting",1])",
                           R"(["newListener"])", R"(["removeListener"])", R"(["dis\u0063onnect"])"}) {
    EXPECT_EQ(event_name(text), std::nullopt) << text;
  }
  EXPECT_EQ(event_name(R"(["error"])"), "error");
}

TEST(ReadEventName, WithAPlaceholderThatNamesNoAttachment_Fails) {
  for (const auto* num :
       {"-1", "1.5", "2", "99", "\"splice\"", "\"0\"", "null", "1e400", "18446744073709551616", "[0]"}) {
    const auto text = std::string(R"(["x",{"deep":[{"_placeholder":true,"num":)") + num + "}]}]";
    EXPECT_EQ(event_name(text, 2), std::nullopt) << num;
  }
  EXPECT_EQ(event_name(R"(["x",{"_placeholder":true}])", 2), std::nullopt);
}

TEST(ReadEventName, WithPlaceholdersInRange_Succeeds) {
  EXPECT_EQ(event_name(R"(["x",{"_placeholder":true,"num":0},[{"a":{"num":1,"_placeholder":true}}]])", 2), "x");
}

TEST(ReadEventName, WithAnObjectThatOnlyLooksLikeAPlaceholder_Succeeds) {
  EXPECT_EQ(event_name(R"(["x",{"_placeholder":false,"num":9},{"_placeholder":1},{"num":9}])", 1), "x");
  EXPECT_EQ(event_name(R"(["x",{"_placeholder":true,"num":9}])", 0), "x");
}

TEST(IsValidAck, OfAnArrayOnly) {
  const auto is_valid = [](std::string_view text, std::size_t attachments) {
    return is_valid_ack(Json(text).text(), attachments);
  };
  EXPECT_TRUE(is_valid("[]", 0));
  EXPECT_TRUE(is_valid(R"([{"_placeholder":true,"num":0}])", 1));
  EXPECT_FALSE(is_valid(R"([{"_placeholder":true,"num":1}])", 1));
  EXPECT_FALSE(is_valid("{}", 0));
  EXPECT_FALSE(is_valid("", 0));
}

TEST(IsValidAuth, OfAnObjectOnly) {
  const auto is_valid = [](std::string_view text) { return is_valid_auth(Json(text).text()); };
  EXPECT_TRUE(is_valid(R"({"token":"x"})"));
  EXPECT_TRUE(is_valid(" {} "));
  for (const auto* text : {"[]", "null", "\"x\"", "1", "{", "{}{}"}) EXPECT_FALSE(is_valid(text)) << text;
}

TEST(RawArguments, AreWhatWasSentBehindTheName) {
  const auto arguments = [](std::string_view text) { return std::string(raw_arguments(text)); };
  EXPECT_EQ(arguments(R"(["m",1,"2",{"3":[true]}])"), R"(1,"2",{"3":[true]})");
  EXPECT_EQ(arguments(R"( [ "a\"]b" , 1e400, {"x": 1} ] )"), R"( 1e400, {"x": 1} )");
  EXPECT_EQ(arguments(R"([1,[2]])"), "[2]");
  EXPECT_EQ(arguments(R"(["m"])"), "");
  EXPECT_EQ(arguments(R"(["m" ] )"), "");
}

}  // namespace
}  // namespace socketio
