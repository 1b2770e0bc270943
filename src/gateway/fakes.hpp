// For tests: a socket that records what it is sent, a feed that is a vector, and an adapter that records broadcasts.
// Driven by hand.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "messaging/repositories.hpp"
#include "socketio/adapter.hpp"
#include "socketio/socket.hpp"

namespace gateway::testing {

inline messaging::UserId user_id(std::string_view text) {
  return *messaging::UserId::parse(text);
}

// The text of a packet, as a client of Socket.IO reads it: `2["synced",…]`, `31[…]`.
inline std::string text_of(const engineio::OutboundMessage& packet) {
  std::string payload;
  packet.append_to_payload(payload);
  return payload.substr(1);
}

class FakeSocket final : public socketio::Socket {
 public:
  explicit FakeSocket(socketio::SocketId id) : id_(std::move(id)) {}

  [[nodiscard]] const socketio::SocketId& id() const noexcept override { return id_; }
  [[nodiscard]] const engineio::Handshake& handshake() const noexcept override { return handshake_; }
  // Nothing of the gateway asks: it runs on the executor that it is called on.
  [[nodiscard]] net::IoThread& thread() const noexcept override { std::abort(); }
  [[nodiscard]] bool is_connected() const noexcept override { return connected; }
  void send(const engineio::OutboundMessage& message) override {
    if (!connected) return;
    sent.push_back(text_of(message));
    if (full_after && --*full_after == 0) is_full = true;
  }
  void send(const std::vector<engineio::OutboundMessage>& packet) override {
    for (const auto& message : packet) send(message);
  }
  bool send_volatile(const engineio::OutboundMessage& message) override {
    send(message);
    return true;
  }
  void ack(socketio::AckId id, std::string_view args) override {
    if (connected) sent.push_back("3" + std::to_string(id) + std::string(args));
  }
  void join(const socketio::Room& room) override { rooms.push_back(room); }
  void leave(const socketio::Room& room) override { std::erase(rooms, room); }
  void close_transport(engineio::CloseReason) override { transport_closed = true; }
  void disconnect() override { connected = false; }
  [[nodiscard]] std::size_t queued_bytes() const noexcept override { return 0; }
  [[nodiscard]] bool is_above_soft_limit() const noexcept override { return is_full; }

  [[nodiscard]] std::vector<std::string> take_sent() { return std::exchange(sent, {}); }

  std::vector<std::string> sent;
  std::vector<socketio::Room> rooms;
  bool connected = true;
  bool transport_closed = false;
  bool is_full = false;
  // The queue fills up with this many more packets.
  std::optional<int> full_after;

 private:
  socketio::SocketId id_;
  engineio::Handshake handshake_;
};

// One user's feed. Reads end at once, or wait for release() where `is_slow`.
class FakeFeeds final : public messaging::IFeedRepository {
 public:
  base::Task<base::Result<messaging::Position>> head(messaging::UserId) override {
    ++heads_read;
    co_await turn();
    if (is_away) co_return base::fail(base::Errc::storage_unavailable);
    co_return position;
  }

  base::Task<base::Result<std::vector<messaging::Position>>> heads(std::vector<messaging::UserId> users) override {
    ++head_lists_read;
    co_await turn();
    if (is_away) co_return base::fail(base::Errc::storage_unavailable);
    co_return std::vector<messaging::Position>(users.size(), position);
  }

  base::Task<base::Result<messaging::FeedPage>> events_since(messaging::UserId, messaging::Position since,
                                                             int limit) override {
    ++pages_read;
    co_await turn();
    if (is_away) co_return base::fail(base::Errc::storage_unavailable);
    messaging::FeedPage page{.events = {}, .head = position};
    for (const auto& event : events) {
      if (event.position <= since) continue;
      page.more = page.events.size() == static_cast<std::size_t>(limit);
      if (page.more) break;
      page.events.push_back(event);
    }
    co_return page;
  }

  // Something happened to the user: one more position.
  const messaging::FeedEvent& commit() {
    ++position;
    events.push_back({position, messaging::StatusMoved{
                                    .conversation_id = {}, .user_id = user_id("peer"), .watermarks = {position, 0}}});
    return events.back();
  }
  void commit_up_to(messaging::Position last) {
    while (position < last) commit();
  }
  [[nodiscard]] std::shared_ptr<const messaging::Event> event_at(messaging::Position at) const {
    const auto found = std::ranges::find(events, at, &messaging::FeedEvent::position);
    return std::make_shared<const messaging::Event>(found->event);
  }

  void release() {
    for (auto& waiting : std::exchange(waiting_, {})) waiting(true);
  }

  messaging::Position position = 0;
  std::vector<messaging::FeedEvent> events;
  bool is_away = false;
  bool is_slow = false;
  int heads_read = 0;
  int head_lists_read = 0;
  int pages_read = 0;

 private:
  base::Task<> turn() {
    if (!is_slow) co_return;
    co_await base::async<bool>([this](base::Completion<bool> done) { waiting_.push_back(std::move(done)); });
  }
  std::vector<base::Completion<bool>> waiting_;
};

class FakeAdapter final : public socketio::Adapter {
 public:
  void add(const std::shared_ptr<socketio::Socket>&, const socketio::Room&) override {}
  void remove(const std::shared_ptr<socketio::Socket>&, const socketio::Room&) override {}
  void remove_all(const std::shared_ptr<socketio::Socket>&) override {}
  void broadcast_here(engineio::OutboundMessage packet, socketio::BroadcastOptions options) override {
    broadcasts.emplace_back(text_of(packet), std::move(options));
  }
  void visit_here(socketio::BroadcastOptions options, std::function<void(socketio::Socket& socket)> visit) override {
    visits.push_back(std::move(options));
    for (const auto& socket : sockets) visit(*socket);
  }
  void publish(std::string_view event_json, const socketio::BroadcastOptions& options,
               std::string_view traceparent) override {
    published.push_back({std::string(event_json), options, std::string(traceparent)});
  }
  [[nodiscard]] bool has_cluster() const noexcept override { return is_cluster; }
  void hold_room(const socketio::Room& room, base::Job ready) override {
    held.push_back(room);
    if (!is_slow) return ready();
    confirmations.push_back(std::move(ready));
  }
  void release_room(const socketio::Room& room) override { std::erase(held, room); }
  void announce_loss() override { ++losses_announced; }
  void observe(socketio::ClusterListener& observer) override { listener = &observer; }

  struct Published {
    std::string json;
    socketio::BroadcastOptions options;
    std::string traceparent;
  };

  bool is_cluster = false;
  // Rooms are confirmed when the test calls confirm().
  bool is_slow = false;
  void confirm() {
    for (auto& ready : std::exchange(confirmations, {})) ready();
  }
  std::vector<std::pair<std::string, socketio::BroadcastOptions>> broadcasts;
  std::vector<socketio::BroadcastOptions> visits;
  // Those that a visit reaches.
  std::vector<std::shared_ptr<socketio::Socket>> sockets;
  std::vector<Published> published;
  std::vector<socketio::Room> held;
  std::vector<base::Job> confirmations;
  int losses_announced = 0;
  socketio::ClusterListener* listener = nullptr;
};

}  // namespace gateway::testing
