// One session on a running IoThread, between a fake stream, fake exchanges and a recording layer above.
#include "engineio/server_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engineio/server_test_support.hpp"

namespace engineio {
namespace {

using testing::ElementsAre;

class FakeStream final : public net::WebSocketStream {
 public:
  void start(Handler& handler, Limits /*limits*/) override { handler_ = &handler; }
  void send(net::SharedBytes frame) override { frames.emplace_back(frame.view().substr(2)); }
  [[nodiscard]] std::size_t queued_bytes() const noexcept override { return queued; }
  void close(std::uint16_t code) override { frames.push_back("<close>" + std::to_string(code)); }
  void abort() override {}

  void receive(std::string_view text) { handler_->on_websocket_message(text, false); }
  void drain() {
    queued = 0;
    handler_->on_websocket_drained();
  }
  void end(net::CloseCause cause) { std::exchange(handler_, nullptr)->on_websocket_closed(cause); }

  std::vector<std::string> frames;  // without their headers of two bytes
  std::size_t queued = 0;

 private:
  Handler* handler_ = nullptr;
};

class FakeExchange final : public net::Exchange::Connection {
 public:
  void respond(net::Response response) override {
    answers.push_back(std::to_string(response.status) + " " + response.body);
  }
  void on_client_gone(base::Job job) override { client_gone = std::move(job); }
  void abort() override {}

  std::vector<std::string> answers;
  base::Job client_gone;
};

class RecordingHandler final : public Session::Handler {
 public:
  void on_message(std::string_view data, bool /*is_binary*/) override { events.emplace_back(data); }
  void on_close(CloseReason reason) override { events.push_back("<" + std::string(to_string(reason)) + ">"); }
  void on_drained() override { events.emplace_back("<drained>"); }

  std::vector<std::string> events;
};

class ServerSessionTest : public testing::Test {
 protected:
  ServerSessionTest() {
    options_.queue_bytes_soft = 100;
    options_.queue_bytes_hard = 1000;
  }
  ~ServerSessionTest() override { thread_.stop(); }

  // Each step is a job of the session's thread; its end is a turn's end.
  template <class Work>
  auto step(Work work) {
    return thread_.run(std::move(work));
  }
  // What was posted and put off has run.
  void settle() {
    step([] {});
    step([] {});
  }
  void open_polling() {
    step([this] {
      make(false);
      session_->open();
      session_->attach(handler_);
    });
  }
  void open_websocket() {
    step([this] {
      make(true);
      session_->open(stream_);
      session_->attach(handler_);
      stream_->frames.clear();
    });
  }
  void poll() {
    step([this] { session_->on_get(reply()); });
    settle();
  }
  Reply reply() { return {net::Exchange(exchange_), {}}; }
  static OutboundMessage text(std::string_view text) { return OutboundMessage::text(text); }

  ServerOptions options_ = [] {
    auto options = test_options();
    options.ping_interval = base::seconds(25);
    return options;
  }();
  base::SystemClock clock_;
  net::RunningThread thread_;
  int releases_ = 0;
  SessionHost host_{.options = options_,
                    .timing = {options_.ping_interval, options_.ping_timeout, options_.upgrade_timeout},
                    .clock = clock_,
                    .thread = *thread_,
                    .release = [this](ServerSession&) { ++releases_; }};
  RecordingHandler handler_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
  std::shared_ptr<FakeExchange> exchange_ = std::make_shared<FakeExchange>();
  std::shared_ptr<ServerSession> session_;

