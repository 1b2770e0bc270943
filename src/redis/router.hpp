// Brings each command to the node that it is for and its reply back: to the one server there is, or in a cluster to the
// owner of its key's slot, found with CLUSTER SLOTS and corrected by MOVED and ASK. Under RedisClient (every command)
// and RedisBus (what it publishes), over a RequestLink for each master. submit() from any thread; the rest on the
// context's executor. Held by a shared_ptr: submitted work that is on its way does not outlive it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "redis/cluster_slots.hpp"
#include "redis/request_link.hpp"

namespace redis {

// All calls on the executor.
class RouterObserver {
 public:
  virtual ~RouterObserver() = default;
  // Up: there is a link to the server, or to every master of the cluster.
  virtual void on_router_link(bool is_up) = 0;
  // Of a cluster: slots() or masters() have changed.
  virtual void on_slots_changed() = 0;
  // A request without `done` has ended.
  virtual void on_unawaited(bool has_succeeded) = 0;
};

class Router final : public std::enable_shared_from_this<Router>, private RequestLinkObserver {
 public:
  // 100 000 messages/s would fill it in two thirds of a second of silence; at some 100 bytes of bookkeeping each.
  static constexpr std::size_t requests_max = 64 * 1024;
  static constexpr std::size_t bytes_max = 32 * 1024 * 1024;
  // Less than the 2 s that are promised: the looking takes up to deadline_interval more.
  static constexpr base::milliseconds reply_time_max{1'900};
  static constexpr base::milliseconds deadline_interval{100};
  static constexpr base::milliseconds stop_time_max{1'000};
  // A slot that is on its way between two nodes needs two; more is a quarrel of nodes that do not agree.
  static constexpr int redirections_max = 5;

  enum class WhileAway : std::uint8_t { wait, fail };

  Router(const LinkContext& context, WhileAway while_away, RouterObserver& observer);
  ~Router() override;

  void start();
  // Gives what is under way stop_time_max to end, fails the rest, closes. Once.
  void stop(base::Job done);

  // From any thread, and returns at once. False: refused, because too much waits or it is stopped; then `done` has been
  // posted. The request's number and deadline are set here.
  bool submit(Request request);
  // To this master, not in order with what is submitted.
  void send_to(const Endpoint& master, Request request);

  // Any thread.
  [[nodiscard]] bool is_up() const noexcept { return is_up_.load(std::memory_order_relaxed); }
  // Why a link is not there, the latest reason; a sentence for the operator, empty while all is well. Any thread.
  [[nodiscard]] std::string failure() const;
  // How full it is, of requests_max and bytes_max. Any thread.
  [[nodiscard]] bool is_half_full() const noexcept;

  // Empty until they are known. A single server has no slots and is the only master.
  [[nodiscard]] const SlotMap& slots() const noexcept { return slots_; }
  [[nodiscard]] std::vector<Endpoint> masters() const;
  // Something does not fit to slots(): asks again soon.
  void refresh_slots();

 private:
  // A slot has moved away from `from`: what is sent to the new owner must not overtake what the old one still refuses.
  struct Barrier {
    std::int32_t slot;
    const RequestLink* from;
    std::uint64_t until;  // from->finished()
  };

  void on_link_state(RequestLink& link, bool is_up) override;
  void on_link_failed(const std::string& sentence) override;
  void on_answer(RequestLink& link, Request request, Reply& reply) override;
  void on_unanswered(Request request) override;

  void take_submitted();
  void dispatch(Request request);
  void wait(Request request);
  void dispatch_waiting();
  [[nodiscard]] RequestLink* link_for(const Request& request);
  [[nodiscard]] bool is_barred(const Request& request) const noexcept;
  void lower_barriers(const RequestLink& link);
  bool redirect(RequestLink& link, Request& request, const Reply& reply);
  void move_slot(RequestLink& link, const Redirection& moved);

  void finish(Request request, base::Result<Reply> reply);
  void fail(Request request, base::Errc code, const char* detail);
  void release(const Request& request) noexcept;
  void expire();

  [[nodiscard]] RequestLink* find_link(const Endpoint& endpoint);
  RequestLink& ensure_link(const Endpoint& endpoint);
  [[nodiscard]] RequestLink* any_link();
  void update_state();
  void schedule_refresh(base::milliseconds after);
  void ask_slots();
  void on_slots(const Endpoint& asked, base::Result<Reply> reply);
  void drop_links();
  void finish_stop();

  const LinkContext& context_;
  const WhileAway while_away_;
  RouterObserver& observer_;

  mutable std::mutex mutex_;
  std::vector<Request> submitted_;  // guarded by mutex_, as the next three
  std::string failure_;
  std::uint64_t next_number_ = 1;
  bool is_closed_ = false;

  std::atomic<bool> is_up_ = false;
  std::atomic<std::size_t> requests_ = 0;
  std::atomic<std::size_t> bytes_ = 0;

  std::vector<std::unique_ptr<RequestLink>> links_;
  std::deque<Request> waiting_;  // in the order of their numbers
  std::vector<Barrier> barriers_;
  SlotMap slots_;
  Endpoint any_;  // where commands without a key go, while it is up: their order is kept
  std::size_t next_asked_ = 0;
  bool is_asking_slots_ = false;
  bool is_ended_ = false;
  bool has_warned_ = false;
  base::TimerId refresh_timer_ = 0;
  base::SteadyTime refresh_at_{};
  base::TimerId deadline_timer_ = 0;
  base::TimerId stop_timer_ = 0;
  base::Job stopped_;
};

}  // namespace redis
