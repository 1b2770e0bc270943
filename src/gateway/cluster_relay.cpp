#include "gateway/cluster_relay.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "gateway/connection_state.hpp"
#include "gateway/event_packet.hpp"
#include "gateway/home_feeds.hpp"
#include "gateway/relayed_event.hpp"
#include "gateway/wire.hpp"

namespace gateway {

ClusterRelay::ClusterRelay(const base::Clock& clock, base::Executor& executor, socketio::Adapter& adapter,
                           const messaging::OpaqueTokens& tokens, ClusterFeeds& feeds)
    : clock_(clock),
      executor_(executor),
      adapter_(adapter),
      tokens_(tokens),
      feeds_(feeds),
      comparison_(clock, executor,
                  [this](HeadComparison::Done done) { feeds_.compare_heads(std::nullopt, std::move(done)); }),
      // Only this node's devices: each node of the cluster that was told of the beginning tells its own of the end.
      typing_(executor, [this](const RelayedTyping::Key& key) {
        adapter_.broadcast_here(event_packet(typing_json(key.conversation, key.typist, false)),
                                {.rooms = {user_room(key.to)}, .except = {}, .is_volatile = true});
      }) {
  adapter_.observe(*this);
  if (adapter_.has_cluster()) executor_.post([this] { comparison_.start(); });
}

bool ClusterRelay::on_relayed(socketio::RelayedEvent& event) {
  base::metrics::add(base::metrics::Counter::events_relayed);
  if (auto place = read_position(event, tokens_)) {
    if (base::log::enabled(base::log::Level::debug)) {
      base::log::debug("event.relayed", {{"request", base::TraceContext::from(event.traceparent).request_id()},
                                         {"name", event.name},
                                         {"position", place->position}});
    }
    feeds_.offer(place->user, {.position = place->position,
                               .event = nullptr,
                               .packet = event_packet(event.json),
                               .known_at = clock_.steady_now(),
                               .except = event.to.except.size() == 1 ? event.to.except.front() : std::string()});
    return true;
  }
  if (const auto typist = read_typing(event)) {
    executor_.post([this, typist = *typist] { typing_.relayed(typist.key, typist.is_typing); });
    return false;
  }
  if (!needs_offset(event.json)) return false;
  relay_with_offsets(event);
  return true;
}

// Each socket has an offset of its own.
void ClusterRelay::relay_with_offsets(socketio::RelayedEvent& event) {
  const auto shared = std::make_shared<const socketio::RelayedEvent>(std::move(event));
  adapter_.visit_here(shared->to, [shared](socketio::Socket& socket) {
    // A socket that has joined a room by itself already, but whose state the gateway has not set yet, has no offset.
    if (socket.state() != nullptr) ConnectionState::of(socket).feed.send_relayed(socket, *shared);
  });
}

void ClusterRelay::on_possible_loss(const socketio::Room& room) {
  constexpr std::string_view prefix = "user:";
  if (room.empty()) return suspect_loss();
  if (!room.starts_with(prefix)) return;
  auto user = messaging::UserId::parse(std::string_view(room).substr(prefix.size()));
  if (!user) return;
  executor_.post([this, user = *std::move(user)] {
    feeds_.compare_heads(user, [this](bool succeeded) {
      if (!succeeded) comparison_.suspect_loss();
    });
  });
}

void ClusterRelay::on_link(bool is_up) {
  base::log::write(is_up ? base::log::Level::info : base::log::Level::warn, "cluster.link", {{"up", is_up}});
  executor_.post([this, is_up] {
    comparison_.link_changed(is_up);
    // Also where it was lost: what was sent before that was noticed has not come.
    comparison_.suspect_loss();
  });
}

void ClusterRelay::suspect_loss() {
  executor_.post([this] { comparison_.suspect_loss(); });
}

void ClusterRelay::on_member_lost() {
  executor_.post([this] { comparison_.member_lost(); });
}

void ClusterRelay::stop() {
  comparison_.stop();
  typing_.stop();
}

}  // namespace gateway
