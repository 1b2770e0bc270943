// For the tests of this folder: a server that echoes on a free port of the loopback address, and clients with plain
// blocking calls that speak HTTP and WebSocket by hand, so that they can also say what no client would.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "engineio/server.hpp"
#include "net/listener.hpp"
#include "net/loopback_test_support.hpp"
#include "net/websocket_test_frames.hpp"

namespace engineio {

inline ServerOptions test_options() {
  ServerOptions options;
  options.path = "/engine.io/";
  options.ping_interval = base::milliseconds(300);
  options.ping_timeout = base::milliseconds(200);
  options.payload_bytes_max = 2000;
  return options;
}

// Sends back what it gets; told `close`, it closes.
class EchoHandler final : public Session::Handler {
 public:
  EchoHandler(std::shared_ptr<Session> session, std::promise<CloseReason> closed)
      : session_(std::move(session)), closed_(std::move(closed)) {}

  void on_message(std::string_view data, bool is_binary) override {
    if (data == "close") return session_->close(CloseReason::forced_close);
    session_->send(is_binary ? OutboundMessage::binary(data) : OutboundMessage::text(data));
  }
  void on_close(CloseReason reason) override {
    session_.reset();
    closed_.set_value(reason);
  }
  void on_drained() override {}

 private:
  std::shared_ptr<Session> session_;
  std::promise<CloseReason> closed_;
};

struct Answer {
  unsigned status = 0;
  std::string head{};
  std::string body{};

  [[nodiscard]] bool has_header(std::string_view line) const {
    return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
};

// One request on a connection of its own.
class HttpRequest {
 public:
  HttpRequest(std::uint16_t port, std::string_view method, std::string_view target, std::string_view body = {},
              std::string_view headers = {})
      : client_(port), is_head_(method == "HEAD") {
    std::string text(method);
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: server.example\r\n").append(headers);
    if (!body.empty() || method == "POST") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    client_.send(text.append("\r\n").append(body));
  }

  Answer answer() {
    Answer answer;
    answer.head = client_.read_response(is_head_);
    const std::size_t end = answer.head.find("\r\n\r\n") + 4;
    answer.body = answer.head.substr(end);
    answer.head.resize(end);
    answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9, 3)));
    return answer;
  }
  void cancel() { client_.close(); }

 private:
  net::LoopbackClient client_;
  bool is_head_;
};

class EchoServer {
 public:
  explicit EchoServer(ServerOptions options = test_options(), Server::AllowHandshake allow = {}) {
    std::vector<net::IoThread*> threads;
    for (auto& thread : threads_) threads.push_back(&*thread);
    server_ = std::make_unique<Server>(
        clock_, std::move(options), threads,
        [this](std::shared_ptr<Session> session) { return open(std::move(session)); }, std::move(allow));
    listener_ = std::move(net::Listener::open({}, threads, *server_).value());
    listener_->start();
  }
  ~EchoServer() {
    for (auto& thread : threads_) thread.stop();
  }

  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
  Server& operator*() { return *server_; }
  Server* operator->() { return server_.get(); }
  // A poll that the server holds when this returns.
  HttpRequest park(std::string_view target);
  // Handshakes find no one above from now on.
  void want_no_sessions() { wants_sessions_ = false; }
  // Why the session that was opened as the given one ended; waits for it.
  CloseReason reason(std::size_t index = 0) {
    std::future<CloseReason> closed;
    {
      const std::lock_guard lock(mutex_);
      closed = std::move(closed_.at(index));
    }
    return net::wait_for(std::move(closed));
  }

 private:
  Session::Handler* open(std::shared_ptr<Session> session) {
    if (!wants_sessions_) return nullptr;
    std::promise<CloseReason> closed;
    const std::lock_guard lock(mutex_);
    closed_.push_back(closed.get_future());
    handlers_.push_back(std::make_unique<EchoHandler>(std::move(session), std::move(closed)));
    return handlers_.back().get();
  }

  base::SystemClock clock_;
  std::array<net::RunningThread, 2> threads_{net::RunningThread(0), net::RunningThread(1)};
  std::mutex mutex_;
  std::atomic<bool> wants_sessions_{true};
  std::vector<std::future<CloseReason>> closed_;
  std::vector<std::unique_ptr<EchoHandler>> handlers_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<net::Listener> listener_;
};

