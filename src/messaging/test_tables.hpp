// For this folder's tests alone: the three repositories over vectors, each call a hop through the executor, so that
// operations interleave as they do over a database. Calls are counted by name, can be made to fail, and can be held
// back.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/manual_executor.hpp"
#include "messaging/repositories.hpp"

namespace messaging::test {

class Tables final : public IMessageRepository, public IConversationRepository, public IFeedRepository {
 public:
  // --- what tests prepare and look at
  std::map<std::string, int> calls;
  std::map<std::string, base::Errc> failures;
  std::map<ConversationId, std::vector<Message>> messages;
  std::map<UserId, std::vector<FeedEvent>> feeds;

  void add_conversation(ConversationId id, UserPair pair, bool can_send = true) {
    rows_.push_back({.id = id, .pair = pair, .can_send = can_send});
  }
  void remove_conversation(ConversationId id) {
    std::erase_if(rows_, [&](const Row& row) { return row.id == id; });
  }
  [[nodiscard]] bool can_send(ConversationId id) { return row(id)->can_send; }
  // While an operation is held back, its calls wait before they read or write anything.
  void hold(const std::string& operation) { held_[operation]; }
  void release(const std::string& operation) {
    auto waiting = std::move(held_.extract(operation).mapped());
    for (auto& each : waiting) each({});
  }

  // --- IMessageRepository
  Task<Result<StoredMessage>> create(MessageDraft draft) override {
    auto passed = co_await pass("create");
    if (!passed) co_return base::forward(passed);
    if (draft.client_message_id) {
      if (const auto* earlier = find_key(draft.author_id, *draft.client_message_id)) {
        co_return StoredMessage{.message = *earlier, .positions = {}, .duplicate = true};
      }
    }
    if (row(draft.conversation_id) == nullptr) co_return base::fail(base::Errc::conversation_not_found);
    auto& stored = messages[draft.conversation_id];
    const Message message{.id = draft.id,
                          .conversation_id = draft.conversation_id,
                          .seq = std::ssize(stored) + 1,
                          .author_id = draft.author_id,
                          .content = draft.content,
                          .status = MessageStatus::sent,
                          .created_at = draft.created_at,
                          .client_message_id = draft.client_message_id};
    stored.push_back(message);
    co_return StoredMessage{.message = message, .positions = take_positions(draft.participants, NewMessage{message})};
  }

  Task<Result<StoredReceipt>> advance_watermarks(ReceiptDraft draft) override {
    auto passed = co_await pass("advance_watermarks");
    if (!passed) co_return base::forward(passed);
    auto& marks = row(draft.conversation_id)->watermarks[draft.reader_id];
    const auto before = marks;
    marks.read_seq = std::max(marks.read_seq, draft.watermarks.read_seq);
    marks.delivered_seq = std::max({marks.delivered_seq, draft.watermarks.delivered_seq, marks.read_seq});
    if (marks == before) co_return StoredReceipt{.watermarks = marks, .moved = false, .positions = {}};
    const StatusMoved event{draft.conversation_id, draft.reader_id, marks};
    co_return StoredReceipt{.watermarks = marks, .moved = true, .positions = take_positions(draft.participants, event)};
  }

  Task<Result<std::optional<Message>>> find_by_client_message_id(UserId author, ClientMessageId id) override {
    auto passed = co_await pass("find_by_client_message_id");
    if (!passed) co_return base::forward(passed);
    const auto* found = find_key(author, id);
    co_return found == nullptr ? std::nullopt : std::optional(*found);
  }

  Task<Result<std::optional<Seq>>> find_seq(ConversationId conversation, MessageId message) override {
    auto passed = co_await pass("find_seq");
    if (!passed) co_return base::forward(passed);
    const auto& stored = messages[conversation];
    const auto found = std::ranges::find(stored, message, &Message::id);
    co_return found == stored.end() ? std::nullopt : std::optional(found->seq);
  }

  Task<Result<std::vector<Message>>> find_many_by_conversation(ConversationId conversation, HistoryRange range,
                                                               int limit) override {
    auto passed = co_await pass("find_many_by_conversation");
    if (!passed) co_return base::forward(passed);
    const auto& stored = messages[conversation];
    const auto count = std::ssize(stored);
    const bool forwards = range.from == HistoryRange::From::after;
    const auto end = range.from == HistoryRange::From::before ? std::clamp<Seq>(range.anchor - 1, 0, count) : count;
    const auto first = forwards ? std::min(range.anchor, count) : std::max<Seq>(0, end - limit);
    const auto last = forwards ? std::min(count, first + limit) : end;
    co_return std::vector<Message>(stored.begin() + first, stored.begin() + last);
  }

  // --- IConversationRepository
  Task<Result<std::optional<ConversationHeader>>> find_header(ConversationId id) override {
    auto passed = co_await pass("find_header");
    if (!passed) co_return base::forward(passed);
    co_return header_of(row(id));
  }

  Task<Result<std::optional<ConversationHeader>>> find_header_of_pair(UserPair pair) override {
    auto passed = co_await pass("find_header_of_pair");
    if (!passed) co_return base::forward(passed);
    co_return header_of(row(pair));
  }

  Task<Result<OpenedConversation>> find_or_create(UserPair pair, ConversationId fresh_id, SystemTime now) override {
    auto passed = co_await pass("find_or_create");
    if (!passed) co_return base::forward(passed);
    if (const auto* present = row(pair))
      co_return OpenedConversation{.views = {view(*present), view(*present)}, .created = false, .positions = {}};
    rows_.push_back({.id = fresh_id, .pair = pair, .created_at = now});
    const auto shown = view(rows_.back());
    co_return OpenedConversation{
        .views = {shown, shown}, .created = true, .positions = take_positions(pair, ConversationUpdated{shown})};
  }

