#include "net/http_session.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <optional>

#include "net/loopback_test_support.hpp"
#include "net/websocket_frame.hpp"
#include "net/websocket_stream.hpp"
#include "net/websocket_test_frames.hpp"

namespace net {
namespace {

using websocket::client_text;

constexpr std::string_view upgrade_request =
    "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

// Answers by path: "/echo…" with the body, "/thread" with the serving thread's index, "/park" later, "/drop" never;
// "/1…" is routed to the second thread. WebSockets echo.
class Site final : public HttpHandler, public WebSocketStream::Handler {
 public:
  std::vector<IoThread*> threads;
  std::size_t body_bytes_max = 1'000;

  Route route(const RequestHead& head) override {
    return {.thread = head.path.starts_with("/1") ? threads[1] : nullptr, .body_bytes_max = body_bytes_max};
  }
  void handle(Request request, Exchange exchange) override {
    auto path = request.head.path.starts_with("/1") ? request.head.path.substr(2) : request.head.path;
    if (path == "/drop") return;
    if (path == "/abort") return exchange.abort();
    if (path == "/park") {
      exchange.on_client_gone([this] { gone.set_value(); });
      const std::lock_guard lock(mutex_);
      parked_ = exchange;
      parked_now.set_value();
      return;
    }
    if (path == "/thread") return exchange.respond({.body = std::to_string(index())});
    if (path == "/address") return exchange.respond({.body = request.head.remote_address});
    if (path == "/large") return exchange.respond({.body = std::string(4'000'000, 'x')});
    if (path == "/twice") exchange.respond({.body = "first"});
    exchange.respond({.body = path == "/twice" ? "second" : request.body});
  }
  void on_body_too_large(const RequestHead&, Exchange exchange) override { exchange.respond({.status = 413}); }
  std::unique_ptr<Response> check_upgrade(const RequestHead& head) override {
    if (head.path == "/ws" || head.path == "/1/ws") return nullptr;
    return std::make_unique<Response>(Response{.status = 403, .body = "no"});
  }
  void on_websocket(RequestHead, std::shared_ptr<WebSocketStream> stream) override {
    stream_ = std::move(stream);
    stream_->start(*this, {});
  }
  void on_websocket_message(std::string_view payload, bool) override {
    stream_->send(websocket::encode_frame(websocket::Opcode::text, std::to_string(index()) + std::string(payload)));
  }
  void on_websocket_closed(CloseCause) override { stream_.reset(); }
  void on_websocket_drained() override {}

  // The parked request's exchange, for the thread that serves it.
  std::optional<Exchange> take_parked() {
    const std::lock_guard lock(mutex_);
    return std::exchange(parked_, std::nullopt);
  }

  std::promise<void> parked_now;
  std::promise<void> gone;

 private:
  std::size_t index() const {
    for (const auto* thread : threads) {
      if (thread->is_current()) return thread->index();
    }
    return 99;
  }
  std::mutex mutex_;
  std::optional<Exchange> parked_;
  std::shared_ptr<WebSocketStream> stream_;
};

class HttpSessionTest : public testing::Test {
 protected:
  explicit HttpSessionTest(ListenerOptions options = {}) {
    site_.threads = {&*first_, &*second_};
    const auto shared = std::make_shared<SharedHttpService>(
        SharedHttpService{std::move(options), site_, *TrustedProxies::parse({"192.0.2.1"}), count_});
    for (auto* thread : site_.threads) {
      services_.push_back(std::shared_ptr<HttpService>(new HttpService{*thread, shared}));
      shared->services.push_back(services_.back());
    }
  }
  // Every connection closes on its own thread, and what that posts runs, before the threads end.
  ~HttpSessionTest() override {
    (void)site_.take_parked();
    for (int round = 0; round < 2; ++round) {
      for (auto& service : services_) {
        std::promise<void> done;
        auto finished = done.get_future();
        service->thread.post([&] {
          service->is_closed = true;
          for (const auto& connection : service->connections.members()) connection->close_now();
          done.set_value();
        });
        wait_for(std::move(finished));
      }
    }
    first_.stop();
    second_.stop();
  }

