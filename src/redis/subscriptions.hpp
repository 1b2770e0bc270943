// The set of channels that a bus wants, and what is done so that Redis has the same: over one link to a single server
// or, with classic channels, to any node of a cluster; with sharded channels over a link to each master of a cluster.
// Kept through broken links and moving slots. Owned by RedisBus; on its thread, but for failure().
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "redis/router.hpp"
#include "redis/subscribing_link.hpp"

namespace redis {

// All calls on the thread.
class SubscriptionsObserver {
 public:
  virtual ~SubscriptionsObserver() = default;
  // Up: every link that is needed is there; on_subscribed() follows for every channel.
  virtual void on_subscriptions_link(bool is_up) = 0;
  virtual void on_subscribed(std::string_view channel) = 0;
  virtual void on_published(std::string_view channel, std::string_view payload) = 0;
};

class Subscriptions final : private SubscribingLinkObserver {
 public:
  // In one command: some 30 KiB, which Redis works off within a millisecond.
  static constexpr std::size_t channels_per_command = 500;
  // Asked and not confirmed, of one link; the others wait, so that a node that has just come back is not flooded.
  static constexpr std::size_t unconfirmed_max = 2'000;
  // After a refusal, and between two nodes that are tried in turn.
  static constexpr base::milliseconds retry_pause{100};
  // Where Redis refuses again and again, as by an ACL: it doubles up to this.
  static constexpr base::milliseconds retry_pause_max{5'000};

  // `router` knows the nodes and their slots.
  Subscriptions(const LinkContext& context, SubscribingLink::Commands commands, Router& router,
                SubscriptionsObserver& observer);

  void start();
  void stop();
  // In order: of each channel the last word counts, and each time it becomes that it is wanted is confirmed. The
  // observer may be called within, and must not call back.
  void want(const std::vector<std::pair<std::string, bool>>& changes);
  // The router's slots or masters have changed.
  void on_slots_changed();
  // What Redis refuses, a sentence for the operator; empty while it refuses nothing. Any thread.
  [[nodiscard]] std::string failure() const;

 private:
  enum class State : std::uint8_t { none, subscribing, subscribed, unsubscribing };
  struct Subscription {
    bool is_wanted = false;
    bool is_queued = false;
    // It is asked by itself then: one forbidden channel must not take others with it.
    bool is_refused = false;
    // Wanted again before anything was asked: the observer is to be told that it is subscribed.
    bool is_unsaid = false;
    State state = State::none;
    SubscribingLink* link = nullptr;  // where, unless none
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Channels = std::unordered_map<std::string, Subscription, Hash, std::equal_to<>>;
  using Channel = Channels::value_type;
  // What one link is told in one go.
  struct Batch {
    std::vector<std::string> subscribe;
    std::vector<std::string> unsubscribe;
  };

  void on_subscribing_link(SubscribingLink& link, bool is_up) override;
  void on_subscribing_link_failed(SubscribingLink& link) override;
  void on_confirmed(SubscribingLink& link, std::string_view channel, bool is_subscribed) override;
  void on_revoked(SubscribingLink& link, std::string_view channel) override;
  void on_refused(SubscribingLink& link, const std::vector<std::string>& channels, std::string_view reason) override;
  void on_published(std::string_view channel, std::string_view payload) override;

  [[nodiscard]] bool has_link_per_master() const noexcept;
  [[nodiscard]] std::vector<Endpoint> wanted_endpoints() const;
  void arrange_links();
  void drop_link(std::size_t index);
  void forget(const SubscribingLink& link);
  void update_state();
  [[nodiscard]] SubscribingLink* link_for(std::string_view channel) const;

  void enqueue(Channel& channel);
  void enqueue_idle();
  void work_off();
  bool act(Channel& channel);
  void flush(SubscribingLink& link);
  void say_subscribed(Channel& channel);
  void end_refusal(Subscription& subscription);
  void set_failure(std::string sentence);
  void retry_later(base::milliseconds pause);

  const LinkContext& context_;
  const SubscribingLink::Commands commands_;
  Router& router_;
  SubscriptionsObserver& observer_;
  Channels channels_;
  std::deque<Channel*> queue_;  // those for which something is to be done; each once
  std::vector<std::unique_ptr<SubscribingLink>> links_;
  std::unordered_map<const SubscribingLink*, Batch> batches_;
  std::string refusal_;      // logged last
  std::size_t refused_ = 0;  // channels
  base::milliseconds refused_pause_ = retry_pause;
  std::size_t next_node_ = 0;  // of a cluster, for classic channels
  base::TimerId retry_timer_ = 0;
  base::SteadyTime retry_at_{};
  base::TimerId rotate_timer_ = 0;
  bool is_started_ = false;
  bool is_up_ = false;
  mutable std::mutex mutex_;
  std::string failure_;  // guarded by mutex_
};

}  // namespace redis
