#include "gateway/relayed_event.hpp"

#include <gtest/gtest.h>

#include "gateway/fakes.hpp"

namespace gateway {
namespace {

using socketio::RelayedEvent;
using testing::user_id;

constexpr const char* conversation = "0190a000-0000-7000-8000-000000000001";

class RelayedEventTest : public ::testing::Test {
 protected:
  [[nodiscard]] RelayedEvent durable(std::string name, const std::string& offset) const {
    auto json = "[\"" + name + R"(",{"id":"x"},")" + offset + "\"]";
    return {.name = std::move(name), .json = std::move(json), .to = {.rooms = {"user:alice"}}};
  }
  static RelayedEvent typing(const std::string& payload) {
    return {.name = "typing", .json = R"(["typing",)" + payload + "]", .to = {.rooms = {"user:alice"}}};
  }

  messaging::OpaqueTokens tokens{{.epoch = 1, .key = {7}}};
  messaging::UserId alice = user_id("alice");
};

TEST_F(RelayedEventTest, durable_event_with_the_addressees_offset_has_its_place) {
  const auto place = read_position(durable("newMessage", tokens.offset(alice, 42)), tokens);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->user, alice);
  EXPECT_EQ(place->position, 42);
}

TEST_F(RelayedEventTest, what_is_not_a_nodes_own_event_has_no_place) {
  const auto offset = tokens.offset(alice, 42);
  EXPECT_FALSE(read_position(durable("newMessage", tokens.offset(user_id("bob"), 42)), tokens)) << "another's offset";
  EXPECT_FALSE(read_position(durable("newMessage", "made-up"), tokens));
  EXPECT_FALSE(read_position(durable("hello", offset), tokens)) << "not a durable event's name";
  auto event = durable("newMessage", offset);
  event.to.rooms.push_back("user:bob");
  EXPECT_FALSE(read_position(event, tokens)) << "more than one room";
  event.to.rooms = {"lobby"};
  EXPECT_FALSE(read_position(event, tokens)) << "no user's room";
  event.to.rooms = {"user:with space"};
  EXPECT_FALSE(read_position(event, tokens)) << "no user id";
  event = {.name = "newMessage", .json = R"(["newMessage"])", .to = {.rooms = {"user:alice"}}};
  EXPECT_FALSE(read_position(event, tokens)) << "no arguments";
}

TEST_F(RelayedEventTest, typing_is_read_where_it_is_well_formed) {
  const auto said = read_typing(
      typing(std::string(R"({"conversationId":")") + conversation + R"(","userId":"bob","isTyping":true})"));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->key.to, alice);
  EXPECT_EQ(said->key.typist, user_id("bob"));
  EXPECT_EQ(said->key.conversation.to_string(), conversation);
  EXPECT_TRUE(said->is_typing);
  for (const char* bad : {"1", "null", "{}", R"({"conversationId":"x","userId":"bob","isTyping":true})",
                          R"({"conversationId":"0190a000-0000-7000-8000-000000000001","userId":"bob"})"}) {
    EXPECT_FALSE(read_typing(typing(bad))) << bad;
  }
  EXPECT_FALSE(read_typing({.name = "typing", .json = R"(["typing"])", .to = {.rooms = {"user:alice"}}}));
}

TEST_F(RelayedEventTest, offset_is_appended_where_the_last_element_is_a_string) {
  EXPECT_TRUE(needs_offset(R"(["hello","x"])"));
  EXPECT_TRUE(needs_offset(R"(["hello"])")) << "the client looks at the name, too";
  EXPECT_FALSE(needs_offset(R"(["hello",1])"));
  EXPECT_FALSE(needs_offset(R"(["hello",{"a":"b"}])"));
  EXPECT_FALSE(needs_offset(R"(["hello",["b"]])"));
  EXPECT_EQ(with_offset(R"(["hello","x"])", "OFF"), R"(["hello","x","OFF"])");
}

}  // namespace
}  // namespace gateway
