// The parts of MessagingService that show a user his conversations and his feed.
#include "messaging/messaging_service.hpp"

namespace messaging {

using base::Errc;

Task<Result<Inbox>> MessagingService::get_conversations(Caller caller, int limit, std::optional<std::string> cursor) {
  if (auto taken = take_token(caller.user, RateLimiter::Kind::request); !taken) co_return base::forward(taken);
  if (auto fits = check_limit(limit, inbox_limit_max); !fits) co_return base::forward(fits);
  std::optional<InboxCursor> after;
  if (cursor) {
    after = with_.tokens.read_inbox_cursor(caller.user, *cursor);
    if (!after) co_return base::fail(Errc::cursor_invalid);
  }
  auto page = co_await with_.conversations.find_many_by_user(caller.user, after, limit);
  if (!page) co_return base::forward(page);

  Inbox inbox{.conversations = std::move(page->conversations),
              .next_cursor = std::nullopt,
              .offset = with_.tokens.offset(caller.user, page->head)};
  if (page->next) inbox.next_cursor = with_.tokens.inbox_cursor(caller.user, *page->next);
  co_return inbox;
}

Task<Result<Conversation>> MessagingService::get_conversation(Caller caller, ConversationId conversation) {
  if (auto taken = take_token(caller.user, RateLimiter::Kind::request); !taken) co_return base::forward(taken);
  // The repository shows it to its participants alone.
  auto found = co_await with_.conversations.find_for_user(conversation, std::move(caller.user));
  if (!found) co_return base::forward(found);
  if (!*found) co_return base::fail(Errc::conversation_not_found);
  co_return **std::move(found);
}

Task<Result<Conversation>> MessagingService::open_conversation(Caller caller, UserId other) {
  if (auto taken = take_token(caller.user, RateLimiter::Kind::request); !taken) co_return base::forward(taken);
  if (other == caller.user) co_return base::invalid_field("userId", "oneself");
  auto allowed = co_await with_.guard.require_connection(caller, other);
  if (!allowed) co_return base::forward(allowed);

  const UserPair pair(caller.user, other);
  const auto now = with_.clock.system_now();
  auto opened = co_await with_.conversations.find_or_create(pair, ConversationId::v7(now), now);
  if (!opened) co_return std::unexpected(failed_write(std::move(opened.error())));
  auto& [low_view, high_view] = opened->views;
  auto& own_view = caller.user == pair.low() ? low_view : high_view;
  if (!opened->created) {
    // The pair is connected: that was required above.
    with_.guard.reconcile({.id = own_view.id, .participants = pair, .can_send = own_view.can_send}, true);
    co_return std::move(own_view);
  }
  auto answer = own_view;
  const auto publish = [&](const UserId& user, Position position, Conversation& view) {
    with_.notifier.publish(user, position, std::make_shared<const Event>(ConversationUpdated{std::move(view)}), {},
                           caller.trace);
  };
  publish(pair.low(), opened->positions.low, low_view);
  publish(pair.high(), opened->positions.high, high_view);
  co_return answer;
}

Task<Result<SyncPage>> MessagingService::sync(Caller caller, std::string since, int limit) {
  if (auto taken = take_token(caller.user, RateLimiter::Kind::request); !taken) co_return base::forward(taken);
  if (auto fits = check_limit(limit, sync_limit_max); !fits) co_return base::forward(fits);
  const auto position = with_.tokens.read_offset(caller.user, since);
  if (!position) co_return base::fail(Errc::resync_required, "unreadable offset");
  auto page = co_await with_.feeds.events_since(caller.user, *position, limit);
  if (!page) co_return base::forward(page);
  // Such a position was handed out by a database that this one is not: it must have been restored from a backup.
  if (*position > page->head) co_return base::fail(Errc::resync_required, "offset above the head");

  SyncPage answer;
  answer.events.reserve(page->events.size());
  for (auto& [event_position, event] : page->events) {
    answer.events.push_back({std::move(event), with_.tokens.offset(caller.user, event_position)});
  }
  answer.more = page->more && !answer.events.empty();
  answer.offset = answer.more ? answer.events.back().offset : with_.tokens.offset(caller.user, page->head);
  co_return answer;
}

}  // namespace messaging
