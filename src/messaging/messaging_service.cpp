#include "messaging/messaging_service.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "messaging/receipt_coalescer.hpp"
#include "messaging/recent_seqs.hpp"
#include "messaging/typing_tracker.hpp"

namespace messaging {
namespace {

using base::Errc;
using base::metrics::Counter;

// Rate-limited sends are looked up by their key like every refused send, but not more than this many at a time: a
// client that floods must not turn the limit into a load on the tables. Beyond it the refusal stands, and the client
// tries again later.
constexpr int rate_limited_lookups_max = 64;

// Refusals that may meet a retry of something that was stored while it was still allowed.
constexpr bool may_be_retry_of_stored(Errc refusal) noexcept {
  return refusal == Errc::not_connected || refusal == Errc::rate_limited || refusal == Errc::authz_unavailable;
}

std::unexpected<base::Error> refused(base::Error error) {
  base::metrics::add(Counter::messages_refused);
  return std::unexpected(std::move(error));
}

// What a repeated key is answered with: the first message, where the repetition says the same.
Result<Message> answer_repetition(Message earlier, const ConversationId& conversation, std::string_view content) {
  if (earlier.conversation_id != conversation || earlier.content != content) {
    return refused({.code = Errc::idempotency_mismatch});
  }
  base::metrics::add(Counter::messages_duplicate);
  return earlier;
}

// Counts a lookup while it runs.
class CountedLookup {
 public:
  explicit CountedLookup(std::atomic<int>& running) : running_(running), before_(running.fetch_add(1)) {}
  ~CountedLookup() { running_.fetch_sub(1); }
  CountedLookup(const CountedLookup&) = delete;
  CountedLookup& operator=(const CountedLookup&) = delete;
  [[nodiscard]] bool is_beyond(int running_max) const noexcept { return before_ >= running_max; }

