#include "postgres/postgres_feed_repository.hpp"

#include <limits>

#include "postgres/statements.hpp"
#include "postgres/table_rows.hpp"

namespace postgres {
namespace {

using base::Result;
using base::Task;
using messaging::Event;
using messaging::FeedPage;
using messaging::Position;
using messaging::UserId;

constexpr Position after_all_positions = std::numeric_limits<Position>::max();

// A page is looked for among so many positions for each of its events first. Of the positions of a busy feed one in
// three or four still shows something, the others belonged to receipts that newer ones replaced; without a bound, each
// page of an absence of months would read the beginnings of all conversations that were active in it.
constexpr Position positions_for_each_event = 8;

// Columns of the events statement.
constexpr int head_column = 0;
constexpr int position_column = 1;
constexpr int kind_column = 2;
constexpr int view_column = 3;
constexpr int message_column = view_column + view_column_count;

Event read_event(const Row& row, const UserId& user) {
  if (row.character(kind_column) == 'm') return messaging::NewMessage{read_message(row, message_column).message};
  auto views = read_views(row, view_column);
  const std::size_t own = views[0].participants[0].user_id == user ? 0 : 1;
  if (row.character(kind_column) == 'u') return messaging::ConversationUpdated{std::move(views[own])};
  const std::size_t reader = row.character(kind_column) == 'o' ? own : 1 - own;
  auto& participant = views[reader].participants[reader];
  return messaging::StatusMoved{.conversation_id = views[own].id,
                                .user_id = std::move(participant.user_id),
                                .watermarks = participant.watermarks};
}

FeedPage read_page(const BinaryRows& rows, const UserId& user, int limit) {
  FeedPage page{.events = {}, .head = rows[0].int8(head_column), .more = rows.size() > limit};
  if (rows[0].is_null(position_column)) return page;
  for (int i = 0; i < std::min(rows.size(), limit); ++i) {
    page.events.push_back({.position = rows[i].int8(position_column), .event = read_event(rows[i], user)});
  }
  return page;
}

std::vector<Position> read_heads(const BinaryRows& rows) {
  std::vector<Position> heads;
  for (int row = 0; row < rows.size(); ++row) heads.push_back(rows[row].int8(0));
  return heads;
}

}  // namespace

Task<Result<Position>> PostgresFeedRepository::head(UserId user) {
  std::vector<UserId> one;
  one.push_back(std::move(user));
  auto found = co_await heads(std::move(one));
  if (!found) co_return base::forward(found);
  co_return found->front();
}

Task<Result<std::vector<Position>>> PostgresFeedRepository::heads(std::vector<UserId> users) {
  BinaryArray names(ElementType::text);
  for (const auto& user : users) names.add(std::string_view(user.str()));
  return readers_.read<std::vector<Position>>(Call{statement::heads, {names.take()}}, read_heads);
}

Task<Result<FeedPage>> PostgresFeedRepository::events_since(UserId user, Position since, int limit) {
  const Position reach = positions_for_each_event * (Position{limit} + 1);
  const Position up_to = since < after_all_positions - reach ? since + reach : after_all_positions;
  auto page = co_await events_between(user, since, up_to, limit);
  if (!page || page->more || page->head <= up_to) co_return page;
  auto whole = co_await events_between(std::move(user), since, after_all_positions, limit);
  co_return whole;
}

Task<Result<FeedPage>> PostgresFeedRepository::events_between(UserId user, Position since, Position up_to, int limit) {
  // One event more than the page holds tells whether there are more.
  Parameters parameters{user.str(), to_binary(since), to_binary(up_to), to_binary(std::int64_t{limit} + 1)};
  return readers_.read<FeedPage>(
      Call{statement::events, std::move(parameters)},
      [user = std::move(user), limit](const BinaryRows& rows) { return read_page(rows, user, limit); });
}

}  // namespace postgres
