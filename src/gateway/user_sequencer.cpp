// States and legal transitions:
//   unstarted ─start()→ in_order | gap     holds what is offered; the head of the table is not known yet
//   in_order  ─offer()→ in_order | gap     last_ == seen_, nothing is held
//   in_order  ─learn_head()→ gap           the table knows of a position that nobody told
//   gap       ─offer()→ in_order | gap     a position above last_ is known, last_ + 1 is missing; repair_due_ is set
//   gap       ─begin_repair()→ repairing   goes on holding; nothing is told until the page is there, or the gap closes
//   repairing ─offer()→ repairing
//   repairing ─repaired(), repair_failed()→ in_order | gap
#include "gateway/user_sequencer.hpp"

#include <algorithm>

namespace gateway {

using messaging::Position;

namespace {

bool is_message_of(const messaging::UserId& user, const messaging::Event& event) {
  const auto* const message = std::get_if<messaging::NewMessage>(&event);
  return message != nullptr && message->message.author_id == user;
}

}  // namespace

void UserSequencer::start(Position head, base::SteadyTime now, Items& out) {
  state_ = State::in_order;
  last_ = head;
  advance(now, out);
}

void UserSequencer::offer(Item item, base::SteadyTime now, Items& out) {
  if (is_started()) {
    if (item.position <= last_) return;
    // The common case, without a detour through the held ones.
    if (state_ == State::in_order && item.position == last_ + 1) {
      last_ = seen_ = item.position;
      out.push_back(std::move(item));
      return;
    }
  }
  hold(std::move(item));
  advance(now, out);
}

void UserSequencer::repaired(const messaging::UserId& user, messaging::FeedPage page, base::SteadyTime now,
                             Items& out) {
  const auto gap_since = gap_since_;
  bool waits_for_own = false;
  for (auto& found : page.events) {
    if (found.position <= last_) continue;
    // A held one is the same event, and knows whom not to tell.
    auto held = take_held(found.position);
    waits_for_own = !held && is_message_of(user, found.event) && now < gap_since + own_message_wait;
    if (waits_for_own) break;
    last_ = found.position;
    if (held) {
      out.push_back(std::move(*held));
    } else {
      out.push_back({.position = found.position,
                     .event = std::make_shared<const messaging::Event>(std::move(found.event)),
                     .packet = {},
                     .known_at = {},
                     .except = {}});
    }
  }
  seen_ = std::max(seen_, page.head);
  // A whole page covers everything up to its head, also positions that newer receipts have replaced.
  if (!page.more && !waits_for_own) last_ = std::max(last_, page.head);
  state_ = State::in_order;
  advance(now, out);
  if (state_ != State::gap) return;
  gap_since_ = gap_since;
  if (waits_for_own) {
    repair_due_ = gap_since + own_message_wait;
  } else {
    repair_due_ = page.more ? now : now + hold_max;
  }
}

void UserSequencer::repair_failed(base::SteadyTime now) {
  state_ = seen_ > last_ ? State::gap : State::in_order;
  if (state_ == State::in_order) return;
  repair_due_ = now + repair_pause;
}

bool UserSequencer::learn_head(Position head, base::SteadyTime now) noexcept {
  if (head <= last_) return false;
  seen_ = std::max(seen_, head);
  // The head that it reads itself may be an older one: then it starts with a gap.
  if (!is_started()) return false;
  // It may be on its way, from a commit of this node or from another node.
  if (state_ == State::in_order) open_gap(now);
  return true;
}

Position UserSequencer::begin_repair() noexcept {
  state_ = State::repairing;
  repair_due_.reset();
  return last_;
}

void UserSequencer::hold(Item item) {
  seen_ = std::max(seen_, item.position);
  const auto place = std::ranges::lower_bound(held_, item.position, {}, &Item::position);
  if (place != held_.end() && place->position == item.position) return;
  if (held_.size() == held_events_max) {
    held_.clear();
    return;
  }
  held_.insert(place, std::move(item));
}

std::optional<UserSequencer::Item> UserSequencer::take_held(Position position) {
  const auto found = std::ranges::lower_bound(held_, position, {}, &Item::position);
  if (found == held_.end() || found->position != position) return std::nullopt;
  return std::move(*found);
}

void UserSequencer::advance(base::SteadyTime now, Items& out) {
  if (!is_started()) return;
  auto next = held_.begin();
  for (; next != held_.end() && next->position <= last_ + 1; ++next) {
    if (next->position <= last_) continue;
    last_ = next->position;
    out.push_back(std::move(*next));
  }
  held_.erase(held_.begin(), next);
  if (seen_ <= last_) {
    // An idle user keeps no buffer.
    Items().swap(held_);
    if (state_ != State::repairing) state_ = State::in_order;
    repair_due_.reset();
    return;
  }
  if (state_ == State::repairing) return;
  if (state_ == State::in_order) open_gap(now);
  // Nothing is left to wait for: it was let go.
  if (held_.empty()) repair_due_ = now;
}

void UserSequencer::open_gap(base::SteadyTime now) noexcept {
  state_ = State::gap;
  gap_since_ = now;
  repair_due_ = now + hold_max;
}

}  // namespace gateway
