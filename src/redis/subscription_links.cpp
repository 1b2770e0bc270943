// The part of Subscriptions that keeps its links: one for each node that is needed.
#include <algorithm>
#include <utility>

#include "redis/subscriptions.hpp"

namespace redis {

bool Subscriptions::has_link_per_master() const noexcept {
  return context_.options.is_cluster && commands_ == SubscribingLink::Commands::sharded;
}

std::vector<Endpoint> Subscriptions::wanted_endpoints() const {
  if (has_link_per_master()) return router_.masters();
  // In a cluster what is published anywhere reaches every node.
  auto nodes = router_.masters();
  if (nodes.empty()) nodes = context_.options.endpoints;
  return {nodes[next_node_ % nodes.size()]};
}

void Subscriptions::arrange_links() {
  if (!is_started_) return;
  const auto wanted = wanted_endpoints();
  for (std::size_t i = links_.size(); i-- > 0;) {
    if (std::ranges::find(wanted, links_[i]->endpoint()) == wanted.end()) drop_link(i);
  }
  for (const auto& endpoint : wanted) {
    const auto is_there = [&](const auto& link) { return link->endpoint() == endpoint; };
    if (std::ranges::any_of(links_, is_there)) continue;
    links_
        .emplace_back(std::make_unique<SubscribingLink>(context_, endpoint, commands_,
                                                        static_cast<SubscribingLinkObserver&>(*this)))
        ->open();
  }
  update_state();
}

// Not within its own calls.
void Subscriptions::drop_link(std::size_t index) {
  auto link = std::move(links_[index]);
  links_.erase(links_.begin() + static_cast<std::ptrdiff_t>(index));
  link->close();
  forget(*link);
  context_.executor.post([link = std::move(link)] {});
}

void Subscriptions::forget(const SubscribingLink& link) {
  batches_.erase(&link);
  for (auto& channel : channels_) {
    auto& subscription = channel.second;
    if (subscription.link != &link) continue;
    subscription.link = nullptr;
    subscription.state = State::none;
    enqueue(channel);
  }
}

void Subscriptions::on_subscribing_link(SubscribingLink& link, bool is_up) {
  if (!is_up) forget(link);
  update_state();
  if (!is_up) return router_.refresh_slots();
  enqueue_idle();
  work_off();
}

// A cluster's classic channels are to be had at every node: the next one, then. Not at once, or an outage of all nodes
// would be a race through them.
void Subscriptions::on_subscribing_link_failed(SubscribingLink&) {
  if (!context_.options.is_cluster || has_link_per_master() || rotate_timer_ != 0) return;
  rotate_timer_ = context_.executor.schedule(retry_pause, [this] {
    rotate_timer_ = 0;
    if (std::ranges::all_of(links_, [](const auto& link) { return link->is_up(); })) return;
    ++next_node_;
    arrange_links();
  });
}

void Subscriptions::on_slots_changed() {
  // A classic link that works stays where it is.
  if (!has_link_per_master()) return;
  arrange_links();
  enqueue_idle();
  work_off();
}

SubscribingLink* Subscriptions::link_for(std::string_view channel) const {
  if (!has_link_per_master()) return links_.empty() ? nullptr : links_.front().get();
  const auto* const owner = router_.slots().owner(key_slot(channel));
  if (owner == nullptr) return nullptr;
  const auto found = std::ranges::find(links_, *owner, [](const auto& link) { return link->endpoint(); });
  return found == links_.end() ? nullptr : found->get();
}

void Subscriptions::update_state() {
  const bool is_up = !links_.empty() && std::ranges::all_of(links_, [](const auto& link) { return link->is_up(); });
  if (std::exchange(is_up_, is_up) == is_up) return;
  observer_.on_subscriptions_link(is_up);
  if (!is_up) return;
  // Of a cluster: those at the nodes that were there all the time.
  for (auto& channel : channels_) {
    if (channel.second.is_wanted && channel.second.state == State::subscribed) say_subscribed(channel);
  }
}

}  // namespace redis
