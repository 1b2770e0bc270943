#include "gateway/home_feeds.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"

namespace gateway {

using base::metrics::Counter;
using base::metrics::Gauge;
using messaging::Position;
using messaging::UserId;

HomeFeeds::HomeFeeds(const base::Clock& clock, base::Executor& executor, messaging::IFeedRepository& feeds,
                     socketio::Adapter& adapter, base::TaskGroup& tasks, Deliver deliver)
    : clock_(clock),
      executor_(executor),
      feeds_(feeds),
      adapter_(adapter),
      tasks_(tasks),
      deliver_(std::move(deliver)) {}

void HomeFeeds::attach(const UserId& user, std::size_t thread, Attached attached) {
  const auto [place, is_new] = users_.try_emplace(user);
  Entry& entry = place->second;
  entry.threads |= ThreadSet{1} << thread;
  if (is_new) {
    entry.generation = ++generations_;
    base::metrics::add(Gauge::users_connected, 1);
  }
  if (entry.sequencer.is_started()) {
    attached(entry.sequencer.last());
    return;
  }
  entry.waiting_for_head.push_back(std::move(attached));
  if (entry.waiting_for_head.size() != 1) return;
  // The entry stands, and the other nodes' events come here, before the head is read: what is committed after the read
  // meets an entry that holds it. An entry whose head could not be read holds its room already.
  const auto read = [this, user, generation = entry.generation] {
    if (find(user, generation) != nullptr) tasks_.spawn(read_head(user, generation));
  };
  if (is_new) {
    adapter_.hold_room(user_room(user), read);
  } else {
    read();
  }
}

void HomeFeeds::detach(const UserId& user, std::size_t thread) {
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  Entry& entry = found->second;
  entry.threads &= ~(ThreadSet{1} << thread);
  if (entry.threads != 0) return;
  executor_.cancel(entry.repair_timer);
  users_.erase(found);
  adapter_.release_room(user_room(user));
  base::metrics::add(Gauge::users_connected, -1);
}

void HomeFeeds::publish(const UserId& user, UserSequencer::Item item) {
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  UserSequencer::Items items;
  found->second.sequencer.offer(std::move(item), clock_.steady_now(), items);
  follow_up(user, found->second, std::move(items));
}

base::Task<> HomeFeeds::read_head(UserId user, std::uint64_t generation) {
  const auto head = co_await feeds_.head(user);
  Entry* const entry = find(user, generation);
  if (entry == nullptr) co_return;
  auto waiting = std::exchange(entry->waiting_for_head, {});
  if (head) {
    UserSequencer::Items items;
    entry->sequencer.start(*head, clock_.steady_now(), items);
    follow_up(user, *entry, std::move(items));
  } else {
    base::log::warn("feed.head_unreadable", {{"detail", head.error().detail}});
  }
  // Last, because whoever is told may leave at once, and the entry with it.
  for (auto& attached : waiting) attached(head);
}

void HomeFeeds::compare_heads(std::optional<UserId> user, Compared done) {
  std::vector<UserId> users;
  if (user) {
    if (users_.contains(*user)) users.push_back(*std::move(user));
  } else {
    users.reserve(users_.size());
    for (const auto& [each, entry] : users_) users.push_back(each);
  }
  tasks_.spawn(compare(std::move(users), std::move(done)));
}

base::Task<> HomeFeeds::compare(std::vector<UserId> users, Compared done) {
  constexpr auto chunk_max = messaging::IFeedRepository::heads_max;
  for (std::size_t first = 0; first < users.size(); first += chunk_max) {
    const auto last = std::min(users.size(), first + chunk_max);
    const std::vector<UserId> chunk(users.begin() + static_cast<std::ptrdiff_t>(first),
                                    users.begin() + static_cast<std::ptrdiff_t>(last));
    const auto heads = co_await feeds_.heads(chunk);
    if (!heads) {
      base::log::warn("feed.heads_unreadable", {{"detail", heads.error().detail}});
      done(false);
      co_return;
    }
    base::metrics::add(Counter::head_comparisons, chunk.size());
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      const auto found = users_.find(chunk[i]);
      if (found == users_.end() || !found->second.sequencer.learn_head((*heads)[i], clock_.steady_now())) continue;
      base::metrics::add(Counter::heads_behind);
      follow_up(found->first, found->second, {});
    }
  }
  done(true);
}

base::Task<> HomeFeeds::repair(UserId user, std::uint64_t generation, Position since) {
  base::metrics::add(Counter::sequencer_repairs);
  auto page = co_await feeds_.events_since(user, since, repair_page_events);
  Entry* const entry = find(user, generation);
  if (entry == nullptr) co_return;
  UserSequencer::Items items;
  if (page) {
    entry->sequencer.repaired(user, std::move(*page), clock_.steady_now(), items);
  } else {
    base::log::warn("feed.unreadable", {{"detail", page.error().detail}});
    entry->sequencer.repair_failed(clock_.steady_now());
  }
  follow_up(user, *entry, std::move(items));
}

void HomeFeeds::on_repair_timer(const UserId& user, std::uint64_t generation) {
  Entry* const entry = find(user, generation);
  if (entry == nullptr) return;
  entry->repair_timer = 0;
  const auto due = entry->sequencer.repair_due();
  if (!due) return;
  if (*due > clock_.steady_now()) {
    follow_up(user, *entry, {});
    return;
  }
  const Position since = entry->sequencer.begin_repair();
  tasks_.spawn(repair(user, generation, since));
}

void HomeFeeds::follow_up(const UserId& user, Entry& entry, UserSequencer::Items items) {
  for (auto& item : items) deliver_(user, entry.threads, std::move(item));
  const auto due = entry.sequencer.repair_due();
  if (!due) {
    executor_.cancel(std::exchange(entry.repair_timer, 0));
    return;
  }
  // A timer that fires too early finds the new time and waits on.
  if (entry.repair_timer != 0) return;
  const auto now = clock_.steady_now();
  const auto wait = *due > now ? std::chrono::ceil<base::milliseconds>(*due - now) : base::milliseconds(0);
  entry.repair_timer =
      executor_.schedule(wait, [this, user, generation = entry.generation] { on_repair_timer(user, generation); });
}

HomeFeeds::Entry* HomeFeeds::find(const UserId& user, std::uint64_t generation) {
  const auto found = users_.find(user);
  return found != users_.end() && found->second.generation == generation ? &found->second : nullptr;
}

}  // namespace gateway
