#include "feed_properties.hpp"

namespace contract {

using messaging::ConversationUpdated;
using messaging::Event;
using messaging::FeedEvent;
using messaging::NewMessage;
using messaging::StatusMoved;
using ::testing::ElementsAreArray;

int pick(std::mt19937& random, std::size_t below) {
  return static_cast<int>(random() % below);
}

void FeedProperties::open_some(std::mt19937& random) {
  const int one = pick(random, users);
  const int other = (one + 1 + pick(random, users - 1)) % users;
  const UserPair pair(user("u" + std::to_string(one)), user("u" + std::to_string(other)));
  const auto opened = get(conversations().find_or_create(pair, ConversationId::v7(at(0)), at(pick(random, 1'000))));
  if (!opened.created) return;
  opened_.emplace_back(opened.views[0].id, pair);
  publish(pair, opened.positions, ConversationUpdated{opened.views[0]}, ConversationUpdated{opened.views[1]});
}

void FeedProperties::send_or_mark(std::mt19937& random) {
  const auto& [id, pair] = opened_[static_cast<std::size_t>(pick(random, opened_.size()))];
  const UserId who = pick(random, 2) == 0 ? pair.low() : pair.high();
  const int what = pick(random, 10);
  if (what < 6) {
    const auto stored = send(id, pair, who, at(pick(random, 1'000)));
    publish(pair, stored.positions, NewMessage{stored.message}, NewMessage{stored.message});
  } else if (what < 9) {
    const auto receipt = mark(id, pair, who, {.delivered_seq = pick(random, 30), .read_seq = pick(random, 20)});
    if (!receipt.moved) return;
    const StatusMoved moved{id, who, receipt.watermarks};
    publish(pair, receipt.positions, moved, moved);
  } else if (const auto change = get(conversations().set_can_send(id, pick(random, 2) == 0))) {
    publish(pair, change->positions, ConversationUpdated{change->views[0]}, ConversationUpdated{change->views[1]});
  }
}

void FeedProperties::run_random_operations(std::mt19937& random) {
  open_some(random);
  for (int step = 0; step < steps; ++step) pick(random, 12) == 0 ? open_some(random) : send_or_mark(random);
}

std::vector<FeedEvent> FeedProperties::folded(const UserId& who, Position since) {
  std::map<std::pair<ConversationId, std::string>, Position> latest;
  Log shown;
  for (const auto& [position, event] : logs_[who]) {
    const auto replace = [&](const ConversationId& id, const std::string& kind, Event now) {
      const auto [entry, is_first] = latest.try_emplace({id, kind}, position);
      if (!is_first) shown.erase(std::exchange(entry->second, position));
      shown.emplace(position, std::move(now));
    };
    if (const auto* created = std::get_if<NewMessage>(&event)) {
      const auto seq = created->message.seq;
      const auto now = get(messages().find_many_by_conversation(created->message.conversation_id,
                                                                {messaging::HistoryRange::From::before, seq + 1}, 1));
      EXPECT_EQ(now.front().id, created->message.id);
      shown.emplace(position, NewMessage{now.front()});
    } else if (const auto* moved = std::get_if<StatusMoved>(&event)) {
      replace(moved->conversation_id, moved->user_id.str(), *moved);
    } else {
      const auto& id = std::get<ConversationUpdated>(event).conversation.id;
      replace(id, "", ConversationUpdated{seen_by(who, id)});
    }
  }
  std::vector<FeedEvent> events;
  for (auto entry = shown.upper_bound(since); entry != shown.end(); ++entry)
    events.push_back({entry->first, entry->second});
  return events;
}

std::vector<FeedEvent> FeedProperties::replay(const UserId& who, Position since, int limit) {
  std::vector<FeedEvent> events;
  for (;;) {
    const auto page = get(feeds().events_since(who, since, limit));
    EXPECT_LE(std::ssize(page.events), limit);
    for (const auto& event : page.events) events.push_back(event);
    if (!page.more) return events;
    since = page.events.back().position;
  }
}

TEST_P(FeedProperties, AReplayIsWhatWasPublishedFoldedToTheLatest) {
  for (const unsigned seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    storage_ = GetParam().make();
    logs_.clear();
    opened_.clear();
    run_random_operations(random);
    for (const auto& [who, log] : logs_) {
      // Positions have no gaps, and the last one is the head.
      const Position head = get(feeds().head(who));
      ASSERT_EQ(std::ssize(log), head);
      ASSERT_EQ(log.rbegin()->first, head);
      for (int i = 0; i < 4; ++i) {
        const Position since = i == 0 ? 0 : pick(random, log.size() + 1);
        ASSERT_THAT(replay(who, since, 1 + pick(random, 40)), ElementsAreArray(folded(who, since)))
            << who.str() << " since " << since;
      }
    }
  }
}

}  // namespace contract
