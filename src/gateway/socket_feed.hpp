// One socket's way through its user's feed: catches up from the tables after the CONNECT, then follows the live events,
// and falls back to the tables whenever the client reads too slowly. What it sends is strictly ascending by position,
// and its offsets never decrease. Last stop of a durable event before the socket's queue. Part of the socket's state,
// on the socket's thread, from before the CONNECT is answered to the disconnect.
#pragma once

#include <memory>
#include <vector>

#include "base/task_group.hpp"
#include "gateway/live_feed.hpp"
#include "messaging/opaque_tokens.hpp"
#include "messaging/repositories.hpp"
#include "socketio/adapter.hpp"

namespace gateway {

class SocketFeed final : public LiveFeedListener {
 public:
  // What one read of the tables brings at most. A page is cut where the socket's queue is full, and what was cut is
  // read again: larger pages would waste more with long messages.
  static constexpr int page_events = 100;
  // What is kept of the live feed while the socket catches up. Beyond either, it is let go and read from the tables.
  static constexpr std::size_t held_events_max = 1000;
  static constexpr std::size_t held_bytes_max = 256 * 1024;
  // How far the position may run ahead of the last offset that the client has, before it is told by `synced`.
  static constexpr messaging::Position unsent_positions_max = 64;
  // Between two attempts where the tables cannot be read.
  static constexpr base::milliseconds read_retry_pause{1'000};

  // Shared by all feeds; outlives them.
  struct Services {
    messaging::IFeedRepository& feeds;
    const messaging::OpaqueTokens& tokens;
    base::TaskGroup& tasks;
  };

  SocketFeed(Services& services, messaging::UserId user);
  ~SocketFeed();

  // The CONNECT is answered: send what came after `start`, then `synced`. `told_up_to` is what the subscription
  // returned; what lies above came, or will come, as live events. The feed is part of `socket`, which holds it for as
  // long as a read is under way.
  void begin(const std::shared_ptr<socketio::Socket>& socket, messaging::Position start,
             messaging::Position told_up_to);

  // An event of another cluster member, that stands in no feed. It goes out with the offset that the client has by now,
  // where the client would else take its last element for one.
  void send_relayed(socketio::Socket& socket, const socketio::RelayedEvent& event);

  // The socket's queue has fallen below its soft limit.
  void on_drained();
  void on_live_event(const std::shared_ptr<const LiveEvent>& event) override;
  void on_announcement(const engineio::OutboundMessage& packet) override;

  [[nodiscard]] const messaging::UserId& user() const noexcept { return user_; }

 private:
  enum class State : std::uint8_t { connecting, catching_up, live, behind };
  struct Held;

  void hold(const std::shared_ptr<const LiveEvent>& event);
  void start_reading(std::shared_ptr<socketio::Socket> socket);
  base::Task<> read_on(std::shared_ptr<socketio::Socket> socket);
  void read_again_later(const std::shared_ptr<socketio::Socket>& socket);
  // Both are false where the socket's queue was full before everything was sent.
  [[nodiscard]] bool send_page(socketio::Socket& socket, const messaging::FeedPage& page);
  [[nodiscard]] bool send_held(socketio::Socket& socket);
  void send_live(socketio::Socket& socket, const LiveEvent& event);
  void send_synced(socketio::Socket& socket);
  void go_live(socketio::Socket& socket);
  [[nodiscard]] bool misses_some() const noexcept { return missed_ > position_; }

  Services& services_;
  messaging::UserId user_;
  std::weak_ptr<socketio::Socket> socket_;
  // Everything up to here was sent, or was not to be sent to this socket.
  messaging::Position position_ = 0;
  // The last position that the client was given as an offset.
  messaging::Position sent_ = 0;
  // The highest position of the live feed that was let go.
  messaging::Position missed_ = 0;
  std::unique_ptr<Held> held_;
  State state_ = State::connecting;
  // A read, or the pause after one that failed.
  bool is_reading_ = false;
};

}  // namespace gateway
