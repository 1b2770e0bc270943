// The seed's MessagingService: what can be done with conversations, for the gateway and for gRPC alike. Knows no
// socket. Any executor's thread; every operation resumes its caller on the thread it was called on.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messaging/connection_auth_guard.hpp"
#include "messaging/notifier.hpp"
#include "messaging/opaque_tokens.hpp"
#include "messaging/rate_limiter.hpp"
#include "messaging/repositories.hpp"
#include "messaging/send_order.hpp"

namespace messaging {

class ReceiptCoalescer;
class RecentSeqs;
class TypingTracker;

// The inputs below are validated by content_rules.hpp and by the edges' DTOs before they come here.
struct SendMessage {
  ConversationId conversation_id;
  std::string content;
  std::optional<ClientMessageId> client_message_id;
};

struct HistoryQuery {
  ConversationId conversation_id;
  int limit = 50;
  // At most one of both: a cursor from an earlier page, or the message to centre on.
  std::optional<std::string> cursor;
  std::optional<MessageId> around;
};

struct MessageHistory {
  std::vector<Message> messages;  // ascending by seq
  std::optional<std::string> older_cursor;
  std::optional<std::string> newer_cursor;
};

struct Inbox {
  std::vector<Conversation> conversations;
  std::optional<std::string> next_cursor;
  std::string offset;
};

struct SyncPage {
  struct Entry {
    Event event;
    std::string offset;
  };
  std::vector<Entry> events;
  std::string offset;
  bool more = false;
};

// Everything that MessagingService works with; owned by the application, outlives it.
struct MessagingDependencies {
  const base::Clock& clock;
  IMessageRepository& messages;
  IConversationRepository& conversations;
  IFeedRepository& feeds;
  ConnectionAuthGuard& guard;
  Notifier& notifier;
  const OpaqueTokens& tokens;
  RateLimiter& rate_limiter;
};

class MessagingService {
 public:
  static constexpr int history_limit_max = 100;
  static constexpr int inbox_limit_max = 100;
  static constexpr int sync_limit_max = 1000;

  explicit MessagingService(MessagingDependencies dependencies);
  ~MessagingService();
  MessagingService(const MessagingService&) = delete;
  MessagingService& operator=(const MessagingService&) = delete;

  // Guard: connection. Durable when it returns. A repeated (author, clientMessageId) gets the first message again, also
  // where the guard or the rate limit would refuse it now; idempotency_mismatch where content or conversation differ.
  // With an `order`, messages are stored in the order of the calls; it outlives the operation.
  Task<Result<Message>> create_message(Caller caller, SendMessage message, SendOrder* order = nullptr);

  // Guard: connection by a cached decision alone; where none is cached the event is dropped and a decision fetched.
  Task<Result<void>> broadcast_typing_event(Caller caller, ConversationId conversation, bool is_typing);

  // Guard: participant. "All up to this one"; validation_failed (messageId) where the message is not in the
  // conversation. The first receipt at once, then one write per conversation and reader every 250 ms; returns after the
  // commit that covers it.
  Task<Result<Watermarks>> mark_delivered(Caller caller, ConversationId conversation, MessageId message);
  Task<Result<Watermarks>> mark_read(Caller caller, ConversationId conversation, MessageId message);

  // Guard: participant. cursor_invalid; validation_failed (around) where that message is not in the conversation.
  Task<Result<MessageHistory>> get_message_history(Caller caller, HistoryQuery query);

  Task<Result<Inbox>> get_conversations(Caller caller, int limit, std::optional<std::string> cursor);
  // Guard: participant.
  Task<Result<Conversation>> get_conversation(Caller caller, ConversationId conversation);
  // Guard: connection; validation_failed (userId) with oneself.
  Task<Result<Conversation>> open_conversation(Caller caller, UserId other);

  // The caller's own feed since an offset; resync_required where it cannot be read or lies above the head.
  Task<Result<SyncPage>> sync(Caller caller, std::string since, int limit);

  // The typist's last device on this node is gone: whoever was told "typing" is told that it ended.
  void user_disconnected(const UserId& user);

  // Ends timers, waits for receipts that are being written, then calls `done`. Call on an executor's thread, after the
  // tasks of the other operations have ended: they are their callers'.
  void stop(base::Job done);

 private:
  struct HistoryPage;

  Task<Result<Message>> answer_from_key(UserId author, SendMessage message, base::Error refusal);
  void publish_message(const StoredMessage& stored, const UserPair& participants, const Caller& sender);
  // What a write that failed means: where it may stand all the same, somebody has to look.
  base::Error failed_write(base::Error error);
  Task<Result<Watermarks>> mark(Caller caller, ConversationId conversation, MessageId message, bool read);
  Task<Result<std::optional<Seq>>> seq_of(ConversationId conversation, MessageId message);
  Task<Result<HistoryPage>> read_history(UserId caller, HistoryQuery query);
  Task<Result<HistoryPage>> read_range(ConversationId conversation, HistoryRange range, int limit);
  Task<Result<HistoryPage>> read_around(ConversationId conversation, Seq target, int limit);
  [[nodiscard]] Result<void> take_token(const UserId& user, RateLimiter::Kind kind);
  [[nodiscard]] static Result<void> check_limit(int limit, int limit_max);

  MessagingDependencies with_;
  std::unique_ptr<TypingTracker> typing_;
  std::unique_ptr<ReceiptCoalescer> receipts_;
  std::unique_ptr<RecentSeqs> seqs_;
  // Refused sends whose key is being looked up now.
  std::atomic<int> key_lookups_{0};
};

}  // namespace messaging
