#include "postgres/postgres_conversation_repository.hpp"

#include "postgres/statements.hpp"
#include "postgres/table_rows.hpp"

namespace postgres {
namespace {

using base::Result;
using base::Task;
using messaging::CanSendChange;
using messaging::Conversation;
using messaging::ConversationHeader;
using messaging::ConversationId;
using messaging::InboxCursor;
using messaging::InboxPage;
using messaging::OpenedConversation;
using messaging::UserId;
using messaging::UserPair;

std::optional<ConversationHeader> read_header(const BinaryRows& rows) {
  if (rows.empty()) return std::nullopt;
  const Row row = rows[0];
  return ConversationHeader{
      .id = row.id<ConversationId>(0), .participants = {row.user_id(1), row.user_id(2)}, .can_send = row.boolean(3)};
}

const Conversation* view_of(const ConversationViews& views, const UserId& user) {
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (views[i].participants[i].user_id == user) return &views[i];
  }
  return nullptr;
}

std::string one_id(const ConversationId& id) {
  BinaryArray array(ElementType::uuid);
  array.add(id.value);
  return array.take();
}

// Columns of the inbox statement.
constexpr int head_column = 0;
constexpr int activity_column = 1;
constexpr int entry_column = 2;
constexpr int view_column = 3;

InboxPage read_inbox(const BinaryRows& rows, const UserId& user, int limit) {
  InboxPage page{.conversations = {}, .next = {}, .head = rows[0].int8(head_column)};
  if (rows[0].is_null(entry_column)) return page;
  for (int i = 0; i < std::min(rows.size(), limit); ++i) {
    const auto views = read_views(rows[i], view_column);
    if (const auto* view = view_of(views, user)) page.conversations.push_back(*view);
  }
  if (rows.size() > limit) {
    const Row last = rows[limit - 1];
    page.next = InboxCursor{.activity = last.time(activity_column), .id = last.id<ConversationId>(entry_column)};
  }
  return page;
}

// Above every id.
const std::string last_id(16, '\xff');

}  // namespace

Task<Result<std::optional<ConversationHeader>>> PostgresConversationRepository::find_header(ConversationId id) {
  using Found = std::optional<ConversationHeader>;
  return readers_.read<Found>(Call{statement::header_by_id, {to_binary(id)}}, read_header);
}

Task<Result<std::optional<ConversationHeader>>> PostgresConversationRepository::find_header_of_pair(UserPair pair) {
  using Found = std::optional<ConversationHeader>;
  return readers_.read<Found>(Call{statement::header_by_pair, {pair_key(pair)}},
                              [pair](const BinaryRows& rows) -> Found {
                                auto header = read_header(rows);
                                if (header && header->participants != pair) return std::nullopt;
                                return header;
                              });
}

Task<Result<OpenedConversation>> PostgresConversationRepository::find_or_create(UserPair pair, ConversationId fresh_id,
                                                                                base::SystemTime now) {
  return writers_.write<OpenedConversation>(OpenDraft{std::move(pair), fresh_id, now});
}

Task<Result<std::optional<Conversation>>> PostgresConversationRepository::find_for_user(ConversationId id,
                                                                                        UserId user) {
  using Found = std::optional<Conversation>;
  return readers_.read<Found>(Call{statement::views_by_id, {one_id(id)}},
                              [user = std::move(user)](const BinaryRows& rows) -> Found {
                                if (rows.empty()) return std::nullopt;
                                const auto views = read_views(rows[0], 0);
                                const auto* view = view_of(views, user);
                                return view == nullptr ? Found{} : Found{*view};
                              });
}

Task<Result<InboxPage>> PostgresConversationRepository::find_many_by_user(UserId user, std::optional<InboxCursor> after,
                                                                          int limit) {
  // One more than the page holds tells whether there is a next one.
  Parameters parameters{user.str(), to_binary(after ? after->activity : after_all_times),
                        after ? to_binary(after->id) : last_id, to_binary(std::int64_t{limit} + 1)};
  return readers_.read<InboxPage>(
      Call{statement::inbox, std::move(parameters)},
      [user = std::move(user), limit](const BinaryRows& rows) { return read_inbox(rows, user, limit); });
}

// Most calls change nothing, because another node was first: those cost one read and no lock. The write looks again,
// under the lock.
Task<Result<std::optional<CanSendChange>>> PostgresConversationRepository::set_can_send(ConversationId id,
                                                                                        bool can_send) {
  using Change = std::optional<CanSendChange>;
  auto header = co_await find_header(id);
  if (!header) co_return base::forward(header);
  if (!header->has_value() || (*header)->can_send == can_send) co_return Change{};
  CanSendDraft draft{id, std::move((*header)->participants), can_send};
  auto change = co_await writers_.write<Change>(std::move(draft));
  co_return change;
}

}  // namespace postgres
