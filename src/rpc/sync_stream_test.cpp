#include "rpc/sync_stream.hpp"

#include <gtest/gtest.h>

#include "rpc/rpc_server.hpp"
#include "rpc/test_client.hpp"
#include "rpc/test_service.hpp"

namespace rpc {
namespace {

namespace v1 = messaging::v1;
using base::Errc;

class Sync : public testing::Test {
 protected:
  TestService service;
  ThreadExecutor executor;
  std::unique_ptr<RpcServer> server = serve(executor);
  std::unique_ptr<v1::ConversationsService::Stub> stub = v1::ConversationsService::NewStub(channel_to(server->port()));
  std::unique_ptr<grpc::ClientContext> context = call_as(service.bearer("alice"));

  std::unique_ptr<RpcServer> serve(base::Executor& on) {
    return RpcServer::start({.port = 0}, service.messaging(), service.verifier(), {&on}).value();
  }
  std::unique_ptr<grpc::ClientReader<v1::SyncEvent>> since(const std::string& offset) {
    v1::SyncRequest request;
    request.set_since(offset);
    return stub->Sync(context.get(), request);
  }
  // Reads to the end; each event has to be the one behind the last.
  messaging::Position read_all(grpc::ClientReader<v1::SyncEvent>& stream, messaging::Position from) {
    v1::SyncEvent event;
    while (stream.Read(&event)) {
      ++from;
      EXPECT_EQ(event.offset(), service.offset("alice", from));
      EXPECT_TRUE(event.has_new_message());
    }
    return from;
  }
};

TEST_F(Sync, what_was_missed_comes_in_order_over_several_pages_and_then_the_stream_ends) {
  service.set_feed_length(2 * SyncStream::page_limit + 200);
  const auto stream = since(service.offset("alice", 0));
  EXPECT_EQ(read_all(*stream, 0), 2 * SyncStream::page_limit + 200);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(Sync, a_page_that_is_exactly_full_is_the_last_where_the_feed_ends_with_it) {
  service.set_feed_length(SyncStream::page_limit + 3);
  const auto stream = since(service.offset("alice", 3));
  EXPECT_EQ(read_all(*stream, 3), SyncStream::page_limit + 3);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(Sync, who_missed_nothing_gets_an_empty_stream) {
  service.set_feed_length(7);
  const auto stream = since(service.offset("alice", 7));
  EXPECT_EQ(read_all(*stream, 7), 7);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(Sync, an_offset_that_cannot_be_continued_from_asks_for_a_resync) {
  service.set_feed_length(7);
  const auto status = since(service.offset("bob", 1))->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(error_info_of(status).reason(), "RESYNC_REQUIRED");
}

TEST_F(Sync, an_offset_is_required) {
  const auto status = since("")->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(error_info_of(status).metadata().at("field"), "since");
}

TEST_F(Sync, a_failure_between_pages_ends_the_stream_behind_what_was_sent) {
  service.set_feed_length(2 * SyncStream::page_limit);
  service.set_failure(Errc::storage_unavailable, SyncStream::page_limit);
  const auto stream = since(service.offset("alice", 0));
  EXPECT_EQ(read_all(*stream, 0), SyncStream::page_limit);
  EXPECT_EQ(error_info_of(stream->Finish()).reason(), "STORAGE_UNAVAILABLE");
}

TEST_F(Sync, a_client_that_goes_away_midway_ends_the_stream) {
  service.set_feed_length(1'000'000);
  const auto stream = since(service.offset("alice", 0));
  v1::SyncEvent event;
  ASSERT_TRUE(stream->Read(&event));
  context->TryCancel();
  while (stream->Read(&event)) continue;
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // Would block if the stream went on.
  server->drain(base::seconds(10));
}

TEST_F(Sync, a_stream_that_nobody_reads_is_cut_off_by_the_drain) {
  service.set_feed_length(1'000'000);
  const auto stream = since(service.offset("alice", 0));
  v1::SyncEvent event;
  ASSERT_TRUE(stream->Read(&event));
  server->drain(base::milliseconds(50));
  while (stream->Read(&event)) continue;
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(Sync, a_stream_whose_client_goes_while_a_page_is_read_ends_when_the_page_comes) {
  HeldExecutor held;
  const auto other = serve(held);
  stub = v1::ConversationsService::NewStub(channel_to(other->port()));
  service.set_feed_length(10);
  const auto stream = since(service.offset("alice", 0));
  held.wait_for(1);
  context->TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  held.run();
}

TEST_F(Sync, a_stream_that_a_stopped_executor_drops_ends_all_the_same) {
  StoppedExecutor stopped;
  const auto other = serve(stopped);
  stub = v1::ConversationsService::NewStub(channel_to(other->port()));
  EXPECT_EQ(error_info_of(since(service.offset("alice", 0))->Finish()).reason(), "INTERNAL");
}

}  // namespace
}  // namespace rpc
