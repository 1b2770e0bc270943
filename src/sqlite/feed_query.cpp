#include "sqlite/feed_query.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace sqlite {

using messaging::Event;
using messaging::FeedPage;
using messaging::Position;
using messaging::Seq;
using messaging::UserId;

class FeedQuery::Plan {
 public:
  explicit Plan(int limit) : entries_max_(static_cast<std::size_t>(limit) + 1) {}

  // False where neither this one nor any with a larger position has a place.
  bool add(Position position, const Source& source) {
    if (entries_.size() == entries_max_ && position > entries_.rbegin()->first) return false;
    entries_.emplace(position, source);
    if (entries_.size() > entries_max_) entries_.erase(std::prev(entries_.end()));
    return true;
  }

  [[nodiscard]] std::size_t entries_max() const noexcept { return entries_max_; }
  [[nodiscard]] const std::map<Position, Source>& entries() const noexcept { return entries_; }

 private:
  std::size_t entries_max_;
  std::map<Position, Source> entries_;
};

FeedQuery::FeedQuery(Connection& connection, TableReader& tables)
    : tables_(tables),
      changed_(connection, R"(SELECT "conversationId" FROM "Participant" WHERE "userId" = ?1 AND "lastUseq" > ?2)"),
      position_at_(connection,
                   R"(SELECT iif("authorId" = ?3, "authorUseq", "peerUseq") FROM "Message"
                       WHERE "conversationId" = ?1 AND seq = ?2)"),
      positions_from_(connection,
                      R"(SELECT seq, iif("authorId" = ?3, "authorUseq", "peerUseq") FROM "Message"
                          WHERE "conversationId" = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?4)") {}

FeedPage FeedQuery::events_since(const UserId& user, Position since, int limit) {
  FeedPage page{.events = {}, .head = tables_.head(user), .more = false};
  if (since >= page.head) return page;

  Plan plan(limit);
  {
    Rows rows = changed_.query(user, since);
    while (rows.next()) {
      const auto row = tables_.conversation(rows.uuid<messaging::ConversationId>(0));
      if (row) plan_conversation(plan, *row, user, since);
    }
  }
  for (const auto& [position, source] : plan.entries()) {
    if (std::ssize(page.events) == limit) {
      page.more = true;
      break;
    }
    page.events.push_back({.position = position, .event = read_event(source, user)});
  }
  return page;
}

void FeedQuery::plan_conversation(Plan& plan, const ConversationRow& row, const UserId& user, Position since) {
  const ParticipantRow& own = row.of(user);
  const auto add = [&](Position position, Source::Kind kind) {
    if (position > since) plan.add(position, {.kind = kind, .conversation = row.id, .seq = 0});
  };
  add(own.own_receipt, Source::Kind::own_receipt);
  add(own.peer_receipt, Source::Kind::peer_receipt);
  add(own.updated, Source::Kind::update);
  plan_messages(plan, row, user, since);
}

void FeedQuery::plan_messages(Plan& plan, const ConversationRow& row, const UserId& user, Position since) {
  const Seq first = first_unseen(row, user, since);
  if (first > row.last_seq) return;
  Rows rows = positions_from_.query(row.id, first, user, static_cast<std::int64_t>(plan.entries_max()));
  while (rows.next()) {
    if (!plan.add(rows.integer(1), {.kind = Source::Kind::message, .conversation = row.id, .seq = rows.integer(0)}))
      return;
  }
}

Seq FeedQuery::first_unseen(const ConversationRow& row, const UserId& user, Position since) {
  // Everything from `unseen` on is unseen; everything up to `seen` is seen (there is no seq 0).
  Seq unseen = row.last_seq + 1;
  Seq seen = 0;
  for (Seq step = 1; unseen > 1; step *= 2) {
    const Seq probe = std::max<Seq>(unseen - step, 1);
    if (position_at(row, user, probe) <= since) {
      seen = probe;
      break;
    }
    unseen = probe;
  }
  while (unseen - seen > 1) {
    const Seq middle = seen + (unseen - seen) / 2;
    (position_at(row, user, middle) > since ? unseen : seen) = middle;
  }
  return unseen;
}

Position FeedQuery::position_at(const ConversationRow& row, const UserId& user, Seq seq) {
  Rows rows = position_at_.query(row.id, seq, user);
  if (!rows.next()) throw StorageFailure(SQLITE_CORRUPT, "a conversation has a gap in its seq");
  return rows.integer(0);
}

Event FeedQuery::read_event(const Source& source, const UserId& user) {
  if (source.kind == Source::Kind::message) {
    auto found = tables_.message_at(source.conversation, source.seq);
    if (!found) throw StorageFailure(SQLITE_CORRUPT, "a message is gone from its own snapshot");
    return messaging::NewMessage{std::move(found->message)};
  }
  const auto row = tables_.conversation(source.conversation);
  if (!row) throw StorageFailure(SQLITE_CORRUPT, "a conversation is gone from its own snapshot");
  if (source.kind == Source::Kind::update) return messaging::ConversationUpdated{tables_.view(*row, user)};
  const auto& reader = source.kind == Source::Kind::own_receipt ? row->of(user) : row->peer_of(user);
  return messaging::StatusMoved{.conversation_id = row->id, .user_id = reader.user_id, .watermarks = reader.watermarks};
}

}  // namespace sqlite
