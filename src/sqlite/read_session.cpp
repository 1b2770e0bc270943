#include "sqlite/read_session.hpp"

#include <algorithm>
#include <limits>

namespace sqlite {
namespace {

using messaging::HistoryRange;
using messaging::InboxCursor;
using messaging::InboxPage;
using messaging::Message;

// Above every seq and every time.
constexpr std::int64_t no_bound = std::numeric_limits<std::int64_t>::max();

std::vector<Message> read_messages(Rows rows) {
  std::vector<Message> messages;
  while (rows.next()) messages.push_back(read_message(rows).message);
  return messages;
}

}  // namespace

ReadSession::ReadSession(Connection connection)
    : connection_(std::move(connection)),
      begin_(connection_, "BEGIN"),
      tables_(connection_),
      feed_(connection_, tables_),
      history_before_(connection_,
                      select_messages(R"(WHERE "conversationId" = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3)")),
      history_after_(connection_, select_messages(R"(WHERE "conversationId" = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3)")),
      inbox_(connection_,
             R"(SELECT "conversationId" FROM "Participant"
                 WHERE "userId" = ?1 AND ("activityAt", "conversationId") < (?2, ?3)
                 ORDER BY "activityAt" DESC, "conversationId" DESC)") {}

ReadSession::Snapshot::Snapshot(ReadSession& session) : session_(session) {
  session_.begin_.run();
}
ReadSession::Snapshot::~Snapshot() {
  session_.connection_.rollback();
}

std::vector<Message> ReadSession::history(const messaging::ConversationId& conversation, HistoryRange range,
                                          int limit) {
  if (range.from == HistoryRange::From::after) {
    return read_messages(history_after_.query(conversation, range.anchor, limit));
  }
  const auto below = range.from == HistoryRange::From::newest ? no_bound : range.anchor;
  auto messages = read_messages(history_before_.query(conversation, below, limit));
  std::ranges::reverse(messages);
  return messages;
}

InboxPage ReadSession::inbox(const messaging::UserId& user, const std::optional<InboxCursor>& after, int limit) {
  InboxPage page{.conversations = {}, .next = {}, .head = tables_.head(user)};
  const auto activity = after ? after->activity : base::SystemTime(base::milliseconds(no_bound));
  const auto id = after ? after->id.to_string() : std::string();
  std::optional<InboxCursor> last;
  // No LIMIT in the query: rows that are no conversation of two are passed over.
  Rows rows = inbox_.query(user, activity, id);
  while (rows.next()) {
    const auto row = tables_.conversation(rows.uuid<messaging::ConversationId>(0));
    if (!row || !row->has(user)) continue;
    if (std::ssize(page.conversations) == limit) {
      page.next = last;
      break;
    }
    page.conversations.push_back(tables_.view(*row, user));
    last = InboxCursor{.activity = row->activity(), .id = row->id};
  }
  return page;
}

}  // namespace sqlite