  // A connection to the first thread.
  LoopbackClient connect(int send_buffer_bytes = 0) {
    auto sockets = connected_pair(send_buffer_bytes);
    AcceptedConnection connection{std::move(sockets.server), std::move(*ConnectionCount::take(count_)),
                                  *parse_ip_address("192.0.2.1")};
    first_->post([service = services_[0], connection = std::move(connection)]() mutable {
      start_http_session(std::move(service), std::move(connection));
    });
    return LoopbackClient(std::move(sockets.client));
  }
  static std::string get(std::string_view path, std::string_view fields = {}) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
  }
  static std::string post(std::string_view path, std::string_view body) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
  }
  // The connection's only answer, before it closes.
  std::string answer_to(std::string_view request) {
    auto client = connect();
    client.send(request);
    client.end_sending();
    return client.read_to_end();
  }

  std::shared_ptr<ConnectionCount> count_ = std::make_shared<ConnectionCount>(100);
  RunningThread first_{0};
  RunningThread second_{1};
  Site site_;
  std::vector<std::shared_ptr<HttpService>> services_;
};

TEST_F(HttpSessionTest, RequestsOfOneConnectionAreAnsweredOneAfterTheOther) {
  auto client = connect();
  for (const std::string body : {"one", "", "three"}) {
    client.send(post("/echo", body));
    const auto response = client.read_response();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n")) << response;
    EXPECT_TRUE(response.ends_with("\r\n\r\n" + body)) << response;
  }
}

TEST_F(HttpSessionTest, ARequestInPiecesIsServed) {
  auto client = connect();
  for (const char byte : post("/echo", "body")) client.send({&byte, 1});
  EXPECT_TRUE(client.read_response().ends_with("\r\n\r\nbody"));
}

TEST_F(HttpSessionTest, PipelinedRequestsAreAnsweredInOrder) {
  auto client = connect();
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += post(i % 3 == 0 ? "/1/echo" : "/echo", std::to_string(i));
  client.send(requests);
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(client.read_response().ends_with("\r\n\r\n" + std::to_string(i))) << i;
}

TEST_F(HttpSessionTest, ARequestBehindAParkedOneWaitsAndIsNotLost) {
  auto client = connect();
  auto parked = site_.parked_now.get_future();
  client.send(get("/park"));
  wait_for(std::move(parked));
  client.send(post("/echo", "next"));
  first_.run([&] { site_.take_parked()->respond({.body = "parked"}); });
  EXPECT_TRUE(client.read_response().ends_with("parked"));
  EXPECT_TRUE(client.read_response().ends_with("next"));
}

TEST_F(HttpSessionTest, AChunkedBodyIsServed) {
  auto client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n");
  client.send("1\r\n!\r\n0\r\n\r\n");
  EXPECT_TRUE(client.read_response().ends_with("\r\n\r\nbody!"));
}

TEST_F(HttpSessionTest, ARequestOfAnotherThreadTakesTheConnectionAlongAndBack) {
  auto client = connect();
  for (const auto& [path, index] :
       {std::pair("/thread", "0"), {"/1/thread", "1"}, {"/1/thread", "1"}, {"/thread", "1"}}) {
    client.send(get(path));
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\n" + std::string(index))) << path;
  }
}

TEST_F(HttpSessionTest, ABodyIsReadOnTheThreadThatServesIt) {
  auto client = connect();
  const auto request = post("/1/echo", "the body");
  client.send(std::string_view(request).substr(0, request.size() - 4));
  client.send("body");
  EXPECT_TRUE(client.read_response().ends_with("the body"));
}

TEST_F(HttpSessionTest, AnAnswerToHeadHasNoBody) {
  auto client = connect();
  client.send("HEAD /thread HTTP/1.1\r\nHost: h\r\n\r\n" + post("/echo", "next"));
  EXPECT_TRUE(client.read_response(true).find("Content-Length: 1\r\n") != std::string::npos);
  EXPECT_TRUE(client.read_response().ends_with("\r\n\r\nnext"));
}

TEST_F(HttpSessionTest, AClientThatAsksToCloseIsClosedAfterItsAnswer) {
  auto client = connect();
  client.send(get("/echo", "Connection: close\r\n") + get("/echo"));
  const auto answers = client.read_to_end();
  EXPECT_NE(answers.find("Connection: close"), std::string::npos);
  EXPECT_EQ(answers.find("HTTP/1.1", 1), std::string::npos);
}

TEST_F(HttpSessionTest, OnlyTheFirstAnswerCounts) {
  auto client = connect();
  client.send(get("/twice") + post("/echo", "next"));
  EXPECT_TRUE(client.read_response().ends_with("first"));
  EXPECT_TRUE(client.read_response().ends_with("next"));
}

