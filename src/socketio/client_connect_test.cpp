#include <gmock/gmock.h>

#include "socketio/client_fixture.hpp"

namespace socketio {
namespace {

using base::milliseconds;
using engineio::CloseReason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ClientConnect = testing::ClientFixture;

TEST_F(ClientConnect, AcceptedAtOnce_RepliesThenJoinsItsOwnRoom) {
  receive("0");
  EXPECT_THAT(take_sent(), ElementsAre(R"(40{"sid":"sid1"})"));
  EXPECT_THAT(take_log(), ElementsAre("connect / ", "add sid1 sid1"));
  EXPECT_TRUE(sockets[0]->is_connected());
  EXPECT_EQ(sockets[0]->handshake().remote_address, "192.0.2.1");
}

TEST_F(ClientConnect, WithAPayload_HandsItOnAsSent) {
  receive(R"(0{ "token":"123"})");
  receive(R"(0/custom,{"token":"abc"})");
  EXPECT_THAT(take_sent(), ElementsAre(R"(40{"sid":"sid1"})", R"(40/custom,{"sid":"sid2"})"));
  EXPECT_THAT(take_log(), ElementsAre(R"(connect / { "token":"123"})", "add sid1 sid1",
                                      R"(connect /custom {"token":"abc"})", "add sid2 sid2"));
}

TEST_F(ClientConnect, AcceptedLaterWithAPid_RepliesWithBoth) {
  accepts_at_once = false;
  receive("0");
  EXPECT_THAT(take_sent(), IsEmpty());
  ASSERT_TRUE(pending[0].is_waiting());
  const auto socket = pending[0].accept("sid", "p\"id");
  EXPECT_THAT(take_sent(), ElementsAre(R"(40{"sid":"sid","pid":"p\"id"})"));
  EXPECT_FALSE(pending[0].is_waiting());
  EXPECT_EQ(pending[0].accept("other"), nullptr);
  pending[0].refuse("{}", true);
  EXPECT_THAT(take_sent(), IsEmpty());
  EXPECT_FALSE(is_closed());
}

TEST_F(ClientConnect, Refused_SaysWhyAndMayTryAgain) {
  accepts_at_once = false;
  receive("0/custom,");
  pending[0].refuse(R"({"message":"no"})", false);
  EXPECT_THAT(take_sent(), ElementsAre(R"(44/custom,{"message":"no"})"));
  EXPECT_FALSE(is_closed());
  receive("0/custom,");
  EXPECT_FALSE(is_closed());
  EXPECT_NE(pending[1].accept("sid"), nullptr);
}

TEST_F(ClientConnect, RefusedWithTheTransport_ClosesBehindTheError) {
  accepts_at_once = false;
  receive("0");
  pending[0].refuse(R"({"message":"unauthorized"})", true);
  EXPECT_THAT(take_sent(), ElementsAre(R"(44{"message":"unauthorized"})"));
  EXPECT_THAT(session->closed, ElementsAre(CloseReason::forced_close));
  receive("0");
  EXPECT_EQ(pending.size(), 1U);
}

TEST_F(ClientConnect, ToAnUnknownNamespace_IsRefusedAndTheConnectionStays) {
  receive("0/random");
  receive("0/nope?token=1,{}");
  receive("0/?token=1,");
  EXPECT_THAT(take_sent(), ElementsAre(R"(44/random,{"message":"Invalid namespace"})",
                                       R"(44/nope?token=1,{"message":"Invalid namespace"})",
                                       R"(44/?token=1,{"message":"Invalid namespace"})"));
  EXPECT_FALSE(is_closed());
  EXPECT_THAT(log, IsEmpty());
}

TEST_F(ClientConnect, ToANamespaceThatIsNoUtf8_ClosesTheConnection) {
  receive("0/\xff,");
  EXPECT_TRUE(is_closed());
  EXPECT_THAT(take_sent(), IsEmpty());
}

TEST_F(ClientConnect, WithAPayloadThatIsNoObject_ClosesTheConnection) {
  for (const auto* text : {"0null", "0[]", "0\"x\"", "01", "0{", "0{}x", "0/nope,[]"}) {
    receive(text);
    EXPECT_EQ(is_closed(), text != std::string_view("01")) << text;  // 01 is the ack id 1, which a CONNECT may carry
    end_session(CloseReason::forced_close);
    open();
  }
}

TEST_F(ClientConnect, ToAJoinedNamespace_ClosesTheConnection) {
  receive("0");
  receive("0{}");
  EXPECT_THAT(session->closed, ElementsAre(CloseReason::forced_close));
}

TEST_F(ClientConnect, WhileTheFirstStillWaits_ClosesTheConnectionAndDropsTheFirst) {
  accepts_at_once = false;
  receive("0");
  receive("0");
  EXPECT_TRUE(is_closed());
  EXPECT_FALSE(pending[0].is_waiting());
  EXPECT_EQ(pending[0].accept("sid"), nullptr);
  EXPECT_THAT(take_sent(), IsEmpty());
}

TEST_F(ClientConnect, ToMoreNamespacesThanAllowed_ClosesTheConnection) {
  receive("0");
  receive("0/custom,");
  EXPECT_FALSE(is_closed());
  receive("0/text,");
  EXPECT_TRUE(is_closed());
}

TEST_F(ClientConnect, ThatOutlivesItsClient_IsAnsweredInVain) {
  accepts_at_once = false;
  receive("0");
  end_session(CloseReason::transport_close);
  EXPECT_FALSE(pending[0].is_waiting());
  EXPECT_EQ(pending[0].accept("sid"), nullptr);
  pending[0].refuse("{}", true);
  EXPECT_EQ(pending[0].handshake().remote_address, "192.0.2.1");
  EXPECT_THAT(take_sent(), IsEmpty());
  EXPECT_FALSE(is_closed());
}

TEST_F(ClientConnect, ThatNeverComes_ClosesTheConnectionAfterTheTimeout) {
  executor.advance(milliseconds(999));
  EXPECT_FALSE(is_closed());
  executor.advance(milliseconds(1));
  EXPECT_THAT(session->closed, ElementsAre(CloseReason::forced_close));
}

TEST_F(ClientConnect, ThatIsNeverAnswered_ClosesTheConnectionAfterTheTimeout) {
  accepts_at_once = false;
  receive("0");
  executor.advance(milliseconds(1000));
  EXPECT_TRUE(is_closed());
  EXPECT_EQ(pending[0].accept("sid"), nullptr);
}

TEST_F(ClientConnect, ThatIsNeverAnsweredBesideOneThatWas_ClosesTheConnectionToo) {
  receive("0");
  accepts_at_once = false;
  executor.advance(milliseconds(5000));
  receive("0/custom,");
  executor.advance(milliseconds(999));
  EXPECT_FALSE(is_closed());
  executor.advance(milliseconds(1));
  EXPECT_TRUE(is_closed());
}

TEST_F(ClientConnect, Accepted_EndsTheTimeout) {
  receive("0");
  executor.advance(milliseconds(100'000));
  EXPECT_FALSE(is_closed());
}

TEST_F(ClientConnect, AfterTheLastNamespaceWasLeft_IsDueAgain) {
  receive("0");
  receive("1");
  executor.advance(milliseconds(999));
  EXPECT_FALSE(is_closed());
  executor.advance(milliseconds(1));
  EXPECT_TRUE(is_closed());
}

TEST_F(ClientConnect, AfterADisconnect_JoinsAgainAsAnotherSocket) {
  receive("0");
  receive("1");
  EXPECT_THAT(take_sent(), ElementsAre(R"(40{"sid":"sid1"})"));
  receive("0");
  EXPECT_THAT(take_sent(), ElementsAre(R"(40{"sid":"sid2"})"));
  EXPECT_FALSE(sockets[0]->is_connected());
  EXPECT_TRUE(sockets[1]->is_connected());
  EXPECT_FALSE(is_closed());
}

}  // namespace
}  // namespace socketio
