#include "net/websocket_stream.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "base/metrics.hpp"
#include "net/asio_websocket_stream.hpp"
#include "net/loopback_test_support.hpp"
#include "net/websocket_frame.hpp"
#include "net/websocket_test_frames.hpp"

namespace net {
namespace {

using websocket::client_close;
using websocket::client_frame;
using websocket::client_text;
using websocket::encode_frame;
using websocket::Opcode;

std::string server_frame(Opcode opcode, std::string_view payload) {
  return std::string(encode_frame(opcode, payload).view());
}

std::string server_close(std::uint16_t code) {
  return server_frame(Opcode::close, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)});
}

// Tells the test's thread what the stream's thread heard.
class Listener final : public WebSocketStream::Handler {
 public:
  void on_websocket_message(std::string_view payload, bool is_binary) override {
    if (on_message) on_message(payload);
    note((is_binary ? "binary " : "text ") + std::string(payload));
  }
  void on_websocket_closed(CloseCause cause) override { note("closed " + std::to_string(static_cast<int>(cause))); }
  void on_websocket_drained() override { note("drained"); }

  std::string next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return !events_.empty(); })) return "nothing";
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  bool has_more() {
    const std::lock_guard lock(mutex_);
    return !events_.empty();
  }

  std::function<void(std::string_view)> on_message;

 private:
  void note(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> events_;
};

std::string closed(CloseCause cause) {
  return "closed " + std::to_string(static_cast<int>(cause));
}

class WebSocketStreamTest : public testing::Test {
 protected:
  ~WebSocketStreamTest() override {
    thread_.run([this] {
      if (stream_) stream_->abort();
      stream_.reset();
    });
    thread_.run([] {});
  }

  void connect(WebSocketStream::Limits limits = {}, std::string greeting = {}, std::string received = {}) {
    auto sockets = connected_pair(16 * 1024);
    client_.emplace(std::move(sockets.client));
    thread_.run([&] {
      UpgradedConnection connection{.fd = std::move(sockets.server), .slot = std::move(*ConnectionCount::take(count_))};
      connection.greeting = std::move(greeting);
      connection.received = std::move(received);
      stream_ = make_websocket_stream(*thread_, connections_, std::move(connection));
      stream_->start(handler_, limits);
    });
  }
  void send(Opcode opcode, std::string_view payload) {
    thread_.run([&] { stream_->send(encode_frame(opcode, payload)); });
  }

  std::shared_ptr<ConnectionCount> count_ = std::make_shared<ConnectionCount>(1);
  ConnectionList connections_;
  Listener handler_;
  RunningThread thread_;
  std::shared_ptr<WebSocketStream> stream_;
  std::optional<LoopbackClient> client_;
};

TEST_F(WebSocketStreamTest, MessagesArriveBothWays) {
  connect();
  client_->send(client_text("hello") + client_frame("bytes", {.first_byte = 0x82}));
  EXPECT_EQ(handler_.next(), "text hello");
  EXPECT_EQ(handler_.next(), "binary bytes");
  send(Opcode::text, "answer");
  const auto expected = server_frame(Opcode::text, "answer");
  EXPECT_EQ(client_->read_exactly(expected.size()), expected);
}

TEST_F(WebSocketStreamTest, TheGreetingIsSentFirstAndFramesThatCameWithTheRequestAreRead) {
  connect({}, "101", client_text("early"));
  EXPECT_EQ(client_->read_exactly(3), "101");
  EXPECT_EQ(handler_.next(), "text early");
}

// CVE-2022-21676: a bad frame in the segment of the upgrade request.
TEST_F(WebSocketStreamTest, ABadFrameThatCameWithTheRequestClosesWith1002) {
  connect({}, "101", client_frame("x", {.first_byte = 0xb1}));
  EXPECT_EQ(handler_.next(), closed(CloseCause::protocol_error));
  EXPECT_EQ(client_->read_to_end(), "101" + server_close(1002));
}

TEST_F(WebSocketStreamTest, FramesOfOneTurnArriveInOrder) {
  connect();
  std::string expected;
  thread_.run([&] {
    for (int i = 0; i < 500; ++i) {
      const auto frame = encode_frame(Opcode::text, std::to_string(i));
      expected += frame.view();
      stream_->send(frame);
    }
    EXPECT_EQ(stream_->queued_bytes(), expected.size());
  });
  EXPECT_EQ(client_->read_exactly(expected.size()), expected);
  thread_.run([] {});
  EXPECT_EQ(thread_.run([&] { return stream_->queued_bytes(); }), 0U);
}

TEST_F(WebSocketStreamTest, APingIsAnsweredWithItsPayload) {
  connect();
  client_->send(client_frame("are you there", {.first_byte = 0x89}));
  const auto expected = server_frame(Opcode::pong, "are you there");
  EXPECT_EQ(client_->read_exactly(expected.size()), expected);
}