TEST_F(HttpSessionTest, AnExchangeThatIsDroppedOrAbortedClosesTheConnection) {
  for (const auto* path : {"/drop", "/abort"}) {
    auto client = connect();
    client.send(get(path));
    EXPECT_EQ(client.read_to_end(), "");
  }
}

TEST_F(HttpSessionTest, AClientThatGoesWhileItsRequestIsParkedIsNoticed) {
  auto client = connect();
  auto parked = site_.parked_now.get_future();
  auto gone = site_.gone.get_future();
  client.send(get("/1/park"));
  wait_for(std::move(parked));
  client.close();
  wait_for(std::move(gone));
  second_.run([&] { site_.take_parked()->respond({.body = "nobody reads this"}); });
}

TEST_F(HttpSessionTest, AClientThatEndsItsDirectionWhileParkedCountsAsGone) {
  auto client = connect();
  auto parked = site_.parked_now.get_future();
  auto gone = site_.gone.get_future();
  client.send(get("/park"));
  wait_for(std::move(parked));
  client.end_sending();
  wait_for(std::move(gone));
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpSessionTest, AClientThatEndsItsDirectionAfterAQuickRequestIsAnswered) {
  EXPECT_TRUE(answer_to(post("/echo", "quick")).ends_with("quick"));
}

TEST_F(HttpSessionTest, ALargeAnswerReachesAReaderWhoTakesItsTime) {
  auto client = connect(8 * 1024);
  client.send(get("/large") + post("/echo", "next"));
  EXPECT_GT(client.read_response().size(), 4'000'000U);
  EXPECT_TRUE(client.read_response().ends_with("next"));
}