 private:
  void make(bool has_websocket_transport) {
    session_ = std::make_shared<ServerSession>(host_, "AAAAAAAAAAAAAAAAAAAA",
                                               Handshake{.has_websocket_transport = has_websocket_transport});
  }
};

TEST_F(ServerSessionTest, ClosedByTheLayerAbove_OnCloseFollowsTheCall) {
  open_websocket();
  step([this] {
    session_->send(text("last"));
    session_->close(CloseReason::forced_close);
    session_->close(CloseReason::forced_close);
    session_->send(text("too late"));
    EXPECT_TRUE(handler_.events.empty());
  });
  settle();
  EXPECT_THAT(handler_.events, ElementsAre("<forced close>"));
  EXPECT_THAT(stream_->frames, ElementsAre("4last", "<close>0"));
  EXPECT_EQ(releases_, 1);
  step([this] { stream_->end(net::CloseCause::closed_here); });
  EXPECT_THAT(handler_.events, ElementsAre("<forced close>"));
}

TEST_F(ServerSessionTest, StreamThatEnds_TellsWhy) {
  struct Row {
    net::CloseCause cause;
    std::string_view event;
  };
  for (const Row& row :
       {Row{net::CloseCause::peer_closed, "<transport close>"},
        Row{net::CloseCause::protocol_error, "<transport error>"}, Row{net::CloseCause::too_large, "<transport error>"},
        Row{net::CloseCause::too_slow, "<slow consumer>"}, Row{net::CloseCause::closed_here, "<transport close>"}}) {
    handler_.events.clear();
    open_websocket();
    step([&] { stream_->end(row.cause); });
    settle();
    EXPECT_THAT(handler_.events, ElementsAre(row.event));
  }
}

TEST_F(ServerSessionTest, MessagesBehindAClose_AreNotDelivered) {
  open_websocket();
  step([this] {
    stream_->receive("4one");
    stream_->receive("1");
    stream_->receive("4two");
  });
  settle();
  EXPECT_THAT(handler_.events, ElementsAre("one", "<transport close>"));
}

TEST_F(ServerSessionTest, VolatileOnAWebSocketAboveTheSoftLimit_IsNotSent) {
  open_websocket();
  step([this] {
    EXPECT_TRUE(session_->send_volatile(text("a")));
    stream_->queued = 101;
    EXPECT_TRUE(session_->is_above_soft_limit());
    EXPECT_FALSE(session_->send_volatile(text("b")));
    stream_->drain();
    EXPECT_TRUE(session_->send_volatile(text("c")));
  });
  EXPECT_THAT(stream_->frames, ElementsAre("4a", "4c"));
  EXPECT_THAT(handler_.events, ElementsAre("<drained>"));
}

TEST_F(ServerSessionTest, VolatileBetweenTwoPolls_WaitsForTheNextUnlessTheQueueIsAboveTheSoftLimit) {
  open_polling();
  step([this] {
    EXPECT_TRUE(session_->send_volatile(text("a")));
    session_->send(text(std::string(101, 'x')));
    EXPECT_FALSE(session_->send_volatile(text("b")));
  });
  poll();
  EXPECT_THAT(exchange_->answers, ElementsAre("200 4a\x1e"
                                              "4" +
                                              std::string(101, 'x')));
}

TEST_F(ServerSessionTest, ClosedWithMessagesQueuedForAParkedPoll_TheCloseComesWithTheNextPoll) {
  open_polling();
  poll();
  step([this] {
    session_->send(text("last"));
    session_->close(CloseReason::server_shutdown);
  });
  settle();
  EXPECT_THAT(exchange_->answers, ElementsAre("200 4last"));
  poll();
  EXPECT_THAT(exchange_->answers, ElementsAre("200 4last", "200 1"));
  EXPECT_EQ(releases_, 1);
}

TEST_F(ServerSessionTest, ParkedPoll_IsAnsweredOnceAtTheEndOfTheTurn) {
  open_polling();
  poll();
  step([this] {
    session_->send(text("a"));
    session_->send(text("b"));
    EXPECT_TRUE(exchange_->answers.empty());
  });
  settle();
  EXPECT_THAT(exchange_->answers, ElementsAre("200 4a\x1e"
                                              "4b"));
}

TEST_F(ServerSessionTest, QueueOverTheSoftLimit_IsReportedAndDrainedByThePoll) {
  open_polling();
  step([this] { session_->send(text(std::string(200, 'x'))); });
  EXPECT_TRUE(session_->is_above_soft_limit());
  poll();
  EXPECT_EQ(session_->queued_bytes(), 0U);
  EXPECT_THAT(handler_.events, ElementsAre("<drained>"));
}

TEST_F(ServerSessionTest, QueueOverTheHardLimit_ClosesTheSlowConsumer) {
  open_polling();
  step([this] {
    for (int i = 0; i < 20; ++i) session_->send(text(std::string(100, 'x')));
    EXPECT_TRUE(handler_.events.empty());
  });
  settle();
  EXPECT_THAT(handler_.events, ElementsAre("<slow consumer>"));
  EXPECT_EQ(session_->queued_bytes(), 0U);
  EXPECT_EQ(releases_, 1);
}

TEST_F(ServerSessionTest, QueueOverOneAnswersSize_LeavesInSeveral) {
  options_.payload_bytes_max = 20;
  open_polling();
  step([this] {
    for (int i = 0; i < 3; ++i) session_->send(text(std::string(15, 'x')));
  });
  poll();
  const std::string packet = "4" + std::string(15, 'x');
  EXPECT_THAT(exchange_->answers, ElementsAre("200 " + packet + "\x1e" + packet));
  poll();
  EXPECT_EQ(exchange_->answers.back(), "200 " + packet);
}

TEST_F(ServerSessionTest, ClientThatGivesUpItsPoll_EndsTheSession) {
  open_polling();
  poll();
  step([this] { exchange_->client_gone(); });
  settle();
  EXPECT_THAT(handler_.events, ElementsAre("<transport close>"));
  EXPECT_TRUE(exchange_->answers.empty());
}

TEST_F(ServerSessionTest, ClosedBetweenPolls_OnCloseComesAtOnceAndTheNextPollGetsTheRestAndTheOneAfterTheClose) {
  open_polling();
  step([this] {
    session_->send(text("last"));
    session_->close(CloseReason::server_shutdown);
  });
  settle();
  EXPECT_THAT(handler_.events, ElementsAre("<server shutting down>"));
  EXPECT_EQ(releases_, 0);
  step([this] { session_->on_post(reply(), "4ignored", ""); });
  poll();
  EXPECT_THAT(exchange_->answers, ElementsAre("200 ok", "200 4last"));
  EXPECT_EQ(releases_, 0);
  poll();
  EXPECT_THAT(exchange_->answers, ElementsAre("200 ok", "200 4last", "200 1"));
  EXPECT_THAT(handler_.events, ElementsAre("<server shutting down>"));
  EXPECT_EQ(releases_, 1);
}

TEST_F(ServerSessionTest, MessageOfAPayload_HasReadableBytesBehind) {
  class Reader final : public Session::Handler {
   public:
    void on_message(std::string_view data, bool /*is_binary*/) override {
      for (std::size_t i = 0; i < data.size() + 64; ++i) sum += static_cast<std::uint8_t>(data.data()[i]);
    }
    void on_close(CloseReason /*reason*/) override {}
    void on_drained() override {}
    unsigned sum = 0;
  };
  Reader reader;
  open_polling();
  step([&] {
    session_->attach(reader);
    session_->on_post(reply(),
                      "bAQID\x1e"
                      "4a long enough message to stand on the heap",
                      "text/plain;charset=UTF-8");
    session_->discard();
  });
  EXPECT_GT(reader.sum, 0U);
}

TEST_F(ServerSessionTest, SwitchedWithItsQueueAboveTheSoftLimit_IsDrainedByTheSwitch) {
  open_polling();
  step([this] {
    session_->send(text(std::string(120, 'x')));
    session_->on_upgrade(stream_);
    stream_->receive("5");
  });
  EXPECT_THAT(handler_.events, ElementsAre("<drained>"));
  EXPECT_EQ(stream_->frames.size(), 1U);
  EXPECT_FALSE(session_->is_polling());
}

}  // namespace
}  // namespace engineio