 private:
  std::atomic<int>& running_;
  int before_;
};

}  // namespace

MessagingService::MessagingService(MessagingDependencies dependencies)
    : with_(dependencies),
      typing_(std::make_unique<TypingTracker>(with_.clock, with_.notifier)),
      receipts_(std::make_unique<ReceiptCoalescer>(with_.clock, with_.messages, with_.notifier)),
      seqs_(std::make_unique<RecentSeqs>()) {}

MessagingService::~MessagingService() = default;

// --- sending

Task<Result<Message>> MessagingService::create_message(Caller caller, SendMessage message, SendOrder* order) {
  std::optional<SendOrder::Turn> turn;
  if (order != nullptr) turn.emplace(co_await order->take_turn());
  if (auto taken = take_token(caller.user, RateLimiter::Kind::send); !taken) {
    co_return co_await answer_from_key(std::move(caller.user), std::move(message), std::move(taken.error()));
  }
  auto conversation = co_await with_.guard.require_participant(caller.user, message.conversation_id);
  if (!conversation) co_return refused(std::move(conversation.error()));
  auto allowed = co_await with_.guard.require_connection(caller, *conversation);
  if (!allowed) {
    co_return co_await answer_from_key(std::move(caller.user), std::move(message), std::move(allowed.error()));
  }

  const auto now = with_.clock.system_now();
  turn.reset();
  auto stored = co_await with_.messages.create({.id = MessageId::v7(now),
                                                .conversation_id = message.conversation_id,
                                                .participants = conversation->participants,
                                                .author_id = caller.user,
                                                .content = message.content,
                                                .client_message_id = message.client_message_id,
                                                .created_at = now});
  if (!stored) co_return refused(failed_write(std::move(stored.error())));
  if (stored->duplicate) {
    co_return answer_repetition(std::move(stored->message), message.conversation_id, message.content);
  }
  base::metrics::add(Counter::messages_stored);
  publish_message(*stored, conversation->participants, caller);
  co_return std::move(stored->message);
}

Task<Result<Message>> MessagingService::answer_from_key(UserId author, SendMessage message, base::Error refusal) {
  if (!message.client_message_id || !may_be_retry_of_stored(refusal.code)) co_return refused(std::move(refusal));
  const CountedLookup lookup(key_lookups_);
  if (refusal.code == Errc::rate_limited && lookup.is_beyond(rate_limited_lookups_max)) {
    co_return refused(std::move(refusal));
  }
  auto earlier = co_await with_.messages.find_by_client_message_id(std::move(author), *message.client_message_id);
  // Not the refusal: it may be final for the client, and whether it is the answer is not known.
  if (!earlier) co_return refused(std::move(earlier.error()));
  if (!*earlier) co_return refused(std::move(refusal));
  co_return answer_repetition(**std::move(earlier), message.conversation_id, message.content);
}

void MessagingService::publish_message(const StoredMessage& stored, const UserPair& participants,
                                       const Caller& sender) {
  const auto& message = stored.message;
  if (base::log::enabled(base::log::Level::debug)) {
    base::log::debug("message.committed", {{"request", sender.trace.request_id()},
                                           {"message", message.id.to_string()},
                                           {"conversation", message.conversation_id.to_string()},
                                           {"seq", message.seq}});
  }
  const auto& author = message.author_id;
  const auto& peer = participants.peer_of(author);
  seqs_->put(message.conversation_id, message.id, message.seq);
  typing_->message_stored(author, message.conversation_id);
  const auto event = std::make_shared<const Event>(NewMessage{message});
  with_.notifier.publish(peer, stored.positions.of(participants, peer), event, {}, sender.trace);
  with_.notifier.publish(author, stored.positions.of(participants, author), event, sender.device, sender.trace);
}

// --- typing and receipts

Task<Result<void>> MessagingService::broadcast_typing_event(Caller caller, ConversationId conversation,
                                                            bool is_typing) {
  if (auto taken = take_token(caller.user, RateLimiter::Kind::typing); !taken) co_return base::forward(taken);
  const auto header = co_await with_.guard.require_participant(caller.user, conversation);
  if (!header) co_return std::unexpected(header.error());
  const auto& peer = header->participants.peer_of(caller.user);
  const auto connected = with_.guard.cached_decision(caller, peer);
  if (!connected) co_return Result<void>();
  if (!*connected) co_return base::fail(Errc::not_connected);
  typing_->typed(caller.user, conversation, peer, is_typing);
  co_return Result<void>();
}

void MessagingService::user_disconnected(const UserId& user) {
  typing_->user_disconnected(user);
}

Task<Result<Watermarks>> MessagingService::mark_delivered(Caller caller, ConversationId conversation,
                                                          MessageId message) {
  return mark(std::move(caller), conversation, message, false);
}

Task<Result<Watermarks>> MessagingService::mark_read(Caller caller, ConversationId conversation, MessageId message) {
  return mark(std::move(caller), conversation, message, true);
}

Task<Result<Watermarks>> MessagingService::mark(Caller caller, ConversationId conversation, MessageId message,
                                                bool read) {
  if (auto taken = take_token(caller.user, RateLimiter::Kind::request); !taken) co_return base::forward(taken);
  auto header = co_await with_.guard.require_participant(caller.user, conversation);
  if (!header) co_return base::forward(header);
  auto seq = co_await seq_of(conversation, message);
  if (!seq) co_return base::forward(seq);
  if (!*seq) co_return base::invalid_field("messageId", "not in the conversation");
  co_return co_await receipts_->advance({.conversation = *std::move(header),
                                         .reader = std::move(caller.user),
                                         .watermarks = {.delivered_seq = **seq, .read_seq = read ? **seq : 0},
                                         .device = std::move(caller.device),
                                         .trace = caller.trace});
}

Task<Result<std::optional<Seq>>> MessagingService::seq_of(ConversationId conversation, MessageId message) {
  if (const auto known = seqs_->find(conversation, message)) co_return known;
  auto found = co_await with_.messages.find_seq(conversation, message);
  if (found && *found) seqs_->put(conversation, message, **found);
  co_return found;
}

// --- parts

Result<void> MessagingService::take_token(const UserId& user, RateLimiter::Kind kind) {
  const auto wait = with_.rate_limiter.try_take(user, kind);
  if (!wait) return {};
  base::metrics::add(Counter::rate_limited);
  return std::unexpected(base::Error{.code = Errc::rate_limited, .retry_after = *wait});
}

base::Error MessagingService::failed_write(base::Error error) {
  if (error.code == Errc::storage_unavailable) with_.notifier.suspect_loss();
  return error;
}

Result<void> MessagingService::check_limit(int limit, int limit_max) {
  if (limit < 1 || limit > limit_max) return base::invalid_field("limit");
  return {};
}

void MessagingService::stop(base::Job done) {
  typing_->stop([this, done = std::move(done)]() mutable { receipts_->stop(std::move(done)); });
}

}  // namespace messaging