TEST_F(HttpSessionTest, AClientThatResetsDuringALargeAnswerDoesNoHarm) {
  {
    auto client = connect(8 * 1024);
    client.send(get("/large"));
    client.read_exactly(1'000);
    client.reset();
  }
  auto client = connect();
  client.send(post("/echo", "still here"));
  EXPECT_TRUE(client.read_response().ends_with("still here"));
}

TEST_F(HttpSessionTest, ABodyBeyondTheLimitIsAnswered413AndCloses) {
  EXPECT_TRUE(answer_to(post("/echo", std::string(1'001, 'x'))).starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(answer_to("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n").starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(answer_to("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n")
                  .starts_with("HTTP/1.1 413"));
}

// CVE-2020-36048: a client that goes on sending a very large body still reads why it was refused.
TEST_F(HttpSessionTest, TheRestOfABodyThatWasRefusedIsThrownAway) {
  auto client = connect();
  client.send("POST /1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n");
  client.send(std::string(500'000, 'x'));
  client.end_sending();
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 413"));
}

TEST_F(HttpSessionTest, ARequestThatExpectsToContinueIsToldTo) {
  auto client = connect();
  client.send("POST /1/echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_TRUE(client.read_response().ends_with("body"));
}

TEST_F(HttpSessionTest, AnExpectationThatCannotBeMetIsRefused) {
  EXPECT_TRUE(answer_to(get("/echo", "Expect: magic\r\n")).starts_with("HTTP/1.1 417"));
  EXPECT_TRUE(answer_to("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n")
                  .starts_with("HTTP/1.1 413"));
}

TEST_F(HttpSessionTest, SmuggledAndMalformedRequestsAreRefusedAndNothingBehindThemIsServed) {
  for (const std::string_view fields :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 0\r\nContent-Length: 5\r\n",
        "X: a\r\n folded\r\n", "Bad Name: x\r\n"}) {
    const auto answer =
        answer_to("POST /echo HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n0\r\n\r\n" + get("/echo"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << fields;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << fields;
  }
  EXPECT_TRUE(answer_to("\x16\x03\x01 this is TLS\n").starts_with("HTTP/1.1 400"));
}

TEST_F(HttpSessionTest, AHeadThatIsTooLargeIsAnswered431) {
  EXPECT_TRUE(answer_to(get("/" + std::string(16 * 1024, 'x'))).starts_with("HTTP/1.1 431"));
  std::string fields;
  for (int i = 0; i < 101; ++i) fields += "X: a\r\n";
  EXPECT_TRUE(answer_to(get("/", fields)).starts_with("HTTP/1.1 431"));
}

TEST_F(HttpSessionTest, TheClientsAddressComesFromATrustedProxy) {
  EXPECT_TRUE(answer_to(get("/address")).ends_with("\r\n192.0.2.1"));
  EXPECT_TRUE(answer_to(get("/1/address", "X-Forwarded-For: 6.6.6.6, 203.0.113.7\r\n")).ends_with("\r\n203.0.113.7"));
}

TEST_F(HttpSessionTest, AWebSocketOpensAndFramesOfTheSameSegmentArrive) {
  auto client = connect();
  client.send(std::string(upgrade_request) + client_text("early"));
  const auto answer = client.read_until("\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 "));
  EXPECT_NE(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
  EXPECT_EQ(client.read_exactly(8),
            "\x81\x06"
            "0early");
  client.send(client_text("later"));
  EXPECT_EQ(client.read_exactly(8),
            "\x81\x06"
            "0later");
}

TEST_F(HttpSessionTest, AWebSocketLivesOnTheThreadThatItsRequestIsRoutedTo) {
  auto client = connect();
  auto request = std::string(upgrade_request);
  client.send(request.replace(4, 3, "/1/ws") + client_text("hello"));
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_exactly(8),
            "\x81\x06"
            "1hello");
}

TEST_F(HttpSessionTest, ARefusedUpgradeIsAnsweredAndCloses) {
  auto request = std::string(upgrade_request);
  const auto answer = answer_to(request.replace(4, 3, "/no"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403"));
  EXPECT_TRUE(answer.ends_with("no"));
}

TEST_F(HttpSessionTest, AnUpgradeThatIsNotAsItMustBeIsAnsweredWithTheVersion) {
  auto old = std::string(upgrade_request);
  old.replace(old.find(": 13"), 4, ": 8");
  const auto answer = answer_to(old);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 426"));
  EXPECT_NE(answer.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
  auto keyless = std::string(upgrade_request);
  keyless.replace(keyless.find("dGhl"), 4, "dG");
  EXPECT_TRUE(answer_to(keyless).starts_with("HTTP/1.1 400"));
  auto with_body = std::string(upgrade_request);
  with_body.insert(with_body.size() - 2, "Content-Length: 5\r\n");
  EXPECT_TRUE(answer_to(with_body + "hello").starts_with("HTTP/1.1 400"));
}

// CVE-2022-41940: a reset while the refusal is written.
TEST_F(HttpSessionTest, AResetAroundARefusedUpgradeDoesNoHarm) {
  auto refused = std::string(upgrade_request);
  refused.replace(4, 3, "/no");
  for (int i = 0; i < 20; ++i) {
    auto client = connect();
    client.send(refused);
    client.reset();
  }
  EXPECT_TRUE(answer_to(post("/echo", "alive")).ends_with("alive"));
}

class HttpSessionTimeoutTest : public HttpSessionTest {
 protected:
  HttpSessionTimeoutTest()
      : HttpSessionTest({.header_timeout = base::milliseconds(20),
                         .body_timeout = base::milliseconds(20),
                         .keep_alive_timeout = base::milliseconds(20)}) {}
};

TEST_F(HttpSessionTimeoutTest, AConnectionThatSendsNothingIsClosed) {
  EXPECT_EQ(connect().read_to_end(), "");
}

TEST_F(HttpSessionTimeoutTest, AHeadThatDoesNotEndInTimeIsAnswered408) {
  auto client = connect();
  client.send("GET / HT");
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 408"));
}

TEST_F(HttpSessionTimeoutTest, ABodyThatDoesNotEndInTimeIsAnswered408) {
  auto client = connect();
  client.send("POST /1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo");
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 408"));
}

TEST_F(HttpSessionTimeoutTest, AConnectionWithoutANextRequestIsClosed) {
  auto client = connect();
  client.send(post("/echo", "one"));
  client.read_response();
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpSessionTimeoutTest, AnAnswerThatIsNotReadIsGivenUp) {
  auto client = connect(8 * 1024);
  client.send(get("/large"));
  const auto freed = [&] {
    // The connection's place in the count is given back when it closes.
    std::vector<ConnectionCount::Slot> slots;
    while (auto slot = ConnectionCount::take(count_)) slots.push_back(std::move(*slot));
    return slots.size();
  };
  // Each round ends one timer later, so nothing is slept for.
  for (int round = 0; round < 100 && freed() < 100; ++round) {
    std::promise<void> ticked;
    auto tick = ticked.get_future();
    first_->post([&] { (void)first_->schedule(base::milliseconds(10), [&] { ticked.set_value(); }); });
    wait_for(std::move(tick));
  }
  EXPECT_EQ(freed(), 100U);
}

}  // namespace
}  // namespace net
