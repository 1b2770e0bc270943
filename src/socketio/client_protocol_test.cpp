// What the reference server did with single frames, line by line, where this server does the same.
#include <gmock/gmock.h>

#include <ostream>

#include "socketio/client_fixture.hpp"

namespace socketio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Line {
  std::string_view subject;
  std::vector<std::string_view> messages;  // after `40`; `b…` is a binary message
  bool closes;
};
void PrintTo(const Line& line, std::ostream* out) {
  *out << line.subject;
}

class ClientProtocol : public testing::ClientFixture, public ::testing::WithParamInterface<Line> {};

TEST_P(ClientProtocol, JoinedClientThatSendsThis_IsClosedOrNot) {
  receive("0");
  static_cast<void>(take_sent());
  for (const auto message : GetParam().messages) {
    if (message.starts_with('b')) {
      receive_binary(message.substr(1));
    } else {
      receive(message);
    }
  }
  if (GetParam().closes) {
    EXPECT_THAT(session->closed, ElementsAre(engineio::CloseReason::forced_close));
  } else {
    EXPECT_THAT(session->closed, IsEmpty());
  }
  EXPECT_THAT(session->sent, IsEmpty());  // a violation is never answered
}

INSTANTIATE_TEST_SUITE_P(
    Reference, ClientProtocol,
    ::testing::Values(
        Line{"empty array", {"2[]"}, true}, Line{"reserved name", {R"(2["disconnect"])"}, true},
        Line{"object as name", {R"(2[{"toString":1}])"}, true}, Line{"null as name", {"2[null]"}, true},
        Line{"array as name", {"2[[]]"}, true}, Line{"numeric event", {"2[1]"}, false},
        Line{"event named error", {R"(2["error"])"}, false}, Line{"event without payload", {"2"}, false},
        Line{"object as event", {"2{}"}, true}, Line{"bad ack id", {R"(2abc["m",1])"}, true},
        Line{"huge ack id", {R"(21000000000000000["m"])"}, true}, Line{"ack without payload", {"3"}, false},
        Line{"unknown ack", {R"(31["x"])"}, false}, Line{"ack object", {"31{}"}, true},
        Line{"connect twice", {"0"}, true}, Line{"connect again with payload", {"0{}"}, true},
        Line{"connect error from a client", {"4"}, true}, Line{"connect error with payload", {"4{}"}, true},
        Line{"binary without count", {R"(5["x"])"}, true}, Line{"zero attachments", {R"(50-["x"])"}, true},
        Line{"eleven attachments", {R"(511-["x"])"}, true}, Line{"countless attachments", {R"(599999999-["x"])"}, true},
        Line{"text while attachments are due", {R"(51-["x"])", R"(2["y"])"}, true},
        Line{"attachment, then one too many", {R"(51-["x"])", "b1", "b2"}, true},
        Line{"placeholder out of range", {R"(51-["x",{"_placeholder":true,"num":5}])", "b1"}, true},
        Line{"placeholder as string", {R"(51-["x",{"_placeholder":true,"num":"splice"}])", "b1"}, true},
        Line{"binary event without payload", {"51-", "b1"}, true}, Line{"binary ack object", {"61-1{}", "b1"}, true},
        Line{"binary without header", {"b1"}, true}, Line{"fraction", {R"(51.5-["x"])"}, true},
        Line{"negative count", {R"(5-1-["x"])"}, true}, Line{"unknown type", {"7"}, true},
        Line{"empty message", {""}, true}, Line{"trailing garbage", {R"(2["msg",1]x)"}, true},
        Line{"namespace not joined", {"2/custom,[]"}, true},
        Line{"binary event before CONNECT", {R"(51-/custom,["x"])"}, true},
        Line{"ack of a namespace not joined", {"3/custom,1[]"}, true},
        Line{"disconnect of a namespace not joined", {"1/custom"}, true}, Line{"disconnect", {"1"}, false},
        Line{"disconnect with payload", {"1{}"}, true}, Line{"event after disconnect", {"1", R"(2["x"])"}, true},
        Line{"space before the payload", {R"(2 ["msg"])"}, false},
        Line{"trailing whitespace", {"2[\"msg\"]\n "}, false}, Line{"lone surrogate", {R"(2["msg","\ud800"])"}, false},
        Line{"big numbers", {"2[\"msg\",1e400,12345678901234567890]"}, false},
        Line{"prototype key", {R"(2["msg",{"__proto__":{"a":1},"constructor":{"prototype":{"b":2}}}])"}, false},
        Line{"duplicate keys", {R"(2["msg",{"a":1,"a":2}])"}, false},
        Line{"byte order mark", {"2\xef\xbb\xbf[\"msg\"]"}, true}, Line{"invalid UTF-8", {"2[\"msg\",\"\xff\"]"}, true},
        // Ours differ: the reference takes an exponent as a count, and JSON of any depth.
        Line{"exponent as count", {R"(51e1-["x"])"}, true},
        Line{"deep nesting", {"2[\"msg\",[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"}, true}));

class ClientBeforeConnect : public testing::ClientFixture, public ::testing::WithParamInterface<std::string_view> {};

TEST_P(ClientBeforeConnect, SendingThis_IsClosed) {
  receive(GetParam());
  EXPECT_TRUE(is_closed());
}

TEST_P(ClientBeforeConnect, SendingThisWhileItsConnectWaits_IsClosed) {
  accepts_at_once = false;
  receive("0");
  receive(GetParam());
  EXPECT_TRUE(is_closed());
  EXPECT_EQ(pending[0].accept("sid"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Reference, ClientBeforeConnect,
                         ::testing::Values(R"(2["x"])", "2", "1", "31[]", R"(51-["x"])", "4{}", "abc"));

}  // namespace
}  // namespace socketio
