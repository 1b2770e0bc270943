#include "redis/node_lease.hpp"

#include "base/log.hpp"

// States: idle → made (start(), and the first renewal that worked) → vanished, and made again by the same renewal.
// A renewal that fails says nothing: the lease may live on. The next one that works tells.

namespace redis {

NodeLease::NodeLease(Commands& redis, NodeKeys keys, Settings settings, std::function<void()> on_made)
    : redis_(redis),
      keys_(std::move(keys)),
      settings_(std::move(settings)),
      on_made_(std::move(on_made)),
      asks_(redis) {}

void NodeLease::start() {
  tick();
}

void NodeLease::tick() {
  timer_ = redis_.executor().schedule(settings_.renewal, [this] { tick(); });
  renew_now();
}

void NodeLease::renew_now() {
  // Queued renewals would all arrive at once, when the link is back; that calls this anyway.
  if (is_renewing_ || !redis_.is_up()) return;
  is_renewing_ = true;
  tasks_.spawn(renew());
}

void NodeLease::stop() {
  redis_.executor().cancel(timer_);
  asks_.cancel();
}

base::Task<> NodeLease::renew() {
  // The lease first: a node in the set without one counts as dead.
  const auto previous = co_await asks_.ask(
      {"SET", keys_.lease(settings_.node_id), "1", "PX", std::to_string(settings_.lease.count()), "GET"});
  const auto added = co_await asks_.ask({"SADD", keys_.nodes(), settings_.node_id});
  is_renewing_ = false;
  if (asks_.is_cancelled()) co_return;
  if (!previous || !added) {
    note_failure(previous ? added.error().detail : previous.error().detail);
    co_return;
  }
  has_failed_ = false;
  const bool was_missing = previous->type == Reply::Type::nil || added->integer != 0;
  if (was_made_ && !was_missing) co_return;
  if (was_made_) base::log::warn("redis.lease_vanished", {{"node", settings_.node_id}});
  was_made_ = true;
  on_made_();
}

void NodeLease::note_failure(const std::string& problem) {
  if (std::exchange(has_failed_, true)) return;
  base::log::warn("redis.lease_not_renewed", {{"node", settings_.node_id}, {"problem", problem}});
}

}  // namespace redis
