// For tests: the gateway over the real service and in-memory repositories, on one executor driven by hand. Clients are
// a CONNECT that records its answer and a socket that records what it is sent.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "auth/jwt_signer.hpp"
#include "auth/key_set.hpp"
#include "base/manual_executor.hpp"
#include "gateway/fakes.hpp"
#include "gateway/local_connection_registry.hpp"
#include "gateway/messaging_gateway.hpp"
#include "memory/in_memory_database.hpp"
#include "socketio/json.hpp"

namespace gateway::testing {

// Who is connected to whom; answers at once, or when the test says so.
class FakeConnections final : public messaging::ConnectionsClient {
 public:
  messaging::Task<base::Result<bool>> is_connected(messaging::UserId caller, messaging::UserId other,
                                                   messaging::BearerToken, base::TraceContext) override {
    if (is_slow)
      co_await base::async<bool>([this](base::Completion<bool> done) { waiting.push_back(std::move(done)); });
    co_return !strangers.contains(messaging::UserPair(caller, other));
  }
  void observe_changes(Observer) override {}

  std::set<messaging::UserPair> strangers;
  bool is_slow = false;
  std::vector<base::Completion<bool>> waiting;
};

// The database's feeds, which can be away or slow.
class UnreliableFeeds final : public messaging::IFeedRepository {
 public:
  explicit UnreliableFeeds(messaging::IFeedRepository& feeds) : feeds_(feeds) {}
  base::Task<base::Result<messaging::Position>> head(messaging::UserId user) override {
    if (is_slow)
      co_await base::async<bool>([this](base::Completion<bool> done) { waiting.push_back(std::move(done)); });
    if (is_away) co_return base::fail(base::Errc::storage_unavailable);
    co_return co_await feeds_.head(std::move(user));
  }
  base::Task<base::Result<std::vector<messaging::Position>>> heads(std::vector<messaging::UserId> users) override {
    if (is_away) co_return base::fail(base::Errc::storage_unavailable);
    co_return co_await feeds_.heads(std::move(users));
  }
  base::Task<base::Result<messaging::FeedPage>> events_since(messaging::UserId user, messaging::Position since,
                                                             int limit) override {
    if (is_away) co_return base::fail(base::Errc::storage_unavailable);
    co_return co_await feeds_.events_since(std::move(user), since, limit);
  }

  bool is_away = false;
  bool is_slow = false;
  std::vector<base::Completion<bool>> waiting;

 private:
  messaging::IFeedRepository& feeds_;
};

// A CONNECT and, once it was accepted, its socket.
class FakeClient final : public socketio::PendingConnect::Target {
 public:
  std::shared_ptr<socketio::Socket> accept(socketio::SocketId id, std::string_view given_pid) override {
    if (!is_there) return nullptr;
    is_there = false;
    pid = given_pid;
    socket = std::make_shared<FakeSocket>(std::move(id));
    return socket;
  }
  void refuse(std::string_view error_json, bool close_transport) override {
    is_there = false;
    refused = error_json;
    closed_after_refusal = close_transport;
  }
  [[nodiscard]] const engineio::Handshake& handshake() const noexcept override { return request; }
  [[nodiscard]] net::IoThread& thread() const noexcept override { std::abort(); }
  [[nodiscard]] bool is_waiting() const noexcept override { return is_there; }

  [[nodiscard]] std::vector<std::string> take_sent() const { return socket->take_sent(); }

  engineio::Handshake request;
  bool is_there = true;
  bool closed_after_refusal = false;
  std::string refused;
  std::string pid;
  std::shared_ptr<FakeSocket> socket;
};
using Client = std::shared_ptr<FakeClient>;

class GatewayFixture : public ::testing::Test {
 protected:
  ~GatewayFixture() override {
    connections.is_slow = feeds.is_slow = false;
    executor.enter([&] {
      for (auto& waiting : std::exchange(connections.waiting, {})) waiting(true);
      for (auto& waiting : std::exchange(feeds.waiting, {})) waiting(true);
    });
    executor.run();
    for (const auto& client : clients) disconnect(client);
    executor.enter([&] { service.stop([this] { guard.stop([] {}); }); });
    // Receipts end with their quiet time.
    executor.advance(base::seconds(1));
  }

