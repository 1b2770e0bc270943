// The controller behind a real server and a real channel: what a client gets for each call, and for each way a call can
// end.
#include "rpc/conversations_controller.hpp"

#include <gtest/gtest.h>

#include <future>

#include "rpc/rpc_server.hpp"
#include "rpc/test_client.hpp"
#include "rpc/test_service.hpp"

namespace rpc {
namespace {

namespace v1 = messaging::v1;
using base::Errc;

class Controller : public testing::Test {
 protected:
  TestService service;
  ThreadExecutor first_executor;
  ThreadExecutor second_executor;
  std::unique_ptr<RpcServer> server = serve({&first_executor, &second_executor});
  std::unique_ptr<v1::ConversationsService::Stub> stub = v1::ConversationsService::NewStub(channel_to(server->port()));

  std::unique_ptr<RpcServer> serve(std::vector<base::Executor*> executors, std::size_t calls_max = 1000) {
    return RpcServer::start({.port = 0, .calls_max = calls_max}, service.messaging(), service.verifier(), executors)
        .value();
  }

  static v1::SendMessageRequest message(const std::string& content) {
    v1::SendMessageRequest request;
    request.set_conversation_id(std::string(TestService::conversation_id));
    request.set_content(content);
    return request;
  }
  static v1::GetConversationRequest conversation(std::string_view id = TestService::conversation_id) {
    v1::GetConversationRequest request;
    request.set_conversation_id(std::string(id));
    return request;
  }
  grpc::Status get_conversation(const std::string& authorization) {
    v1::Conversation response;
    return stub->GetConversation(call_as(authorization).get(), conversation(), &response);
  }
  static void expect_refused(const grpc::Status& status, grpc::StatusCode code, std::string_view reason) {
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    EXPECT_EQ(error_info_of(status).reason(), reason);
    EXPECT_EQ(error_info_of(status).domain(), "messaging");
  }
};

TEST_F(Controller, without_a_good_token_every_call_is_unauthenticated_before_its_request_is_looked_at) {
  const auto refused = [](const grpc::Status& status) {
    expect_refused(status, grpc::StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED");
  };
  v1::GetMessageHistoryResponse history;
  refused(stub->GetMessageHistory(call_as("").get(), {}, &history));
  v1::ListConversationsResponse inbox;
  refused(stub->ListConversations(call_as("Bearer nonsense").get(), {}, &inbox));
  v1::Conversation found;
  refused(stub->GetConversation(call_as("").get(), {}, &found));
  refused(stub->OpenConversation(call_as("").get(), {}, &found));
  v1::Message sent;
  refused(stub->SendMessage(call_as("").get(), {}, &sent));
  v1::MarkReadResponse marked;
  refused(stub->MarkRead(call_as("").get(), {}, &marked));
  const auto context = call_as("");
  refused(stub->Sync(context.get(), {})->Finish());
}

TEST_F(Controller, an_expired_token_is_told_apart) {
  expect_refused(get_conversation("Bearer " + service.token("alice", base::seconds(-3600))),
                 grpc::StatusCode::UNAUTHENTICATED, "TOKEN_EXPIRED");
}

TEST_F(Controller, a_message_is_stored_for_the_caller_whose_token_goes_along_to_the_guard) {
  const auto token = service.token("alice");
  v1::Message response;
  const auto status = stub->SendMessage(call_as("Bearer " + token).get(), message("hello"), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.content(), "hello");
  EXPECT_EQ(response.author_id(), "alice");
  EXPECT_EQ(response.seq(), 4);
  EXPECT_EQ(service.forwarded_token(), token);
}

TEST_F(Controller, a_message_to_somebody_who_is_no_connection_is_refused) {
  service.set_connected(false);
  v1::Message response;
  expect_refused(stub->SendMessage(call_as(service.bearer("alice")).get(), message("hello"), &response),
                 grpc::StatusCode::PERMISSION_DENIED, "NOT_CONNECTED");
}

TEST_F(Controller, a_request_of_another_form_is_refused_with_its_field) {
  v1::Message response;
  const auto status = stub->SendMessage(call_as(service.bearer("alice")).get(), message(""), &response);
  expect_refused(status, grpc::StatusCode::INVALID_ARGUMENT, "VALIDATION_FAILED");
  EXPECT_EQ(error_info_of(status).metadata().at("field"), "content");
}

TEST_F(Controller, history_is_paged_as_over_socket_io) {
  v1::GetMessageHistoryRequest request;
  request.set_conversation_id(std::string(TestService::conversation_id));
  request.set_limit(2);
  v1::GetMessageHistoryResponse newest;
  ASSERT_TRUE(stub->GetMessageHistory(call_as(service.bearer("alice")).get(), request, &newest).ok());
  ASSERT_EQ(newest.messages_size(), 2);
  EXPECT_EQ(newest.messages(0).seq(), 2);
  EXPECT_EQ(newest.newer_cursor(), "");

  request.set_cursor(newest.older_cursor());
  v1::GetMessageHistoryResponse older;
  ASSERT_TRUE(stub->GetMessageHistory(call_as(service.bearer("alice")).get(), request, &older).ok());
  ASSERT_EQ(older.messages_size(), 1);
  EXPECT_EQ(older.messages(0).seq(), 1);

  request.set_cursor("invented");
  expect_refused(stub->GetMessageHistory(call_as(service.bearer("alice")).get(), request, &older),
                 grpc::StatusCode::INVALID_ARGUMENT, "CURSOR_INVALID");
}

TEST_F(Controller, the_inbox_shows_conversations_and_the_offset_to_sync_from) {
  v1::ListConversationsResponse response;
  ASSERT_TRUE(stub->ListConversations(call_as(service.bearer("alice")).get(), {}, &response).ok());
  ASSERT_EQ(response.conversations_size(), 1);
  EXPECT_NE(response.next_cursor(), "");
  EXPECT_EQ(response.offset(), service.offset("alice", 7));
}

TEST_F(Controller, a_conversation_is_shown_to_its_participants_alone) {
  v1::Conversation response;
  ASSERT_TRUE(stub->GetConversation(call_as(service.bearer("bob")).get(), conversation(), &response).ok());
  EXPECT_EQ(response.unread_count(), 2);
  expect_refused(get_conversation(service.bearer("carol")), grpc::StatusCode::NOT_FOUND, "CONVERSATION_NOT_FOUND");
}

TEST_F(Controller, a_conversation_is_opened_with_another_user_and_not_with_oneself) {
  v1::OpenConversationRequest request;
  request.set_user_id("bob");
  v1::Conversation response;
  ASSERT_TRUE(stub->OpenConversation(call_as(service.bearer("alice")).get(), request, &response).ok());
  EXPECT_EQ(response.id(), TestService::conversation_id);
  expect_refused(stub->OpenConversation(call_as(service.bearer("bob")).get(), request, &response),
                 grpc::StatusCode::INVALID_ARGUMENT, "VALIDATION_FAILED");
}

TEST_F(Controller, read_implies_delivered) {
  v1::MarkReadRequest request;
  request.set_conversation_id(std::string(TestService::conversation_id));
  request.set_message_id(std::string(TestService::message_id));
  v1::MarkReadResponse response;
  ASSERT_TRUE(stub->MarkRead(call_as(service.bearer("alice")).get(), request, &response).ok());
  EXPECT_EQ(response.delivered_seq(), 3);
  EXPECT_EQ(response.read_seq(), 3);
  server->drain(base::seconds(10));
  service.stop_on(first_executor);
}

TEST_F(Controller, a_failure_of_the_storage_is_one_to_try_again_after) {
  service.set_failure(Errc::storage_unavailable);
  expect_refused(get_conversation(service.bearer("alice")), grpc::StatusCode::UNAVAILABLE, "STORAGE_UNAVAILABLE");
}

TEST_F(Controller, a_call_that_a_stopped_executor_drops_is_answered_all_the_same) {
  StoppedExecutor stopped;
  const auto other = serve({&stopped});
  stub = v1::ConversationsService::NewStub(channel_to(other->port()));
  expect_refused(get_conversation(service.bearer("alice")), grpc::StatusCode::INTERNAL, "INTERNAL");
}

TEST_F(Controller, calls_beyond_the_limit_are_refused_at_once_and_places_come_free_again) {
  HeldExecutor held;
  const auto other = serve({&held}, 1);
  stub = v1::ConversationsService::NewStub(channel_to(other->port()));
  auto first = std::async(std::launch::async, [&] { return get_conversation(service.bearer("alice")); });
  held.wait_for(1);
  expect_refused(get_conversation(service.bearer("alice")), grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED");
  held.run();
  EXPECT_TRUE(first.get().ok());
  auto later = std::async(std::launch::async, [&] { return get_conversation(service.bearer("alice")); });
  held.wait_for(1);
  held.run();
  EXPECT_TRUE(later.get().ok());
}

TEST_F(Controller, a_call_whose_client_has_gone_ends_quietly) {
  HeldExecutor held;
  const auto other = serve({&held});
  stub = v1::ConversationsService::NewStub(channel_to(other->port()));
  const auto context = call_as(service.bearer("alice"));
  v1::Conversation response;
  auto call =
      std::async(std::launch::async, [&] { return stub->GetConversation(context.get(), conversation(), &response); });
  held.wait_for(1);
  context->TryCancel();
  EXPECT_EQ(call.get().error_code(), grpc::StatusCode::CANCELLED);
  held.run();
}

}  // namespace
}  // namespace rpc