  Task<Result<std::optional<Conversation>>> find_for_user(ConversationId id, UserId user) override {
    auto passed = co_await pass("find_for_user");
    if (!passed) co_return base::forward(passed);
    const auto* found = row(id);
    if (found == nullptr || !found->pair.contains(user)) co_return std::nullopt;
    co_return view(*found);
  }

  Task<Result<InboxPage>> find_many_by_user(UserId user, std::optional<InboxCursor> after, int limit) override {
    auto passed = co_await pass("find_many_by_user");
    if (!passed) co_return base::forward(passed);
    std::vector<Conversation> own;
    for (const auto& each : rows_) {
      if (each.pair.contains(user)) own.push_back(view(each));
    }
    std::ranges::sort(own, std::greater<>(), [](const Conversation& c) { return std::pair(c.created_at, c.id); });
    InboxPage page{.conversations = {}, .next = std::nullopt, .head = std::ssize(feeds[user])};
    for (auto& each : own) {
      if (after && std::pair(each.created_at, each.id) >= std::pair(after->activity, after->id)) continue;
      if (std::ssize(page.conversations) == limit) {
        page.next = InboxCursor{page.conversations.back().created_at, page.conversations.back().id};
        break;
      }
      page.conversations.push_back(each);
    }
    co_return page;
  }

  Task<Result<std::optional<CanSendChange>>> set_can_send(ConversationId id, bool can_send) override {
    auto passed = co_await pass("set_can_send");
    if (!passed) co_return base::forward(passed);
    auto* changed = row(id);
    if (changed == nullptr || changed->can_send == can_send) co_return std::nullopt;
    changed->can_send = can_send;
    const auto shown = view(*changed);
    co_return CanSendChange{.views = {shown, shown},
                            .positions = take_positions(changed->pair, ConversationUpdated{shown})};
  }

  // --- IFeedRepository
  Task<Result<Position>> head(UserId user) override {
    auto passed = co_await pass("head");
    if (!passed) co_return base::forward(passed);
    co_return std::ssize(feeds[user]);
  }

  Task<Result<std::vector<Position>>> heads(std::vector<UserId> users) override {
    auto passed = co_await pass("heads");
    if (!passed) co_return base::forward(passed);
    std::vector<Position> heads;
    for (const auto& user : users) heads.push_back(std::ssize(feeds[user]));
    co_return heads;
  }

  Task<Result<FeedPage>> events_since(UserId user, Position since, int limit) override {
    auto passed = co_await pass("events_since");
    if (!passed) co_return base::forward(passed);
    const auto& feed = feeds[user];
    FeedPage page{.events = {}, .head = std::ssize(feed)};
    const auto first = std::min(since, page.head);
    const auto last = std::min(first + limit, page.head);
    page.events.assign(feed.begin() + first, feed.begin() + last);
    page.more = last < page.head;
    co_return page;
  }

 private:
  struct Row {
    ConversationId id;
    UserPair pair;
    bool can_send = true;
    SystemTime created_at{};
    std::map<UserId, Watermarks> watermarks{};
  };
  struct Passed {};

  Task<Result<void>> pass(std::string operation) {
    ++calls[operation];
    co_await base::async<Passed>([&](base::Completion<Passed> done) {
      if (const auto held = held_.find(operation); held != held_.end()) {
        held->second.push_back(std::move(done));
        return;
      }
      base::Executor::current().post([done = std::move(done)]() mutable { done({}); });
    });
    if (const auto failure = failures.find(operation); failure != failures.end()) co_return base::fail(failure->second);
    co_return Result<void>();
  }

  Row* row(const ConversationId& id) {
    const auto found = std::ranges::find(rows_, id, &Row::id);
    return found == rows_.end() ? nullptr : &*found;
  }
  Row* row(const UserPair& pair) {
    const auto found = std::ranges::find(rows_, pair, &Row::pair);
    return found == rows_.end() ? nullptr : &*found;
  }
  static std::optional<ConversationHeader> header_of(const Row* row) {
    if (row == nullptr) return std::nullopt;
    return ConversationHeader{.id = row->id, .participants = row->pair, .can_send = row->can_send};
  }
  Conversation view(const Row& row) {
    return {.id = row.id,
            .participants = {Participant{row.pair.low(), {}}, Participant{row.pair.high(), {}}},
            .created_at = row.created_at,
            .last_seq = std::ssize(messages[row.id]),
            .last_message = std::nullopt,
            .can_send = row.can_send};
  }
  const Message* find_key(const UserId& author, const ClientMessageId& key) {
    for (const auto& [id, stored] : messages) {
      for (const auto& message : stored) {
        if (message.author_id == author && message.client_message_id == key) return &message;
      }
    }
    return nullptr;
  }
  PairPositions take_positions(const UserPair& pair, const Event& event) {
    const auto take = [&](const UserId& user) {
      auto& feed = feeds[user];
      feed.push_back({.position = std::ssize(feed) + 1, .event = event});
      return feed.back().position;
    };
    const auto low = take(pair.low());
    return {.low = low, .high = take(pair.high())};
  }

  std::deque<Row> rows_;
  std::map<std::string, std::vector<base::Completion<Passed>>> held_;
};

}  // namespace messaging::test
