// What passes between this node and the other members of the cluster: takes in their events, and looks into the tables
// when something may not have come. Beside SocketNotifier, which owns it and to whose sequencers durable events go.
// From the adapter's thread its work is posted to one executor; stopped before that ends.
#pragma once

#include <optional>

#include "gateway/head_comparison.hpp"
#include "gateway/relayed_typing.hpp"
#include "gateway/user_sequencer.hpp"
#include "messaging/opaque_tokens.hpp"
#include "socketio/adapter.hpp"

namespace gateway {

// The users' feeds on this node, as the cluster reaches them.
class ClusterFeeds {
 public:
  // Puts an event that another node wrote into its user's order. Any thread.
  virtual void offer(const messaging::UserId& user, UserSequencer::Item item) = 0;
  // Compares this user's position with the tables, or everybody's. `done` on the calling executor.
  virtual void compare_heads(std::optional<messaging::UserId> user, HeadComparison::Done done) = 0;

 protected:
  ~ClusterFeeds() = default;
};

class ClusterRelay final : public socketio::ClusterListener {
 public:
  // The references outlive it. Observes the adapter from now on.
  ClusterRelay(const base::Clock& clock, base::Executor& executor, socketio::Adapter& adapter,
               const messaging::OpaqueTokens& tokens, ClusterFeeds& feeds);
  ClusterRelay(const ClusterRelay&) = delete;
  ClusterRelay& operator=(const ClusterRelay&) = delete;

  bool on_relayed(socketio::RelayedEvent& event) override;
  void on_possible_loss(const socketio::Room& room) override;
  void on_link(bool is_up) override;

  // Somebody else has reason to think so. Any thread.
  void suspect_loss();
  void on_member_lost();
  // On the executor.
  void stop();

 private:
  void relay_with_offsets(socketio::RelayedEvent& event);

  const base::Clock& clock_;
  base::Executor& executor_;
  socketio::Adapter& adapter_;
  const messaging::OpaqueTokens& tokens_;
  ClusterFeeds& feeds_;
  HeadComparison comparison_;
  RelayedTyping typing_;
};

}  // namespace gateway
