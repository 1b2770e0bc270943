// For this folder's unit tests: connections whose other end is the test.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/manual_executor.hpp"
#include "redis/link.hpp"
#include "redis/transport.hpp"

namespace redis {

class FakeTransports final : public Transports {
 public:
  struct Connection {
    Endpoint endpoint{};
    TransportHandler* handler = nullptr;  // null: closed by the link
    std::string sent{};
  };

  std::unique_ptr<Transport> open(const Endpoint& endpoint, TransportHandler& handler) override {
    connections_.push_back(std::make_shared<Connection>(endpoint, &handler));
    return std::make_unique<Fake>(connections_.back());
  }

  [[nodiscard]] std::size_t opened() const noexcept { return connections_.size(); }
  // The latest connection to this endpoint.
  [[nodiscard]] Connection& to(const Endpoint& endpoint) {
    for (auto each = connections_.rbegin(); each != connections_.rend(); ++each) {
      if ((*each)->endpoint == endpoint) return **each;
    }
    throw std::logic_error("nobody connected there");
  }
  [[nodiscard]] bool is_open(const Endpoint& endpoint) { return to(endpoint).handler != nullptr; }
  // Connected, and the login's PING answered.
  void come_up(const Endpoint& endpoint) {
    handler(endpoint).on_connected();
    (void)take_sent(endpoint);
    receive(endpoint, "+PONG\r\n");
  }
  void receive(const Endpoint& endpoint, std::string_view bytes) { handler(endpoint).on_received(bytes); }
  void break_off(const Endpoint& endpoint, std::string_view reason = "Connection refused") {
    auto& closed = handler(endpoint);
    to(endpoint).handler = nullptr;
    closed.on_closed(reason);
  }
  [[nodiscard]] std::string take_sent(const Endpoint& endpoint) { return std::exchange(to(endpoint).sent, {}); }

 private:
  TransportHandler& handler(const Endpoint& endpoint) {
    if (!is_open(endpoint)) throw std::logic_error("the link has closed this connection");
    return *to(endpoint).handler;
  }

  class Fake final : public Transport {
   public:
    explicit Fake(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
    ~Fake() override { connection_->handler = nullptr; }
    void send(std::string_view bytes) override { connection_->sent.append(bytes); }

   private:
    const std::shared_ptr<Connection> connection_;
  };

  std::vector<std::shared_ptr<Connection>> connections_;
};

// What a link, a router or subscriptions stand on.
struct ManualLinks {
  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  FakeTransports transports;
  Options options;
  LinkContext context{executor, clock, transports, options};

  void advance(base::milliseconds by) {
    executor.run();
    executor.advance(by);
  }
};

}  // namespace redis
