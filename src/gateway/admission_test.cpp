#include "gateway/admission.hpp"

#include "gateway/gateway_fixture.hpp"
#include "gateway/wire.hpp"

namespace gateway {
namespace {

using testing::Client;
using testing::user_id;

class AdmissionTest : public testing::GatewayFixture {
 protected:
  static std::string refusal_of(const Client& client) { return code_of(client->refused); }
  static std::string place(const std::string& name, const std::string& value) {
    return ",\"" + name + "\":\"" + value + '"';
  }

  // A message from bob to alice, which takes one position in alice's feed.
  void bob_writes(const Client& bob, const std::string& conversation) {
    ASSERT_EQ(code_of(ask(bob, "sendMessage", R"({"content":"hi","conversationId":")" + conversation + "\"}")), "");
  }
};

TEST_F(AdmissionTest, token_in_the_payload_lets_in_and_the_client_is_synced) {
  const auto alice = connect("alice");
  ASSERT_TRUE(alice->socket);
  EXPECT_TRUE(tokens.is_pid_of(user_id("alice"), alice->pid));
  EXPECT_EQ(alice->socket->rooms, std::vector<std::string>({"user:alice"}));
  EXPECT_EQ(alice->take_sent(), std::vector<std::string>({"2" + synced_json(tokens.offset(user_id("alice"), 0))}));
}

TEST_F(AdmissionTest, token_in_the_header_lets_in_where_the_payload_has_none) {
  EXPECT_TRUE(connect_with("", "Bearer " + token_of("alice"))->socket);
  EXPECT_TRUE(connect_with("{}", "bEARER  " + token_of("alice"))->socket);
  EXPECT_EQ(refusal_of(connect_with("{}", "Basic " + token_of("alice"))), "UNAUTHENTICATED");
}

TEST_F(AdmissionTest, bad_token_in_the_payload_is_not_rescued_by_the_header) {
  for (const auto* auth : {R"({"token":"x"})", R"({"token":42})", R"({"token":""})", R"({"token":null})"}) {
    EXPECT_EQ(refusal_of(connect_with(auth, "Bearer " + token_of("alice"))), "UNAUTHENTICATED") << auth;
  }
}

TEST_F(AdmissionTest, refusal_names_its_code_and_closes_the_transport) {
  const auto nobody = connect_with("");
  EXPECT_EQ(nobody->refused, R"({"message":"unauthorized","data":{"code":"UNAUTHENTICATED"}})");
  EXPECT_TRUE(nobody->closed_after_refusal);
  const auto late = token_of("alice", base::seconds(10));
  clock.advance(base::seconds(60));
  EXPECT_EQ(refusal_of(connect_with(R"({"token":")" + late + "\"}")), "TOKEN_EXPIRED");
}

TEST_F(AdmissionTest, sockets_of_one_user_are_limited_until_one_leaves) {
  const auto first = connect("alice");
  connect("alice");
  connect("alice");
  EXPECT_EQ(refusal_of(connect("alice")), "TOO_MANY_CONNECTIONS");
  EXPECT_TRUE(connect("bob")->socket);
  disconnect(first);
  EXPECT_TRUE(connect("alice")->socket);
}

TEST_F(AdmissionTest, pid_with_offset_recovers_what_was_missed_and_then_syncs) {
  const auto before = connect("alice");
  const auto bob = connect("bob");
  const auto conversation = open(bob, "alice");
  const auto offset = offset_of(before->take_sent().back());
  disconnect(before);
  bob_writes(bob, conversation);
  bob_writes(bob, conversation);

  const auto after = connect("alice", place("pid", before->pid) + place("offset", offset));
  EXPECT_EQ(after->pid, before->pid);
  const auto sent = after->take_sent();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_TRUE(sent[0].starts_with("2[\"newMessage\",")) << sent[0];
  EXPECT_TRUE(sent[1].starts_with("2[\"newMessage\",")) << sent[1];
  EXPECT_EQ(sent[2], "2" + synced_json(tokens.offset(user_id("alice"), 3)));
}

TEST_F(AdmissionTest, since_without_pid_replays_with_a_new_pid) {
  const auto bob = connect("bob");
  const auto conversation = open(bob, "alice");
  bob_writes(bob, conversation);
  const auto alice = connect("alice", place("since", tokens.offset(user_id("alice"), 1)));
  const auto sent = alice->take_sent();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(position_of("alice", sent[0]), 2);
  EXPECT_EQ(position_of("alice", sent[1]), 2);
}

TEST_F(AdmissionTest, offset_that_cannot_be_continued_gets_a_new_pid_and_requires_a_resync) {
  const auto pid = tokens.new_pid(user_id("alice"));
  for (const auto& offset :
       {std::string("nonsense"), tokens.offset(user_id("alice"), 99), tokens.offset(user_id("bob"), 0)}) {
    const auto alice = connect("alice", place("pid", pid) + place("offset", offset));
    EXPECT_NE(alice->pid, pid);
    EXPECT_EQ(alice->take_sent(), std::vector<std::string>({"2" + resync_required_json(),
                                                            "2" + synced_json(tokens.offset(user_id("alice"), 0))}));
    disconnect(alice);
  }
}

TEST_F(AdmissionTest, offset_from_another_node_that_is_ahead_of_this_one_is_continued) {
  const auto tablet = connect("alice");
  // Another node's commit, of which nothing was heard here.
  auto created = [&]() -> base::Task<> {
    const auto opened = co_await database.conversations().find_or_create(
        {user_id("alice"), user_id("bob")}, base::ConversationId::v7(clock.system_now()), clock.system_now());
    EXPECT_TRUE(opened);
  };
  base::TaskGroup tasks;
  executor.enter([&] { tasks.spawn(created()); });
  const auto pid = tokens.new_pid(user_id("alice"));
  const auto phone = connect("alice", place("pid", pid) + place("offset", tokens.offset(user_id("alice"), 1)));
  EXPECT_EQ(phone->pid, pid);
  EXPECT_EQ(phone->take_sent(), std::vector<std::string>({"2" + synced_json(tokens.offset(user_id("alice"), 1))}));
}

TEST_F(AdmissionTest, connect_stays_unanswered_while_the_database_is_away) {
  feeds.is_away = true;
  for (int i = 0; i < 5; ++i) {
    const auto alice = connect("alice");
    EXPECT_TRUE(alice->is_waiting());
    EXPECT_EQ(alice->refused, "");
  }
  feeds.is_away = false;
  EXPECT_TRUE(connect("alice")->socket) << "the places of the others must be free again";
}

TEST_F(AdmissionTest, client_that_leaves_before_the_answer_leaves_nothing_behind) {
  feeds.is_slow = true;
  const auto alice = connect("alice");
  alice->is_there = false;
  feeds.is_slow = false;
  executor.enter([&] {
    for (auto& waiting : std::exchange(feeds.waiting, {})) waiting(true);
  });
  executor.run();
  EXPECT_FALSE(alice->socket);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(connect("alice")->socket);
}

TEST_F(AdmissionTest, connection_ends_with_its_token) {
  const auto alice = connect_with(R"({"token":")" + token_of("alice", base::seconds(100)) + "\"}");
  static_cast<void>(alice->take_sent());
  executor.advance(base::seconds(40));
  EXPECT_TRUE(alice->take_sent().back().starts_with("2[\"tokenExpiring\","));
  executor.advance(base::seconds(90));
  EXPECT_EQ(code_of(alice->take_sent().back()), "TOKEN_EXPIRED");
  EXPECT_TRUE(alice->socket->transport_closed);
}

}  // namespace
}  // namespace gateway
