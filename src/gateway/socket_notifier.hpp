// The gateway's end of the port Notifier: takes what the domain publishes and brings it to the sockets. A user's events
// pass through the user's home thread (chosen by the user's hash), which puts them into order and encodes each once;
// from there they go to the threads that have sockets of the user. Constructed before MessagingService, which cuts the
// cycle between service and gateway; outlives the loops of all executors. What other nodes commit comes in through the
// ClusterRelay, into the same sequencers.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.hpp"
#include "base/task_group.hpp"
#include "gateway/cluster_relay.hpp"
#include "gateway/home_feeds.hpp"
#include "gateway/local_feeds.hpp"
#include "messaging/opaque_tokens.hpp"
#include "socketio/adapter.hpp"

namespace gateway {

class SocketNotifier final : public messaging::Notifier, private ClusterFeeds {
 public:
  // `executors`: all I/O threads, 1 to 64. `adapter` belongs to the namespace that the sockets are in.
  SocketNotifier(const base::Clock& clock, std::vector<base::Executor*> executors, messaging::IFeedRepository& feeds,
                 const messaging::OpaqueTokens& tokens, socketio::Adapter& adapter);
  ~SocketNotifier() override;
  SocketNotifier(const SocketNotifier&) = delete;
  SocketNotifier& operator=(const SocketNotifier&) = delete;

  void publish(const messaging::UserId& user, messaging::Position position,
               std::shared_ptr<const messaging::Event> event, const messaging::DeviceId& except,
               const base::TraceContext& trace) override;
  void suspect_loss() override;
  void typing(const messaging::UserId& to, const messaging::ConversationId& conversation,
              const messaging::UserId& typist, bool is_typing) override;

  // The two below: on the thread of the listener's socket, which is one of the executors.

  // Returns the position up to which the user's events were told before; all above it reach the listener, some of them
  // perhaps before this returns. storage_unavailable where the feed's head could not be read. The listener stays
  // subscribed in every case, until unsubscribe(), which must not be called before this returned.
  base::Task<base::Result<messaging::Position>> subscribe(messaging::UserId user, LiveFeedListener& listener);
  void unsubscribe(const messaging::UserId& user, LiveFeedListener& listener);

  // Tells every listener of this node. From any thread.
  void announce(const engineio::OutboundMessage& packet);

  // A member of the cluster died: what it committed last may not have been published. Any thread.
  void on_member_lost() { relay_.on_member_lost(); }

  // Calls `done` when no read of the tables is under way any more, and none begins.
  void stop(base::Job done);

 private:
  struct Comparison;

  [[nodiscard]] std::size_t home_of(const messaging::UserId& user) const noexcept;
  [[nodiscard]] std::size_t current_thread() const noexcept;
  // At once where this is the thread, else posted.
  template <class F>
  void run_on(std::size_t thread, F job);
  void deliver(const messaging::UserId& user, HomeFeeds::ThreadSet threads, UserSequencer::Item item);

  void offer(const messaging::UserId& user, UserSequencer::Item item) override;
  void compare_heads(std::optional<messaging::UserId> user, HeadComparison::Done done) override;

  const base::Clock& clock_;
  const messaging::OpaqueTokens& tokens_;
  socketio::Adapter& adapter_;
  std::vector<base::Executor*> executors_;
  // One of each for each executor, by index; touched on that thread alone.
  std::vector<std::unique_ptr<HomeFeeds>> homes_;
  std::vector<LocalFeeds> locals_;
  ClusterRelay relay_;
  // When the other nodes were last told that something may have been lost; nanoseconds of the steady clock.
  std::atomic<base::SteadyTime::rep> loss_announced_at_{0};
  base::TaskGroup tasks_;
};

}  // namespace gateway
