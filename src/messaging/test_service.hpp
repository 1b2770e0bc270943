// For this folder's tests alone: a MessagingService over test_world.hpp, with a conversation of Alice and Bob.
#pragma once

#include <gtest/gtest.h>

#include "messaging/messaging_service.hpp"
#include "messaging/test_world.hpp"

namespace messaging::test {

class MessagingServiceTest : public testing::Test {
 protected:
  MessagingServiceTest() { tables_.add_conversation(conversation, alice_and_bob); }

  ~MessagingServiceTest() override {
    bool stopped = false;
    world_.executor.enter([&] { service_.stop([&] { guard_.stop([&] { stopped = true; }); }); });
    world_.executor.advance(base::seconds(2));
    EXPECT_TRUE(stopped);
  }

  static Caller caller(UserId user) { return {std::move(user), nullptr, "device"}; }
  static ClientMessageId key(int number) { return id<ClientMessageId>(number); }

  static SendMessage message(std::string content, std::optional<ClientMessageId> key = {},
                             ConversationId in = conversation) {
    return {in, std::move(content), key};
  }
  auto start_send(UserId user, SendMessage what) {
    return world_.start([&] { return service_.create_message(caller(user), std::move(what)); });
  }
  Result<Message> send(UserId user, SendMessage what) {
    return world_.run([&] { return service_.create_message(caller(user), std::move(what)); });
  }
  // Without the rate limit's part in it.
  void fill(int count) {
    for (int i = 1; i <= count; ++i) {
      world_.clock.advance(base::milliseconds(100));
      ASSERT_TRUE(send(alice, message("message " + std::to_string(i))));
    }
  }
  Result<MessageHistory> history(UserId user, HistoryQuery query) {
    return world_.run([&] { return service_.get_message_history(caller(user), std::move(query)); });
  }
  Result<void> type(UserId user, bool is_typing = true, ConversationId in = conversation) {
    return world_.run([&] { return service_.broadcast_typing_event(caller(user), in, is_typing); });
  }
  Result<Watermarks> read(UserId user, MessageId what, ConversationId in = conversation) {
    return world_.run([&] { return service_.mark_read(caller(user), in, what); });
  }
  Result<Watermarks> delivered(UserId user, MessageId what, ConversationId in = conversation) {
    return world_.run([&] { return service_.mark_delivered(caller(user), in, what); });
  }
  Result<Conversation> open(UserId user, UserId other) {
    return world_.run([&] { return service_.open_conversation(caller(user), other); });
  }
  Result<Inbox> inbox(UserId user, int limit = 20, std::optional<std::string> cursor = {}) {
    return world_.run([&] { return service_.get_conversations(caller(user), limit, cursor); });
  }
  Result<SyncPage> sync(UserId user, std::string since, int limit = 500) {
    return world_.run([&] { return service_.sync(caller(user), since, limit); });
  }

  World world_;
  Tables& tables_ = world_.tables;
  FakeConnections& connections_ = world_.connections;
  RecordingNotifier& notifier_ = world_.notifier;
  OpaqueTokens tokens_{ServiceState{}};
  RateLimiter rate_limiter_{world_.clock, RateLimiter::Limits{}};
  ConnectionAuthGuard guard_{world_.clock, tables_, connections_, notifier_, world_.executor};
  MessagingService service_{{.clock = world_.clock,
                             .messages = tables_,
                             .conversations = tables_,
                             .feeds = tables_,
                             .guard = guard_,
                             .notifier = notifier_,
                             .tokens = tokens_,
                             .rate_limiter = rate_limiter_}};
};

template <class T>
void expect_error(const Result<T>& result, base::Errc code, std::string_view field = {}) {
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, code) << base::to_string(result.error().code);
  EXPECT_EQ(result.error().field, field);
}

}  // namespace messaging::test