TEST_F(WebSocketStreamTest, PingsWithoutReadingDoNotFillTheQueue) {
  connect();
  std::string blocking(64 * 1024, 'x');
  send(Opcode::binary, blocking);
  std::string pings;
  for (int i = 0; i < 2'000; ++i) pings += client_frame("p", {.first_byte = 0x89});
  client_->send(pings + client_text("after"));
  EXPECT_EQ(handler_.next(), "text after");
  EXPECT_LE(thread_.run([&] { return stream_->queued_bytes(); }), blocking.size() + 1'000);
}

TEST_F(WebSocketStreamTest, ACloseOfThePeerIsAnsweredAndTheConnectionEnds) {
  connect();
  client_->send(client_close(1001));
  EXPECT_EQ(handler_.next(), closed(CloseCause::peer_closed));
  EXPECT_EQ(client_->read_to_end(), server_close(1001));
}

TEST_F(WebSocketStreamTest, CloseSendsWhatIsQueuedThenACloseFrameAndWaitsForTheAnswer) {
  connect();
  thread_.run([&] {
    stream_->send(encode_frame(Opcode::text, "last"));
    stream_->close(1000);
    stream_->send(encode_frame(Opcode::text, "too late"));
  });
  const auto expected = server_frame(Opcode::text, "last") + server_close(1000);
  EXPECT_EQ(client_->read_exactly(expected.size()), expected);
  client_->send(client_text("ignored") + client_close(1000));
  EXPECT_EQ(handler_.next(), closed(CloseCause::closed_here));
  EXPECT_EQ(client_->read_to_end(), "");
}

TEST_F(WebSocketStreamTest, CloseWithoutAnAnswerEndsByItself) {
  connect();
  thread_.run([&] { stream_->close(0); });
  EXPECT_EQ(client_->read_to_end(), server_frame(Opcode::close, ""));
  EXPECT_EQ(handler_.next(), closed(CloseCause::closed_here));
}

TEST_F(WebSocketStreamTest, TheEndOfTheStreamWithoutACloseFrameIsToldOnce) {
  connect();
  client_->close();
  EXPECT_EQ(handler_.next(), closed(CloseCause::peer_closed));
  thread_.run([&] { stream_->abort(); });
  thread_.run([] {});
  EXPECT_FALSE(handler_.has_more());
}

TEST_F(WebSocketStreamTest, TextThatIsNoUtf8ClosesWith1007) {
  connect();
  client_->send(client_text("\xff") + client_text("never read"));
  EXPECT_EQ(handler_.next(), closed(CloseCause::protocol_error));
  EXPECT_EQ(client_->read_to_end(), server_close(1007));
  EXPECT_FALSE(handler_.has_more());
}

TEST_F(WebSocketStreamTest, AMessageBeyondTheLimitClosesWith1009AlsoWhileItIsStillComing) {
  connect({.message_bytes_max = 100});
  client_->send(client_text(std::string(10'000, 'x')));
  EXPECT_EQ(handler_.next(), closed(CloseCause::too_large));
  EXPECT_EQ(client_->read_to_end(), server_close(1009));
}

TEST_F(WebSocketStreamTest, AnAbortWithinAMessageEndsReadingAndIsToldAfterwards) {
  handler_.on_message = [this](std::string_view) { stream_->abort(); };
  connect({}, {}, client_text("one") + client_text("two"));
  EXPECT_EQ(handler_.next(), "text one");
  EXPECT_EQ(handler_.next(), closed(CloseCause::closed_here));
  EXPECT_EQ(client_->read_to_end(), "");
}

TEST_F(WebSocketStreamTest, AReaderWhoFallsBehindIsClosedAtTheHardLimit) {
  connect({.queue_bytes_soft = 100'000, .queue_bytes_hard = 200'000});
  const auto frame = encode_frame(Opcode::binary, std::string(10'000, 'x'));
  std::size_t sent = 0;
  thread_.run([&] {
    for (; sent < 1'000 && stream_->queued_bytes() + frame.size() <= 200'000; ++sent) stream_->send(frame);
    EXPECT_FALSE(handler_.has_more());
    for (int i = 0; i < 30; ++i) stream_->send(frame);
    EXPECT_EQ(stream_->queued_bytes(), 0U);
  });
  EXPECT_EQ(handler_.next(), closed(CloseCause::too_slow));
}

TEST_F(WebSocketStreamTest, AQueueAboveTheSoftLimitTellsWhenItHasFallenBelow) {
  connect({.queue_bytes_soft = 100'000});
  const std::string payload(300'000, 'x');
  send(Opcode::binary, payload);
  EXPECT_EQ(client_->read_exactly(payload.size() + 10), server_frame(Opcode::binary, payload));
  EXPECT_EQ(handler_.next(), "drained");
  EXPECT_FALSE(handler_.has_more());
}

TEST_F(WebSocketStreamTest, ABurstOfOneTurnIsNotSlowWhileTheKernelTakesIt) {
  connect({.queue_bytes_soft = 1'000, .queue_bytes_hard = 2'000});
  const auto frame = encode_frame(Opcode::text, std::string(500, 'x'));
  std::string expected;
  thread_.run([&] {
    for (int i = 0; i < 10; ++i) {
      expected += frame.view();
      stream_->send(frame);
    }
  });
  EXPECT_EQ(client_->read_exactly(expected.size()), expected);
  EXPECT_EQ(handler_.next(), "drained");
}

TEST_F(WebSocketStreamTest, ItsPlaceInTheCountIsFreeOnceItIsClosed) {
  connect();
  EXPECT_FALSE(ConnectionCount::take(count_));
  client_->close();
  EXPECT_EQ(handler_.next(), closed(CloseCause::peer_closed));
  EXPECT_TRUE(ConnectionCount::take(count_));
}

}  // namespace
}  // namespace net
