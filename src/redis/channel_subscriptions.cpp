#include "redis/channel_subscriptions.hpp"

#include <utility>

// States of a channel:
//   none -> subscribing            the first reason: subscribe()
//   subscribing -> confirmed       the bus has confirmed it
//   subscribing -> unsubscribing   the same, and no reason is left; or none is left, and there is no link
//   confirmed -> unsubscribing     no reason is left: unsubscribe()
//   unsubscribing -> none          the bus has had its turn
//   unsubscribing -> subscribing   the same, and there is a reason again: subscribe()
//   confirmed -> subscribing       the link is lost; the bus subscribes anew by itself
// So a channel is never unsubscribed while its confirmation is under way, and never subscribed before the bus has seen
// that it was not wanted: each subscribe() is confirmed once, and no confirmation can be taken for a later one's.

namespace redis {

void ChannelSubscriptions::open(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  open_locked(channel);
}

ChannelSubscriptions::Channel& ChannelSubscriptions::open_locked(const std::string& channel) {
  const auto [place, is_new] = channels_.try_emplace(channel);
  ++place->second.reasons;
  if (is_new) subscribe_locked(*place);
  return place->second;
}

void ChannelSubscriptions::close(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  const auto place = channels_.find(channel);
  if (place == channels_.end() || --place->second.reasons > 0) return;
  const auto state = place->second.state;
  if (state == State::confirmed || (state == State::subscribing && !is_up_)) unsubscribe_locked(*place);
}

void ChannelSubscriptions::subscribe_locked(Place& place) {
  auto& [channel, entry] = place;
  entry.state = State::subscribing;
  entry.is_restoring = !is_up_;
  if (entry.is_restoring) ++restoring_channels_;
  bus_.subscribe(channel);
}

// The bus's turn comes before the job that is posted here.
void ChannelSubscriptions::unsubscribe_locked(Place& place) {
  auto& [channel, entry] = place;
  entry.state = State::unsubscribing;
  if (std::exchange(entry.is_restoring, false)) --restoring_channels_;
  bus_.unsubscribe(channel);
  bus_.executor().post([self = weak_from_this(), channel] {
    if (const auto subscriptions = self.lock()) subscriptions->on_unsubscribed(channel);
  });
}

void ChannelSubscriptions::on_unsubscribed(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  const auto place = channels_.find(channel);
  if (place == channels_.end() || place->second.state != State::unsubscribing) return;
  if (place->second.reasons > 0) {
    subscribe_locked(*place);
  } else {
    channels_.erase(place);
  }
}

void ChannelSubscriptions::hold(const std::string& channel, base::Job ready) {
  auto& executor = base::Executor::current();
  {
    const std::lock_guard lock(mutex_);
    auto& entry = open_locked(channel);
    if (entry.state != State::confirmed && is_up_) {
      auto waiter = std::make_shared<Waiter>(executor, std::move(ready));
      waiter->timer = executor.schedule(confirmation_time_max, [self = weak_from_this(), channel, waiter] {
        if (const auto subscriptions = self.lock()) subscriptions->on_time_out(channel, *waiter);
      });
      entry.waiters.push_back(std::move(waiter));
      return;
    }
    // Without the link, what is subscribing is covered by on_restored().
    if (entry.state == State::unsubscribing) entry.has_gap = true;
  }
  ready();
}

void ChannelSubscriptions::on_time_out(const std::string& channel, Waiter& waiter) {
  waiter.timer = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto place = channels_.find(channel);
    if (place != channels_.end() && place->second.state != State::confirmed) {
      place->second.has_gap = true;
      std::erase_if(place->second.waiters, [&](const auto& other) { return other.get() == &waiter; });
    }
  }
  if (auto ready = std::exchange(waiter.ready, nullptr)) ready();
}

// Its time may have run out meanwhile: then there is nothing left to call.
void ChannelSubscriptions::wake(const std::shared_ptr<Waiter>& waiter) {
  waiter->executor.post([waiter] {
    waiter->executor.cancel(std::exchange(waiter->timer, 0));
    if (auto ready = std::exchange(waiter->ready, nullptr)) ready();
  });
}

void ChannelSubscriptions::on_subscribed(std::string_view channel) {
  std::vector<std::shared_ptr<Waiter>> waiters;
  bool has_gap = false;
  bool is_restored = false;
  {
    const std::lock_guard lock(mutex_);
    const auto place = channels_.find(channel);
    if (place == channels_.end()) return;
    waiters.swap(place->second.waiters);
    confirm_locked(*place, has_gap);
    is_restored = is_restored_locked();
  }
  for (const auto& waiter : waiters) wake(waiter);
  if (has_gap) observer_.on_gap(std::string(channel));
  if (is_restored) observer_.on_restored();
}

void ChannelSubscriptions::confirm_locked(Place& place, bool& has_gap) {
  auto& entry = place.second;
  if (entry.state == State::unsubscribing) return;
  if (entry.reasons == 0) return unsubscribe_locked(place);
  // A second confirmation without a loss of the link: the bus had to subscribe anew, elsewhere.
  has_gap = std::exchange(entry.has_gap, false) || entry.state == State::confirmed;
  entry.state = State::confirmed;
  if (std::exchange(entry.is_restoring, false)) --restoring_channels_;
}

void ChannelSubscriptions::on_link(bool is_up) {
  std::vector<std::shared_ptr<Waiter>> waiters;
  bool is_restored = false;
  {
    const std::lock_guard lock(mutex_);
    is_up_ = is_up;
    if (is_up) {
      is_restored = is_restored_locked();
    } else {
      is_restoring_ = true;
      for (auto& place : channels_) lose_locked(place, waiters);
    }
  }
  // What they would wait for may take long; on_restored() covers them.
  for (const auto& waiter : waiters) wake(waiter);
  if (is_restored) observer_.on_restored();
}

void ChannelSubscriptions::lose_locked(Place& place, std::vector<std::shared_ptr<Waiter>>& waiters) {
  auto& entry = place.second;
  if (entry.state == State::unsubscribing && !entry.waiters.empty()) entry.has_gap = true;
  waiters.insert(waiters.end(), entry.waiters.begin(), entry.waiters.end());
  entry.waiters.clear();
  if (entry.state == State::unsubscribing) return;
  entry.state = State::subscribing;
  if (!std::exchange(entry.is_restoring, true)) ++restoring_channels_;
  if (entry.reasons == 0) unsubscribe_locked(place);
}

bool ChannelSubscriptions::is_restored_locked() noexcept {
  if (!is_up_ || restoring_channels_ > 0) return false;
  return std::exchange(is_restoring_, false);
}

}  // namespace redis
