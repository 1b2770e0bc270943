// The part of MessagingService that pages through a conversation's messages. It rests on seq being 1, 2, 3 … without
// gaps and on messages being added at the end alone: below every seq but 1 there is something older, and a place that a
// cursor was handed out for never becomes empty.
#include <algorithm>
#include <iterator>

#include "messaging/messaging_service.hpp"

namespace messaging {

using base::Errc;
using From = HistoryRange::From;

struct MessagingService::HistoryPage {
  std::vector<Message> messages;
  bool has_newer = false;

  // Takes away the one message that was read beyond the limit to see whether there is more.
  void cut_to(int limit) {
    has_newer = std::ssize(messages) > limit;
    if (has_newer) messages.resize(static_cast<std::size_t>(limit));
  }
};

Task<Result<MessageHistory>> MessagingService::get_message_history(Caller caller, HistoryQuery query) {
  if (auto taken = take_token(caller.user, RateLimiter::Kind::request); !taken) co_return base::forward(taken);
  if (auto fits = check_limit(query.limit, history_limit_max); !fits) co_return base::forward(fits);
  if (query.cursor && query.around) co_return base::invalid_field("cursor", "beside around");
  const auto id = query.conversation_id;
  auto header = co_await with_.guard.require_participant(caller.user, id);
  if (!header) co_return base::forward(header);

  auto page = co_await read_history(caller.user, std::move(query));
  if (!page) co_return base::forward(page);
  MessageHistory history{
      .messages = std::move(page->messages), .older_cursor = std::nullopt, .newer_cursor = std::nullopt};
  if (history.messages.empty()) co_return history;
  const Seq first = history.messages.front().seq;
  const Seq last = history.messages.back().seq;
  if (first > 1) {
    history.older_cursor = with_.tokens.history_cursor(caller.user, id, {.from = From::before, .anchor = first});
  }
  if (page->has_newer) {
    history.newer_cursor = with_.tokens.history_cursor(caller.user, id, {.from = From::after, .anchor = last});
  }
  co_return history;
}

Task<Result<MessagingService::HistoryPage>> MessagingService::read_history(UserId caller, HistoryQuery query) {
  if (query.around) {
    const auto target = co_await seq_of(query.conversation_id, *query.around);
    if (!target) co_return std::unexpected(target.error());
    if (!*target) co_return base::invalid_field("around", "not in the conversation");
    co_return co_await read_around(query.conversation_id, **target, query.limit);
  }
  HistoryRange range;
  if (query.cursor) {
    const auto read = with_.tokens.read_history_cursor(caller, query.conversation_id, *query.cursor);
    if (!read) co_return base::fail(Errc::cursor_invalid);
    range = *read;
  }
  co_return co_await read_range(query.conversation_id, range, query.limit);
}

Task<Result<MessagingService::HistoryPage>> MessagingService::read_range(ConversationId conversation,
                                                                         HistoryRange range, int limit) {
  const int probe = range.from == From::after ? 1 : 0;
  auto messages = co_await with_.messages.find_many_by_conversation(conversation, range, limit + probe);
  if (!messages) co_return base::forward(messages);
  HistoryPage page{.messages = *std::move(messages)};
  if (range.from == From::after) page.cut_to(limit);
  // The message that a cursor points back from is newer than what it leads to.
  if (range.from == From::before) page.has_newer = true;
  co_return page;
}

Task<Result<MessagingService::HistoryPage>> MessagingService::read_around(ConversationId conversation, Seq target,
                                                                          int limit) {
  // Near the beginning the newer side is topped up by this alone.
  const Seq first = std::max<Seq>(1, target - limit / 2);
  auto messages = co_await with_.messages.find_many_by_conversation(
      conversation, {.from = From::after, .anchor = first - 1}, limit + 1);
  if (!messages) co_return base::forward(messages);
  HistoryPage page{.messages = *std::move(messages)};
  page.cut_to(limit);

  const int missing = limit - static_cast<int>(page.messages.size());
  if (missing == 0 || first == 1) co_return page;
  auto older =
      co_await with_.messages.find_many_by_conversation(conversation, {.from = From::before, .anchor = first}, missing);
  if (!older) co_return base::forward(older);
  older->insert(older->end(), std::move_iterator(page.messages.begin()), std::move_iterator(page.messages.end()));
  page.messages = *std::move(older);
  co_return page;
}

}  // namespace messaging
