#include "redis/node_lease_watch.hpp"

#include "base/log.hpp"

// A node: alive → suspected (missing at a look) → lost (missing at the next) → forgotten (its lease is back, or it is
// in the set of nodes no more). Looks follow each other: the next is scheduled when one has ended.

namespace redis {
namespace {

// Long enough for a farewell and for renewals that Redis had not got round to yet.
constexpr base::milliseconds second_look{250};
// More nodes than any cluster of this service has; what is beyond them waits until some are gone.
constexpr std::size_t nodes_max = 1'000;

}  // namespace

NodeLeaseWatch::NodeLeaseWatch(Commands& redis, NodeKeys keys, Settings settings, OnLost on_lost)
    : redis_(redis),
      keys_(std::move(keys)),
      settings_(std::move(settings)),
      on_lost_(std::move(on_lost)),
      asks_(redis) {}

void NodeLeaseWatch::start() {
  postpone();
  begin_look();
}

void NodeLeaseWatch::postpone() {
  auto& executor = redis_.executor();
  executor.cancel(grace_timer_);
  grace_timer_ = executor.schedule(settings_.lease, [this] { grace_timer_ = 0; });
}

void NodeLeaseWatch::stop() {
  redis_.executor().cancel(look_timer_);
  redis_.executor().cancel(grace_timer_);
  asks_.cancel();
}

void NodeLeaseWatch::begin_look() {
  tasks_.spawn(look());
}

base::Task<> NodeLeaseWatch::look() {
  const auto missing = co_await find_missing();
  if (asks_.is_cancelled()) co_return;
  bool look_again_soon = false;
  // With one master of a cluster away nodes that live cannot renew their leases.
  if (!missing || !redis_.is_up()) postpone();
  if (grace_timer_ == 0) {
    look_again_soon = judge(*missing);
  } else {
    suspected_.clear();
  }
  look_timer_ = redis_.executor().schedule(look_again_soon ? second_look : settings_.watch, [this] { begin_look(); });
}

base::Task<base::Result<NodeLeaseWatch::Nodes>> NodeLeaseWatch::find_missing() {
  auto listed = co_await asks_.ask({"SMEMBERS", keys_.nodes()});
  if (!listed) co_return base::forward(listed);
  Nodes missing;
  if (listed->elements.size() > nodes_max) listed->elements.resize(nodes_max);
  for (const auto& node : listed->elements) {
    if (node.text == settings_.own_id) continue;
    auto lease = co_await asks_.ask({"EXISTS", keys_.lease(node.text)});
    if (!lease) co_return base::forward(lease);
    if (lease->integer == 0) missing.insert(node.text);
  }
  co_return missing;
}

bool NodeLeaseWatch::judge(const Nodes& missing) {
  std::erase_if(lost_, [&](const std::string& node) { return !missing.contains(node); });
  const Nodes suspected_before = std::exchange(suspected_, {});
  for (const auto& node : missing) {
    if (lost_.contains(node)) {
      on_lost_(node, false);
    } else if (suspected_before.contains(node)) {
      lost_.insert(node);
      base::log::warn("redis.node_lost", {{"node", node}});
      on_lost_(node, true);
    } else {
      suspected_.insert(node);
    }
  }
  return !suspected_.empty();
}

}  // namespace redis
