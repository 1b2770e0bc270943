// The ports to the database. Implemented by sqlite, by postgres and, for tests, in memory; one contract suite
// (tests/contract/repository_contract.hpp) runs against each.
//
// For all operations:
//  - They are called on an executor's thread and resume the caller on it.
//  - Failure is Errc::storage_unavailable (try again: nothing was changed, or the same call with the same ids is
//  answered as
//    if it had succeeded the first time) or the code that the operation names. Errc::server_draining once stop() was
//    called.
//  - A write that returned is durable: the commit's fsync has completed. Writes join a batch that is committed as a
//  whole;
//    one that the database refuses fails alone.
//  - Writes to one conversation take effect one after the other, in one order that seq and all positions follow.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/task.hpp"
#include "messaging/entities.hpp"

namespace messaging {

using base::Result;
using base::Task;

// The position that one write has in the feeds of the conversation's two users; 0 in a feed that it does not touch.
struct PairPositions {
  Position low = 0;
  Position high = 0;

  [[nodiscard]] Position of(const UserPair& pair, const UserId& user) const { return user == pair.low() ? low : high; }
  bool operator==(const PairPositions&) const = default;
};

// --- messages

// A message to be stored. Precondition: the author is one of `participants`, the participants of the conversation.
struct MessageDraft {
  MessageId id;
  ConversationId conversation_id;
  UserPair participants;
  UserId author_id;
  std::string content;
  std::optional<ClientMessageId> client_message_id;
  // The clock's; stored is the later of it and the conversation's last message's.
  SystemTime created_at;
};

struct StoredMessage {
  Message message;
  PairPositions positions;
  // True where (author, clientMessageId) was stored before: `message` is that earlier one, whatever the draft said,
  // nothing was written, and positions are 0. Comparing the two is the caller's part.
  bool duplicate = false;
};

// Which part of a conversation's history.
struct HistoryRange {
  enum class From : std::uint8_t {
    newest,  // the newest `limit`
    before,  // the newest `limit` with seq < anchor
    after,   // the oldest `limit` with seq > anchor
  } from = From::newest;
  Seq anchor = 0;
};

struct ReceiptDraft {
  ConversationId conversation_id;
  UserPair participants;
  UserId reader_id;
  // Where the watermarks should move to at least; capped at the conversation's lastSeq, and delivered is raised to
  // read.
  Watermarks watermarks;
};

struct StoredReceipt {
  // As stored after the operation.
  Watermarks watermarks;
  // False where nothing moved: then no position was taken.
  bool moved = false;
  PairPositions positions;
};

// The seed's IMessageRepository.
class IMessageRepository {
 public:
  virtual ~IMessageRepository() = default;

  // One transaction: the message with the next seq of its conversation, both users' next positions, the peer's unread
  // counter, the conversation's lastSeq and activity. The author's own watermarks do not move. conversation_not_found
  // where the conversation is gone.
  virtual Task<Result<StoredMessage>> create(MessageDraft draft) = 0;

  // One transaction: watermarks forward only, the status column of the peer's messages up to them, the reader's unread
  // counter, one position in both feeds where something moved. conversation_not_found as above.
  virtual Task<Result<StoredReceipt>> advance_watermarks(ReceiptDraft draft) = 0;

  virtual Task<Result<std::optional<Message>>> find_by_client_message_id(UserId author, ClientMessageId id) = 0;

  // The message's seq, where it belongs to this conversation.
  virtual Task<Result<std::optional<Seq>>> find_seq(ConversationId conversation, MessageId message) = 0;

  // At most `limit` messages, always ascending by seq; empty for a conversation without messages or that is not there.
  virtual Task<Result<std::vector<Message>>> find_many_by_conversation(ConversationId conversation, HistoryRange range,
                                                                       int limit) = 0;
};

// --- conversations

// What the guard has to know of a conversation; cached by its user.
struct ConversationHeader {
  ConversationId id;
  UserPair participants;
  bool can_send = true;
};

struct OpenedConversation {
  // As each participant sees it: [0] the low user's view, [1] the high user's.
  std::array<Conversation, 2> views;
  // False where the pair had a conversation already: it is the oldest one of the pair, unchanged, and positions are 0.
  bool created = false;
  PairPositions positions;
};

struct CanSendChange {
  std::array<Conversation, 2> views;
  PairPositions positions;
};

// Where a page of the inbox begins: behind this entry, newest first by (activity, id).
struct InboxCursor {
  SystemTime activity;
  ConversationId id;
  bool operator==(const InboxCursor&) const = default;
};

struct InboxPage {
  std::vector<Conversation> conversations;
  // Where the next page begins; nothing where this was the last.
  std::optional<InboxCursor> next;
  // The head of the user's feed in the snapshot that the page was read from.
  Position head = 0;
};

// The seed's IConversationRepository.
class IConversationRepository {
 public:
  virtual ~IConversationRepository() = default;

  // Nothing where it is not there or has not exactly two participants.
  virtual Task<Result<std::optional<ConversationHeader>>> find_header(ConversationId id) = 0;
  // The pair's conversation: the oldest, if there are several (others than this service write to the tables too).
  virtual Task<Result<std::optional<ConversationHeader>>> find_header_of_pair(UserPair pair) = 0;

  // One per pair, also when both call at once. A new one gets `fresh_id`, `now`, and one position in both feeds.
  virtual Task<Result<OpenedConversation>> find_or_create(UserPair pair, ConversationId fresh_id, SystemTime now) = 0;

  // Nothing where it is not there, has not exactly two participants, or the user is not one of them.
  virtual Task<Result<std::optional<Conversation>>> find_for_user(ConversationId id, UserId user) = 0;

  // Newest first by (last message's or own createdAt, id), read in one snapshot with the head.
  virtual Task<Result<InboxPage>> find_many_by_user(UserId user, std::optional<InboxCursor> after, int limit) = 0;

  // Sets canSend where it differs, with one position in both feeds; nothing where it had that value already (or is not
  // there): of several nodes that try, one gets the change and publishes it.
  virtual Task<Result<std::optional<CanSendChange>>> set_can_send(ConversationId id, bool can_send) = 0;
};

// --- feeds

struct FeedPage {
  // Ascending by position, all > since and <= head. Receipts and conversation updates stand at the position of the
  // latest one of their kind, so positions may skip. Messages and conversations are shown as they are now.
  std::vector<FeedEvent> events;
  // The head of the user's feed in the snapshot that the page was read from.
  Position head = 0;
  // True where events between the last one of this page and `head` were left out because of the limit.
  bool more = false;
};

class IFeedRepository {
 public:
  virtual ~IFeedRepository() = default;

  // 0 for a user that the database has never seen.
  virtual Task<Result<Position>> head(UserId user) = 0;
  // The heads of several users' feeds, in the order of `users`, at most heads_max of them: how a node finds out that it
  // was not told of something.
  static constexpr std::size_t heads_max = 1'000;
  virtual Task<Result<std::vector<Position>>> heads(std::vector<UserId> users) = 0;
  // What the user has to learn since a position, in one snapshot. A `since` above the head: no events, and the head.
  virtual Task<Result<FeedPage>> events_since(UserId user, Position since, int limit) = 0;
};

// --- the service's own

// The row of "ServiceState", made once by the first migration: what pid, offsets and cursors are authenticated with.
struct ServiceState {
  // Changed by `messagingd migrate --new-epoch` after a restore: all older offsets become RESYNC_REQUIRED.
  std::int64_t epoch = 1;
  std::array<std::uint8_t, 32> key{};
};

}  // namespace messaging