inline double requests_so_far() {
  for (const auto& sample : base::metrics::collect()) {
    if (sample.name.contains("http_requests")) return sample.value;
  }
  throw std::runtime_error("requests are not counted");
}

inline HttpRequest EchoServer::park(std::string_view target) {
  const double before = requests_so_far();
  HttpRequest poll(port(), "GET", target);
  const auto give_up_at = clock_.steady_now() + net::patience;
  while (requests_so_far() == before) {
    if (clock_.steady_now() > give_up_at) throw std::runtime_error("the poll was not read");
    std::this_thread::yield();
  }
  // From the thread that read it to the one that serves it, and there to the end of its turn.
  for (int i = 0; i < 2; ++i) {
    for (auto& thread : threads_) thread.run([] {});
  }
  return poll;
}

inline const std::string polling_target = "/engine.io/?EIO=4&transport=polling";
inline const std::string websocket_target = "/engine.io/?EIO=4&transport=websocket";

inline Answer get(std::uint16_t port, std::string_view target, std::string_view headers = {}) {
  return HttpRequest(port, "GET", target, {}, headers).answer();
}
inline Answer post(std::uint16_t port, std::string_view target, std::string_view body, std::string_view headers = {}) {
  return HttpRequest(port, "POST", target, body, headers).answer();
}

inline std::string sid_in(std::string_view open_packet) {
  constexpr std::string_view key = R"("sid":")";
  return std::string(open_packet.substr(open_packet.find(key) + key.size(), 20));
}
// The target of a new session's requests.
inline std::string open_polling(std::uint16_t port) {
  return polling_target + "&sid=" + sid_in(get(port, polling_target).body);
}
inline std::string upgrade_target(std::string_view session_target) {
  return websocket_target + std::string(session_target.substr(session_target.find("&sid=")));
}

class WebSocketClient {
 public:
  // `behind` is sent in the same segment as the request.
  explicit WebSocketClient(std::uint16_t port, std::string_view target = websocket_target,
                           std::string_view headers = {}, std::string_view behind = {})
      : client_(port) {
    std::string text = "GET " + std::string(target) + " HTTP/1.1\r\nHost: server.example\r\n";
    text.append("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n")
        .append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
        .append(headers)
        .append("\r\n")
        .append(behind);
    client_.send(text);
    response_ = client_.read_until("\r\n\r\n");
  }

  [[nodiscard]] const std::string& response() const noexcept { return response_; }
  // Of a refusal.
  std::string body() { return client_.read_to_end(); }

  void text(std::string_view payload) { client_.send(net::websocket::client_text(payload)); }
  void binary(std::string_view payload) { client_.send(net::websocket::client_frame(payload, {.first_byte = 0x82})); }
  void raw(std::string_view bytes) { client_.send(bytes); }
  // The next frame: a text's payload, `<binary>` and its payload, or `<close>` and its code where it has one.
  std::string next() {
    const std::string head = client_.read_exactly(2);
    std::size_t length = static_cast<std::uint8_t>(head[1]);
    for (std::size_t bytes = length == 126 ? 2 : length == 127 ? 8 : 0; bytes > 0;) {
      const std::string extension = client_.read_exactly(bytes);
      length = 0;
      for (const char byte : extension) length = length << 8 | static_cast<std::uint8_t>(byte);
      bytes = 0;
    }
    const std::string payload = client_.read_exactly(length);
    switch (static_cast<std::uint8_t>(head[0])) {
      case 0x81:
        return payload;
      case 0x82:
        return "<binary>" + payload;
      case 0x88:
        if (payload.empty()) return "<close>";
        return "<close>" +
               std::to_string(static_cast<std::uint8_t>(payload[0]) << 8 | static_cast<std::uint8_t>(payload[1]));
      default:
        return "<other>";
    }
  }
  void close() { client_.close(); }
  void reset() { client_.reset(); }

 private:
  net::LoopbackClient client_;
  std::string response_;
};

}  // namespace engineio
