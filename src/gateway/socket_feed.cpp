// States and legal transitions:
//   connecting  ─begin()→ catching_up        live events are held; there is no socket yet
//   catching_up ─page without more, held ones sent→ live    sends `synced`
//   live        ─event while the queue is full→ behind      live events are let go
//   behind      ─drained, page without more→ live
// In catching_up and behind the tables are read page by page. A full queue ends the reading; on_drained() begins it
// again. What comes while too much is held (catching_up), or at all (behind), only moves missed_, and the reading goes
// on until it has passed that.
#include "gateway/socket_feed.hpp"

#include <algorithm>

#include "base/executor.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "gateway/event_packet.hpp"
#include "gateway/relayed_event.hpp"
#include "gateway/wire.hpp"

namespace gateway {

using base::metrics::Counter;
using messaging::Position;
using socketio::Socket;

struct SocketFeed::Held {
  std::vector<std::shared_ptr<const LiveEvent>> events;
  std::size_t bytes = 0;
};

SocketFeed::SocketFeed(Services& services, messaging::UserId user) : services_(services), user_(std::move(user)) {}
SocketFeed::~SocketFeed() = default;

void SocketFeed::begin(const std::shared_ptr<Socket>& socket, Position start, Position told_up_to) {
  socket_ = socket;
  position_ = sent_ = start;
  state_ = State::catching_up;
  // Nothing has to be read where the live feed begins at or before the start: most first connects.
  if (start < told_up_to || misses_some() || !send_held(*socket)) {
    start_reading(socket);
  } else {
    go_live(*socket);
  }
}

void SocketFeed::on_drained() {
  const bool must_read = state_ == State::catching_up || state_ == State::behind;
  if (!must_read || is_reading_) return;
  if (auto socket = socket_.lock()) start_reading(std::move(socket));
}

void SocketFeed::on_live_event(const std::shared_ptr<const LiveEvent>& event) {
  if (event->position <= position_) return;
  switch (state_) {
    case State::connecting:
    case State::catching_up:
      hold(event);
      return;
    case State::behind:
      missed_ = event->position;
      return;
    case State::live:
      const auto socket = socket_.lock();
      if (!socket) return;
      if (socket->is_above_soft_limit()) {
        state_ = State::behind;
        missed_ = event->position;
        return;
      }
      send_live(*socket, *event);
  }
}

void SocketFeed::on_announcement(const engineio::OutboundMessage& packet) {
  if (const auto socket = socket_.lock()) socket->send(packet);
}

void SocketFeed::hold(const std::shared_ptr<const LiveEvent>& event) {
  // Held events are a piece of the feed without holes: once one was let go, so are those behind it.
  if (misses_some()) {
    missed_ = event->position;
    return;
  }
  if (!held_) held_ = std::make_unique<Held>();
  held_->bytes += event->packet.payload_size();
  held_->events.push_back(event);
  if (held_->events.size() > held_events_max || held_->bytes > held_bytes_max) {
    held_.reset();
    missed_ = event->position;
  }
}

void SocketFeed::start_reading(std::shared_ptr<Socket> socket) {
  is_reading_ = true;
  services_.tasks.spawn(read_on(std::move(socket)));
}

base::Task<> SocketFeed::read_on(std::shared_ptr<Socket> socket) {
  for (;;) {
    const auto page = co_await services_.feeds.events_since(user_, position_, page_events);
    if (!socket->is_connected()) co_return;
    if (!page) {
      base::log::warn("feed.unreadable", {{"socket", socket->id()}, {"detail", page.error().detail}});
      read_again_later(socket);
      co_return;
    }
    if (!send_page(*socket, *page)) break;
    if (page->more) continue;
    if (!send_held(*socket)) break;
    if (misses_some()) continue;
    is_reading_ = false;
    go_live(*socket);
    co_return;
  }
  is_reading_ = false;
}

void SocketFeed::read_again_later(const std::shared_ptr<Socket>& socket) {
  // The timer ends by itself: after a disconnect it finds no socket, or one that is not connected.
  static_cast<void>(base::Executor::current().schedule(read_retry_pause, [this, weak = std::weak_ptr(socket)] {
    auto still = weak.lock();
    if (still && still->is_connected()) start_reading(std::move(still));
  }));
}

bool SocketFeed::send_page(Socket& socket, const messaging::FeedPage& page) {
  for (const auto& [position, event] : page.events) {
    if (position <= position_) continue;
    if (socket.is_above_soft_limit()) return false;
    socket.send(event_packet(event_json(event, services_.tokens.offset(user_, position))));
    position_ = sent_ = position;
    base::metrics::add(Counter::events_delivered);
    base::metrics::add(Counter::events_replayed);
  }
  // A whole page covers everything up to its head, also positions that newer receipts have replaced.
  if (!page.more) position_ = std::max(position_, page.head);
  return true;
}

bool SocketFeed::send_held(Socket& socket) {
  if (!held_) return true;
  const auto held = std::move(held_);
  for (const auto& event : held->events) {
    if (event->position <= position_) continue;
    if (socket.is_above_soft_limit()) {
      missed_ = std::max(missed_, held->events.back()->position);
      return false;
    }
    send_live(socket, *event);
  }
  return true;
}

void SocketFeed::send_live(Socket& socket, const LiveEvent& event) {
  position_ = event.position;
  if (event.except != socket.id()) {
    sent_ = position_;
    socket.send(event.packet);
    base::metrics::add(Counter::events_delivered);
  } else if (position_ - sent_ >= unsent_positions_max) {
    send_synced(socket);
  }
}

void SocketFeed::send_synced(Socket& socket) {
  sent_ = position_;
  socket.send(event_packet(synced_json(services_.tokens.offset(user_, position_))));
}

void SocketFeed::send_relayed(Socket& socket, const socketio::RelayedEvent& event) {
  if (event.to.is_volatile && socket.is_above_soft_limit()) {
    base::metrics::add(Counter::volatile_dropped);
    return;
  }
  sent_ = position_;
  const auto json = with_offset(event.json, services_.tokens.offset(user_, position_));
  if (event.attachments.empty()) return socket.send(event_packet(json));
  std::vector<engineio::OutboundMessage> packets{
      socketio::encode_packet(socketio::PacketType::binary_event, "/", std::nullopt, json, event.attachments.size())};
  for (const auto& bytes : event.attachments) packets.push_back(engineio::OutboundMessage::binary(bytes));
  socket.send(packets);
}

void SocketFeed::go_live(Socket& socket) {
  const bool first_time = state_ == State::catching_up;
  state_ = State::live;
  if (first_time || position_ - sent_ >= unsent_positions_max) send_synced(socket);
}

}  // namespace gateway