  [[nodiscard]] std::string token_of(std::string_view user, base::seconds ttl = base::seconds(3600)) const {
    return auth::sign_hs256(secret, {.subject = std::string(user), .issued_at = clock.system_now(), .ttl = ttl});
  }
  // `more`: further members of the CONNECT's payload, each with a leading comma.
  Client connect(std::string_view user, const std::string& more = {}) {
    return connect_with(R"({"token":")" + token_of(user) + '"' + more + '}');
  }
  Client connect_with(const std::string& auth_json, const std::string& authorization = {}) {
    auto client = std::make_shared<FakeClient>();
    client->request.authorization = authorization;
    clients.push_back(client);
    const Padded padded(auth_json);
    executor.enter([&] { handlers.on_connect(socketio::PendingConnect(client), padded.view()); });
    executor.run();
    return client;
  }
  void disconnect(const Client& client) {
    client->is_there = false;
    if (!client->socket || !client->socket->connected) return;
    client->socket->connected = false;
    executor.enter([&] { handlers.on_disconnect(client->socket, engineio::CloseReason::transport_close); });
    executor.run();
  }
  // Emits without an ack; what the client is sent then.
  std::vector<std::string> emit(const Client& client, const std::string& event, const std::string& payload) {
    return emit_with(client, event, payload, std::nullopt);
  }
  // Emits with an ack, which must be the one and only; its arguments.
  std::string ask(const Client& client, const std::string& event, const std::string& payload) {
    std::vector<std::string> acks;
    for (const auto& text : emit_with(client, event, payload, 7)) {
      if (text.starts_with("37[")) acks.push_back(text.substr(2));
    }
    EXPECT_EQ(acks.size(), 1U) << event << payload;
    return acks.empty() ? "" : acks.front();
  }
  std::vector<std::string> emit_with(const Client& client, const std::string& event, const std::string& payload,
                                     std::optional<socketio::AckId> ack_id) {
    const Padded json("[\"" + event + "\"" + (payload.empty() ? "" : ",") + payload + "]");
    const std::vector<std::string> none;
    executor.enter([&] {
      handlers.on_event(client->socket, {.name = event, .json = json.view(), .ack_id = ack_id, .attachments = none});
    });
    executor.run();
    return client->take_sent();
  }

  // The conversation of the two, and its id.
  std::string open(const Client& client, const std::string& other) {
    return member(ask(client, "openConversation", R"({"userId":")" + other + "\"}"), "id");
  }
  // The first string member of that name in a JSON text.
  static std::string member(const std::string& json, const std::string& name) {
    const auto key = "\"" + name + "\":\"";
    const auto at = json.find(key);
    if (at == std::string::npos) return "";
    const auto start = at + key.size();
    return json.substr(start, json.find('"', start) - start);
  }
  static std::string code_of(const std::string& json) { return member(json, "code"); }
  // The offset of an event that was sent: its last argument.
  static std::string offset_of(const std::string& packet) {
    const auto start = packet.rfind(",\"") + 2;
    return packet.substr(start, packet.size() - start - 2);
  }
  [[nodiscard]] messaging::Position position_of(std::string_view user, const std::string& packet) const {
    return tokens.read_offset(user_id(user), offset_of(packet)).value_or(-1);
  }

  // Text with just the padding that simdjson is promised.
  class Padded {
   public:
    explicit Padded(const std::string& text) : size_(text.size()) {
      bytes_ = std::make_unique<char[]>(size_ + simdjson::SIMDJSON_PADDING);
      text.copy(bytes_.get(), size_);
    }
    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

   private:
    std::size_t size_;
    std::unique_ptr<char[]> bytes_;
  };

  const std::string secret = std::string(32, 's');
  base::ManualClock clock;
  base::ManualExecutor executor{clock};
  memory::InMemoryDatabase database;
  UnreliableFeeds feeds{database.feeds()};
  FakeConnections connections;
  FakeAdapter adapter;
  messaging::OpaqueTokens tokens{database.service_state()};
  messaging::RateLimiter rate_limiter{clock, std::nullopt};
  auth::JwtVerifier verifier{clock, {}, *auth::KeySet::from_secret(secret)};
  LocalConnectionRegistry registry;
  SocketNotifier notifier{clock, {&executor}, feeds, tokens, adapter};
  messaging::ConnectionAuthGuard guard{clock, database.conversations(), connections, notifier, executor};
  messaging::MessagingService service{
      {clock, database.messages(), database.conversations(), feeds, guard, notifier, tokens, rate_limiter}};
  MessagingGateway gateway{{clock, verifier, service, rate_limiter, feeds, tokens, notifier, registry},
                           {.sockets_per_user_max = 3, .events_in_flight_max = 4}};
  socketio::Namespace::Handlers handlers = gateway.handlers();
  std::vector<Client> clients;
};

}  // namespace gateway::testing
