// A channel: none -> subscribing (asked) -> subscribed (confirmed) -> unsubscribing (asked) -> none; a link that
// breaks, a refusal and Redis's own revocation lead to none. While an answer is to come nothing is asked: what is
// wanted then is looked at when it has come. A channel that is neither wanted nor known to Redis is forgotten.
// A channel's refusal: in force from the error until it is confirmed or forgotten. It is asked again after a pause that
// begins anew with each channel that was not refused before, and grows from try to try.
#include "redis/subscriptions.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace redis {

Subscriptions::Subscriptions(const LinkContext& context, SubscribingLink::Commands commands, Router& router,
                             SubscriptionsObserver& observer)
    : context_(context), commands_(commands), router_(router), observer_(observer) {}

void Subscriptions::start() {
  is_started_ = true;
  arrange_links();
}

void Subscriptions::stop() {
  is_started_ = false;
  for (auto* const timer : {&retry_timer_, &rotate_timer_}) {
    if (*timer != 0) context_.executor.cancel(std::exchange(*timer, 0));
  }
  for (const auto& link : links_) link->close();
}

void Subscriptions::want(const std::vector<std::pair<std::string, bool>>& changes) {
  for (const auto& [name, is_wanted] : changes) {
    auto& channel = *channels_.try_emplace(name).first;
    auto& subscription = channel.second;
    // Nothing will be asked, so that no confirmation comes.
    if (is_wanted && !subscription.is_wanted && subscription.state == State::subscribed) subscription.is_unsaid = true;
    subscription.is_wanted = is_wanted;
    enqueue(channel);
  }
  work_off();
}

void Subscriptions::enqueue(Channel& channel) {
  if (!std::exchange(channel.second.is_queued, true)) queue_.push_back(&channel);
}

void Subscriptions::enqueue_idle() {
  for (auto& channel : channels_) {
    if (channel.second.state == State::none) enqueue(channel);
  }
}

void Subscriptions::work_off() {
  if (!is_started_) return;
  // Those that cannot be done now go to the end; each is looked at once.
  for (auto left = queue_.size(); left > 0; --left) {
    auto& channel = *queue_.front();
    queue_.pop_front();
    channel.second.is_queued = false;
    if (!act(channel)) {
      enqueue(channel);
      break;
    }
    if (!channel.second.is_wanted && channel.second.state == State::none) {
      end_refusal(channel.second);
      channels_.erase(channels_.find(std::string_view(channel.first)));
    }
  }
  for (const auto& link : links_) flush(*link);
}

void Subscriptions::say_subscribed(Channel& channel) {
  channel.second.is_unsaid = false;
  observer_.on_subscribed(channel.first);
}

// False: the link has no room now.
bool Subscriptions::act(Channel& channel) {
  auto& [name, subscription] = channel;
  if (subscription.is_wanted && subscription.state == State::subscribed && subscription.is_unsaid)
    say_subscribed(channel);
  const bool is_missing = subscription.is_wanted && subscription.state == State::none;
  const bool is_surplus = !subscription.is_wanted && subscription.state == State::subscribed;
  if (!is_missing && !is_surplus) return true;
  auto* const link = is_missing ? link_for(name) : subscription.link;
  // When it comes up, all channels are looked at.
  if (link == nullptr || !link->is_up()) return true;
  auto& batch = batches_[link];
  if (link->unconfirmed() + batch.subscribe.size() + batch.unsubscribe.size() >= unconfirmed_max) return false;
  subscription.state = is_missing ? State::subscribing : State::unsubscribing;
  subscription.link = link;
  // Of a cluster each channel has its own slot, and one command is for one slot.
  if (subscription.is_refused || has_link_per_master()) {
    link->change({name}, is_missing);
    return true;
  }
  auto& names = is_missing ? batch.subscribe : batch.unsubscribe;
  names.push_back(name);
  if (names.size() == channels_per_command) link->change(std::exchange(names, {}), is_missing);
  return true;
}

void Subscriptions::flush(SubscribingLink& link) {
  auto& batch = batches_[&link];
  if (!batch.subscribe.empty()) link.change(std::exchange(batch.subscribe, {}), true);
  if (!batch.unsubscribe.empty()) link.change(std::exchange(batch.unsubscribe, {}), false);
}

void Subscriptions::on_confirmed(SubscribingLink& link, std::string_view name, bool is_subscribed) {
  const auto found = channels_.find(name);
  if (found == channels_.end() || found->second.link != &link) return;
  auto& subscription = found->second;
  subscription.state = is_subscribed ? State::subscribed : State::none;
  end_refusal(subscription);
  if (is_subscribed && subscription.is_wanted) {
    say_subscribed(*found);
  } else {
    enqueue(*found);
  }
  // Not one by one, while there are many.
  if (!queue_.empty() && link.unconfirmed() <= unconfirmed_max / 2) work_off();
}

void Subscriptions::on_revoked(SubscribingLink& link, std::string_view name) {
  router_.refresh_slots();
  const auto found = channels_.find(name);
  if (found == channels_.end() || found->second.link != &link) return;
  found->second.state = State::none;
  retry_later(retry_pause);
}

// What Redis refuses to end has ended with its slot.
void Subscriptions::on_refused(SubscribingLink& link, const std::vector<std::string>& names, std::string_view reason) {
  // It may be refused again and again, as by an ACL.
  if (reason != refusal_) base::log::warn("redis.subscription_refused", {{"reason", reason}});
  refusal_ = reason;
  router_.refresh_slots();
  for (const auto& name : names) {
    const auto found = channels_.find(name);
    if (found == channels_.end() || found->second.link != &link) continue;
    found->second.state = State::none;
    // Of several it is not known yet which one is meant: each is asked by itself the next time.
    if (names.size() == 1 && found->second.is_wanted) {
      set_failure("Redis refuses the subscription to " + name + ": " + std::string(reason));
    }
    if (std::exchange(found->second.is_refused, true)) continue;
    ++refused_;
    refused_pause_ = retry_pause;
  }
  retry_later(refused_pause_);
}

void Subscriptions::end_refusal(Subscription& subscription) {
  if (!std::exchange(subscription.is_refused, false)) return;
  refused_pause_ = retry_pause;
  if (--refused_ == 0) set_failure({});
}

void Subscriptions::set_failure(std::string sentence) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(sentence);
}

std::string Subscriptions::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Subscriptions::on_published(std::string_view channel, std::string_view payload) {
  observer_.on_published(channel, payload);
}

void Subscriptions::retry_later(base::milliseconds pause) {
  const auto at = context_.clock.steady_now() + pause;
  if (retry_timer_ != 0) {
    if (retry_at_ <= at) return;
    context_.executor.cancel(retry_timer_);
  }
  retry_at_ = at;
  retry_timer_ = context_.executor.schedule(pause, [this] {
    retry_timer_ = 0;
    refused_pause_ = std::min(refused_pause_ * 2, retry_pause_max);
    enqueue_idle();
    work_off();
  });
}

}  // namespace redis
