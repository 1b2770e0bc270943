#include "net/listener.hpp"

#include <gtest/gtest.h>

#include "net/loopback_test_support.hpp"
#include "net/websocket_stream.hpp"

namespace net {
namespace {

// Answers at once, but for "/park".
class Site final : public HttpHandler {
 public:
  Route route(const RequestHead&) override { return {}; }
  void handle(Request request, Exchange exchange) override {
    if (request.head.path != "/park") return exchange.respond({.body = request.head.remote_address});
    exchange.on_client_gone([this, exchange] { gone.set_value(); });
    parked.set_value();
  }
  void on_body_too_large(const RequestHead&, Exchange exchange) override { exchange.respond({.status = 413}); }
  std::unique_ptr<Response> check_upgrade(const RequestHead&) override { return std::make_unique<Response>(); }
  void on_websocket(RequestHead, std::shared_ptr<WebSocketStream>) override {}

  std::promise<void> parked;
  std::promise<void> gone;
};

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

class ListenerTest : public testing::Test {
 protected:
  ~ListenerTest() override {
    listener_.reset();
    for (auto* thread : {&first_, &second_}) thread->run([] {});
    for (auto* thread : {&first_, &second_}) thread->run([] {});
  }
  base::Result<std::unique_ptr<Listener>> open(ListenerOptions options = {}) {
    return Listener::open(std::move(options), {&*first_, &*second_}, site_);
  }
  void start(ListenerOptions options = {}) {
    auto opened = open(std::move(options));
    ASSERT_TRUE(opened) << opened.error().detail;
    listener_ = std::move(*opened);
    listener_->start();
  }

  Site site_;
  RunningThread first_{0};
  RunningThread second_{1};
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, ConnectionsAreServedOnAPortThatTheKernelChose) {
  start();
  ASSERT_NE(listener_->port(), 0);
  for (int i = 0; i < 20; ++i) {
    LoopbackClient client(listener_->port());
    client.send(request);
    EXPECT_TRUE(client.read_response().ends_with("127.0.0.1"));
  }
}

TEST_F(ListenerTest, LocalhostIsServed) {
  start({.host = "localhost"});
  LoopbackClient client(listener_->port());
  client.send(request);
  EXPECT_TRUE(client.read_response().ends_with("127.0.0.1"));
}

TEST_F(ListenerTest, APortThatIsTakenIsReported) {
  start();
  const auto second = open({.port = listener_->port()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Errc::internal);
  EXPECT_EQ(second.error().detail, "127.0.0.1:" + std::to_string(listener_->port()) + " is taken");
}

TEST_F(ListenerTest, AHostThatIsNoneAndABlockThatIsNoneAreReported) {
  EXPECT_FALSE(open({.host = "192.0.2.55"}));
  EXPECT_FALSE(open({.host = "not a host"}));
  EXPECT_FALSE(open({.trusted_proxies = {"nonsense"}}));
}

TEST_F(ListenerTest, AConnectionBeyondTheMaximumIsClosed) {
  start({.connections_max = 1});
  std::optional<LoopbackClient> first(listener_->port());
  first->send(request);
  first->read_response();
  LoopbackClient second(listener_->port());
  EXPECT_EQ(second.read_to_end(), "");
}

TEST_F(ListenerTest, AfterStoppingIdleConnectionsCloseAndRequestsUnderWayEnd) {
  start();
  LoopbackClient idle(listener_->port());
  idle.send(request);
  idle.read_response();
  auto parked = site_.parked.get_future();
  auto gone = site_.gone.get_future();
  LoopbackClient busy(listener_->port());
  busy.send("GET /park HTTP/1.1\r\nHost: h\r\n\r\n");
  wait_for(std::move(parked));
  listener_->stop_accepting();
  EXPECT_EQ(idle.read_to_end(), "");
  for (auto* thread : {&first_, &second_}) thread->run([] {});
  EXPECT_THROW(LoopbackClient refused(listener_->port()), std::runtime_error);
  listener_->close_all();
  wait_for(std::move(gone));
  EXPECT_EQ(busy.read_to_end(), "");
}

}  // namespace
}  // namespace net
