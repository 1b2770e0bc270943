#include <gmock/gmock.h>

#include "socketio/client_fixture.hpp"
#include "socketio/packet.hpp"

namespace socketio {
namespace {

using engineio::CloseReason;
using engineio::OutboundMessage;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ClientEvents : public testing::ClientFixture {
 protected:
  // Joined to `/`, with nothing sent or logged yet.
  ClientEvents() { join("0"); }
  void join(std::string_view connect) {
    receive(connect);
    static_cast<void>(take_sent());
    static_cast<void>(take_log());
  }
};

TEST_F(ClientEvents, Event_ReachesTheHandlerAsSent) {
  receive(R"(2["message", 1,"2",{"3":[true]}] )");
  receive(R"(2456["message-with-ack"])");
  receive("21[1e400]");
  EXPECT_THAT(take_log(), ElementsAre(R"(event sid1 message ["message", 1,"2",{"3":[true]}] )",
                                      R"(event sid1 message-with-ack ["message-with-ack"] ack 456)",
                                      "event sid1 1e400 [1e400] ack 1"));
}

TEST_F(ClientEvents, EventOfAnotherNamespace_ReachesItsSocket) {
  join("0/custom,");
  receive(R"(2/custom,7["a"])");
  receive(R"(2["b"])");
  EXPECT_THAT(take_log(), ElementsAre(R"(event sid2 a ["a"] ack 7)", R"(event sid1 b ["b"])"));
}

TEST_F(ClientEvents, Ack_GoesOutInItsNamespace) {
  join("0/custom,");
  sockets[0]->ack(456, R"([1,"2"])");
  sockets[1]->ack(0, "[]");
  EXPECT_THAT(take_sent(), ElementsAre(R"(43456[1,"2"])", "43/custom,0[]"));
}

TEST_F(ClientEvents, BinaryEvent_ReachesTheHandlerWithItsLastAttachment) {
  receive(R"(52-789["m",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  receive_binary("one");
  EXPECT_THAT(log, IsEmpty());
  receive_binary("");
  EXPECT_THAT(
      take_log(),
      ElementsAre(R"(event sid1 m ["m",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}] ack 789 +one +)"));
  receive(R"(2["next"])");
  EXPECT_THAT(take_log(), ElementsAre(R"(event sid1 next ["next"])"));
}

TEST_F(ClientEvents, EventWithAck_IsAnsweredOnce) {
  std::vector<std::string> answers;
  const auto take = [&](std::string_view args, const std::vector<std::string>&) { answers.emplace_back(args); };
  const auto first = sockets[0]->send_with_ack(R"(["ask",7])", {}, take);
  const auto second = sockets[0]->send_with_ack(R"(["ask",8])", {}, take);
  EXPECT_THAT(take_sent(), ElementsAre(R"(420["ask",7])", R"(421["ask",8])"));
  EXPECT_EQ(first, 0U);
  EXPECT_EQ(second, 1U);
  receive(R"(31["eight",2])");
  receive(R"(31["again"])");
  receive(R"(30[])");
  receive(R"(399["unknown"])");
  receive(R"(3["without id"])");
  EXPECT_THAT(answers, ElementsAre(R"(["eight",2])", "[]"));
  EXPECT_FALSE(is_closed());
}

TEST_F(ClientEvents, EventWithAckAndAttachments_IsAnsweredWithAttachments) {
  std::vector<std::string> answers;
  sockets[0]->send_with_ack(R"(["ask",{"_placeholder":true,"num":0}])", {"bytes"},
                            [&](std::string_view args, const std::vector<std::string>& attachments) {
                              answers.emplace_back(args);
                              for (const auto& attachment : attachments) answers.push_back(attachment);
                            });
  EXPECT_THAT(take_sent(), ElementsAre(R"(451-0["ask",{"_placeholder":true,"num":0}])", "bYnl0ZXM="));
  receive(R"(61-0[{"_placeholder":true,"num":0}])");
  receive_binary("answer");
  EXPECT_THAT(answers, ElementsAre(R"([{"_placeholder":true,"num":0}])", "answer"));
}

TEST_F(ClientEvents, AwaitedAcks_OfOneNamespaceHaveDifferentIds) {
  join("0/custom,");
  const auto ignore = [](std::string_view, const std::vector<std::string>&) {};
  EXPECT_EQ(sockets[0]->send_with_ack(R"(["a"])", {}, ignore), 0U);
  auto* const first_client = client;
  open();
  receive("0");
  EXPECT_EQ(sockets[2]->send_with_ack(R"(["a"])", {}, ignore), 1U);
  EXPECT_EQ(sockets[1]->send_with_ack(R"(["a"])", {}, ignore), 0U);
  first_client->on_close(CloseReason::transport_close);
}

TEST_F(ClientEvents, AckThatWasForgotten_IsLeftAlone) {
  bool was_called = false;
  const auto id = sockets[0]->send_with_ack(R"(["a"])", {}, [&](std::string_view, const auto&) { was_called = true; });
  sockets[0]->forget_ack(*id);
  receive("30[]");
  EXPECT_FALSE(was_called);
  EXPECT_FALSE(is_closed());
}

TEST_F(ClientEvents, AwaitedAcks_AreDroppedWithTheDisconnect) {
  const auto token = std::make_shared<int>();
  sockets[0]->send_with_ack(R"(["a"])", {}, [token](std::string_view, const auto&) { ADD_FAILURE(); });
  receive("1");
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_EQ(sockets[0]->send_with_ack(R"(["a"])", {}, [](std::string_view, const auto&) {}), std::nullopt);
}

TEST_F(ClientEvents, AwaitedAcksBeyondTheBound_AreNotSent) {
  for (std::size_t i = 0; i < Socket::awaited_acks_max; ++i) {
    ASSERT_TRUE(sockets[0]->send_with_ack(R"(["a"])", {}, [](std::string_view, const auto&) {}));
  }
  static_cast<void>(take_sent());
  EXPECT_EQ(sockets[0]->send_with_ack(R"(["a"])", {}, [](std::string_view, const auto&) {}), std::nullopt);
  EXPECT_THAT(take_sent(), IsEmpty());
  receive("30[]");
  EXPECT_TRUE(sockets[0]->send_with_ack(R"(["a"])", {}, [](std::string_view, const auto&) {}));
}

TEST_F(ClientEvents, AckHandlerThatDisconnects_EndsWell) {
  sockets[0]->send_with_ack(R"(["a"])", {}, [this](std::string_view, const auto&) { sockets[0]->disconnect(); });
  receive("30[]");
  EXPECT_FALSE(sockets[0]->is_connected());
}

TEST_F(ClientEvents, BinaryAckThatNobodyAwaits_IsTakenAndDropped) {
  receive(R"(61-1[{"_placeholder":true,"num":0}])");
  receive_binary("x");
  receive(R"(2["next"])");
  EXPECT_THAT(take_log(), ElementsAre(R"(event sid1 next ["next"])"));
  EXPECT_FALSE(is_closed());
}

TEST_F(ClientEvents, BinaryPacketWhereNoneIsAccepted_ClosesTheConnection) {
  join("0/text,");
  receive(R"(51-/text,["m"])");
  EXPECT_TRUE(is_closed());
}

TEST_F(ClientEvents, AttachmentsBeyondTheBound_CloseTheConnection) {
  receive(R"(52-["m"])");
  receive_binary(std::string(1024 * 1024 - 5, 'x'));
  EXPECT_FALSE(is_closed());
  receive_binary("x");
  EXPECT_TRUE(is_closed());
  EXPECT_THAT(log, IsEmpty());
}

TEST_F(ClientEvents, SocketThatLeftWhileAttachmentsWereDue_GetsNoEvent) {
  receive(R"(51-["m"])");
  sockets[0]->disconnect();
  receive_binary("x");
  EXPECT_THAT(take_log(), ElementsAre("remove_all sid1", "disconnect sid1 forced close"));
  EXPECT_FALSE(is_closed());
}

TEST_F(ClientEvents, SendOfSeveral_KeepsThemTogether) {
  sockets[0]->send(
      {encode_packet(PacketType::binary_event, "/", {}, R"(["m"])", 1), OutboundMessage::binary("\x01\x02\x03")});
  EXPECT_THAT(take_sent(), ElementsAre(R"(451-["m"])", "bAQID"));
}

TEST_F(ClientEvents, VolatileSend_TellsWhetherItLeft) {
  const auto message = encode_packet(PacketType::event, "/", {}, R"(["typing"])");
  EXPECT_TRUE(sockets[0]->send_volatile(message));
  session->is_full = true;
  EXPECT_FALSE(sockets[0]->send_volatile(message));
  EXPECT_TRUE(sockets[0]->is_above_soft_limit());
  EXPECT_EQ(sockets[0]->queued_bytes(), 1000U);
  EXPECT_THAT(take_sent(), ElementsAre(R"(42["typing"])"));
}

TEST_F(ClientEvents, Rooms_AreTheAdaptersPart) {
  sockets[0]->join("a");
  sockets[0]->leave("a");
  EXPECT_THAT(take_log(), ElementsAre("add sid1 a", "remove sid1 a"));
}

TEST_F(ClientEvents, Disconnected_SocketDropsWhatItIsAskedFor) {
  receive("1");
  EXPECT_THAT(take_log(), ElementsAre("remove_all sid1", "disconnect sid1 transport close"));
  const auto& socket = sockets[0];
  EXPECT_FALSE(socket->is_connected());
  socket->send(OutboundMessage::text("x"));
  socket->send(std::vector{OutboundMessage::text("x")});
  EXPECT_FALSE(socket->send_volatile(OutboundMessage::text("x")));
  socket->ack(1, "[]");
  socket->join("a");
  socket->leave("a");
  socket->disconnect();
  socket->close_transport(CloseReason::forced_close);
  EXPECT_THAT(take_sent(), IsEmpty());
  EXPECT_THAT(take_log(), IsEmpty());
  EXPECT_FALSE(is_closed());
  EXPECT_EQ(socket->id(), "sid1");
}

TEST_F(ClientEvents, SessionsEnd_TellsEverySocketOnceWithTheReason) {
  join("0/custom,");
  end_session(CloseReason::ping_timeout);
  EXPECT_THAT(take_log(), ElementsAre("remove_all sid1", "disconnect sid1 ping timeout", "remove_all sid2",
                                      "disconnect sid2 ping timeout"));
}

TEST_F(ClientEvents, HandlerThatDisconnectsAnotherSocketAtTheSessionsEnd_IsToldOfEachOnce) {
  join("0/custom,");
  on_disconnect = [this](const auto&) { sockets[1]->disconnect(); };
  end_session(CloseReason::transport_close);
  EXPECT_THAT(take_log(), ElementsAre("remove_all sid1", "disconnect sid1 transport close", "remove_all sid2",
                                      "disconnect sid2 forced close"));
}

TEST_F(ClientEvents, ServerDisconnect_SendsThePacketAndLeavesTheConnectionOpen) {
  join("0/custom,");
  sockets[1]->disconnect();
  EXPECT_THAT(take_sent(), ElementsAre("41/custom,"));
  EXPECT_THAT(take_log(), ElementsAre("remove_all sid2", "disconnect sid2 forced close"));
  EXPECT_FALSE(is_closed());
  receive(R"(2["still"])");
  EXPECT_THAT(take_log(), ElementsAre(R"(event sid1 still ["still"])"));
}

TEST_F(ClientEvents, HandlerThatAnswersAndCloses_GetsNothingMore) {
  on_event = [](const auto& socket, const IncomingEvent& event) {
    socket->ack(*event.ack_id, "[1]");
    socket->send(encode_packet(PacketType::event, "/", {}, R"(["bye"])"));
    socket->close_transport(CloseReason::server_shutdown);
  };
  receive(R"(21["a"])");
  receive(R"(22["b"])");
  receive_binary("x");
  EXPECT_THAT(take_sent(), ElementsAre("431[1]", R"(42["bye"])"));
  EXPECT_THAT(session->closed, ElementsAre(CloseReason::server_shutdown));
  end_session(CloseReason::server_shutdown);
  EXPECT_THAT(take_log(),
              ElementsAre(R"(event sid1 a ["a"] ack 1)", "remove_all sid1", "disconnect sid1 server shutting down"));
}

TEST_F(ClientEvents, HandlerThatDisconnectsItsSocket_LetsTheEventEndWell) {
  on_event = [](const auto& socket, const IncomingEvent& event) {
    socket->disconnect();
    EXPECT_EQ(event.name, "a");
  };
  receive(R"(2["a"])");
  EXPECT_THAT(take_sent(), ElementsAre("41"));
  receive(R"(2["b"])");
  EXPECT_TRUE(is_closed());
}

TEST_F(ClientEvents, ParsingInsideTheHandler_LeavesTheNameReadable) {
  on_event = [](const auto&, const IncomingEvent& event) {
    EXPECT_TRUE(parse_json(event.json));
    const std::string other = R"(["something else entirely"])" + std::string(simdjson::SIMDJSON_PADDING, ' ');
    EXPECT_TRUE(parse_json(std::string_view(other).substr(0, other.size() - simdjson::SIMDJSON_PADDING)));
    EXPECT_EQ(event.name, "a\"b");
  };
  receive(R"(2["a\"b"])");
}

TEST_F(ClientEvents, Drained_TellsTheStateOfEachSocket) {
  struct State final : SocketState {
    explicit State(int& count) : drained(count) {}
    void on_drained() override { ++drained; }
    int& drained;
  };
  int drained = 0;
  sockets[0]->set_state(std::make_unique<State>(drained));
  join("0/custom,");
  client->on_drained();
  EXPECT_EQ(drained, 1);
}

}  // namespace
}  // namespace socketio
