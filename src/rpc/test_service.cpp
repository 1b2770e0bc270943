#include "rpc/test_service.hpp"

#include <algorithm>
#include <future>

#include "auth/jwt_signer.hpp"
#include "auth/key_set.hpp"

namespace rpc {
namespace {

using namespace messaging;

constexpr std::string_view secret = "a secret of the tests, 32 bytes or more";

const UserPair& participants() {
  static const UserPair pair(*UserId::parse("alice"), *UserId::parse("bob"));
  return pair;
}

const ConversationId& the_conversation() {
  static const auto id = *ConversationId::parse(TestService::conversation_id);
  return id;
}

Message message(Seq seq) {
  auto id = std::string(TestService::message_id);
  id.back() = static_cast<char>('0' + seq);
  return {.id = *MessageId::parse(id),
          .conversation_id = the_conversation(),
          .seq = seq,
          .author_id = *UserId::parse("bob"),
          .content = "message " + std::to_string(seq),
          .status = MessageStatus::delivered,
          .created_at = SystemTime(base::seconds(1'700'000'000 + seq)),
          .client_message_id = std::nullopt};
}

Conversation conversation() {
  return {
      .id = the_conversation(),
      .participants = {Participant{.user_id = participants().low(), .watermarks = {.delivered_seq = 3, .read_seq = 1}},
                       Participant{.user_id = participants().high(), .watermarks = {}}},
      .created_at = SystemTime(base::seconds(1'700'000'000)),
      .last_seq = 3,
      .last_message = message(3),
      .unread_count = 2,
      .can_send = true};
}

// What the fakes below obey; written by the test's thread before a call and read by an executor's during it.
struct Behaviour {
  std::mutex mutex;
  bool connected = true;
  Position feed_length = 0;
  std::optional<base::Errc> failure;
  Position fails_from = 0;
  std::string forwarded_token;

  template <class T>
  Result<T> unless_failing(T value, Position at = 0) {
    const std::lock_guard lock(mutex);
    if (failure && at >= fails_from) return base::fail(*failure);
    return value;
  }
};

struct Messages final : IMessageRepository {
  explicit Messages(Behaviour& shared) : behaviour(shared) {}

  Task<Result<StoredMessage>> create(MessageDraft draft) override {
    const Message stored{.id = draft.id,
                         .conversation_id = draft.conversation_id,
                         .seq = 4,
                         .author_id = draft.author_id,
                         .content = draft.content,
                         .status = MessageStatus::sent,
                         .created_at = draft.created_at,
                         .client_message_id = draft.client_message_id};
    co_return behaviour.unless_failing(StoredMessage{.message = stored, .positions = {.low = 1, .high = 1}});
  }
  Task<Result<StoredReceipt>> advance_watermarks(ReceiptDraft draft) override {
    co_return behaviour.unless_failing(StoredReceipt{.watermarks = draft.watermarks, .moved = true, .positions = {}});
  }
  Task<Result<std::optional<Message>>> find_by_client_message_id(UserId, ClientMessageId) override {
    co_return behaviour.unless_failing(std::optional<Message>());
  }
  Task<Result<std::optional<Seq>>> find_seq(ConversationId, MessageId id) override {
    co_return behaviour.unless_failing(id == message(3).id ? std::optional<Seq>(3) : std::nullopt);
  }
  Task<Result<std::vector<Message>>> find_many_by_conversation(ConversationId, HistoryRange range, int limit) override {
    std::vector<Message> found;
    for (Seq seq = 3; seq >= 1 && std::ssize(found) < limit; --seq) {
      if (range.from != HistoryRange::From::before || seq < range.anchor) found.push_back(message(seq));
    }
    std::ranges::reverse(found);
    co_return behaviour.unless_failing(std::move(found));
  }

  Behaviour& behaviour;
};

struct Conversations final : IConversationRepository {
  explicit Conversations(Behaviour& shared) : behaviour(shared) {}

  Task<Result<std::optional<ConversationHeader>>> find_header(ConversationId id) override {
    std::optional<ConversationHeader> header;
    if (id == the_conversation()) header = {.id = id, .participants = participants(), .can_send = true};
    co_return behaviour.unless_failing(std::move(header));
  }
  Task<Result<std::optional<ConversationHeader>>> find_header_of_pair(UserPair) override {
    co_return behaviour.unless_failing(std::optional<ConversationHeader>());
  }
  Task<Result<OpenedConversation>> find_or_create(UserPair, ConversationId, SystemTime) override {
    co_return behaviour.unless_failing(
        OpenedConversation{.views = {conversation(), conversation()}, .created = false, .positions = {}});
  }
  Task<Result<std::optional<Conversation>>> find_for_user(ConversationId id, UserId user) override {
    std::optional<Conversation> found;
    if (id == the_conversation() && participants().contains(user)) found = conversation();
    co_return behaviour.unless_failing(std::move(found));
  }
  Task<Result<InboxPage>> find_many_by_user(UserId, std::optional<InboxCursor> after, int) override {
    InboxPage page{.conversations = {conversation()}, .next = std::nullopt, .head = 7};
    if (!after) page.next = InboxCursor{.activity = conversation().created_at, .id = the_conversation()};
    co_return behaviour.unless_failing(std::move(page));
  }
  Task<Result<std::optional<CanSendChange>>> set_can_send(ConversationId, bool) override {
    co_return behaviour.unless_failing(std::optional<CanSendChange>());
  }

  Behaviour& behaviour;
};

struct Feeds final : IFeedRepository {
  explicit Feeds(Behaviour& shared) : behaviour(shared) {}

  Task<Result<Position>> head(UserId) override { co_return behaviour.unless_failing(length()); }
  Task<Result<std::vector<Position>>> heads(std::vector<UserId> users) override {
    co_return behaviour.unless_failing(std::vector<Position>(users.size(), length()));
  }
  Task<Result<FeedPage>> events_since(UserId, Position since, int limit) override {
    FeedPage page{.events = {}, .head = length(), .more = length() > since + limit};
    for (Position at = since + 1; at <= std::min(page.head, since + limit); ++at) {
      page.events.push_back({.position = at, .event = NewMessage{message(3)}});
    }
    co_return behaviour.unless_failing(std::move(page), since);
  }
  Position length() {
    const std::lock_guard lock(behaviour.mutex);
    return behaviour.feed_length;
  }

  Behaviour& behaviour;
};

struct Connections final : ConnectionsClient {
  explicit Connections(Behaviour& shared) : behaviour(shared) {}

  Task<Result<bool>> is_connected(UserId, UserId, BearerToken token, base::TraceContext) override {
    const std::lock_guard lock(behaviour.mutex);
    behaviour.forwarded_token = *token;
    co_return behaviour.connected;
  }
  void observe_changes(Observer) override {}

  Behaviour& behaviour;
};

struct NobodyListens final : Notifier {
  void publish(const UserId&, Position, std::shared_ptr<const Event>, const DeviceId&,
               const base::TraceContext&) override {}
  void suspect_loss() override {}
  void typing(const UserId&, const ConversationId&, const UserId&, bool) override {}
};

}  // namespace

ThreadExecutor::ThreadExecutor() : thread_([this] { run(); }) {}

ThreadExecutor::~ThreadExecutor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void ThreadExecutor::post(base::Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

base::TimerId ThreadExecutor::schedule(base::milliseconds, base::Job job) {
  const std::lock_guard lock(mutex_);
  timers_.emplace(++last_timer_, std::move(job));
  return last_timer_;
}

void ThreadExecutor::cancel(base::TimerId id) {
  const std::lock_guard lock(mutex_);
  timers_.erase(id);
}

void ThreadExecutor::run() {
  const Scope scope(*this);
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty() || !timers_.empty(); });
    if (stopping_) return;
    base::Job job;
    if (!jobs_.empty()) {
      job = std::move(jobs_.front());
      jobs_.pop_front();
    } else {
      job = std::move(timers_.extract(timers_.begin()).mapped());
    }
    lock.unlock();
    job();
  }
}

void HeldExecutor::post(base::Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  posted_.notify_all();
}

void HeldExecutor::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  posted_.wait(lock, [&] { return jobs_.size() >= count; });
}

void HeldExecutor::run() {
  const Scope scope(*this);
  for (;;) {
    std::unique_lock lock(mutex_);
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
  }
}

struct TestService::Parts {
  base::ManualClock clock;
  Behaviour behaviour;
  Messages messages{behaviour};
  Conversations conversations{behaviour};
  Feeds feeds{behaviour};
  Connections connections{behaviour};
  NobodyListens notifier;
  OpaqueTokens tokens{ServiceState{}};
  RateLimiter rate_limiter{clock, std::nullopt};
  StoppedExecutor background;
  ConnectionAuthGuard guard{clock, conversations, connections, notifier, background};
  MessagingService messaging{MessagingDependencies{.clock = clock,
                                                   .messages = messages,
                                                   .conversations = conversations,
                                                   .feeds = feeds,
                                                   .guard = guard,
                                                   .notifier = notifier,
                                                   .tokens = tokens,
                                                   .rate_limiter = rate_limiter}};
  auth::JwtVerifier verifier{clock, {}, auth::KeySet::from_secret(secret).value()};
};

TestService::TestService() : parts_(std::make_unique<Parts>()) {}
TestService::~TestService() = default;

void TestService::stop_on(base::Executor& executor) {
  std::promise<void> stopped;
  auto is_stopped = stopped.get_future();
  executor.post([this, stopped = std::move(stopped)]() mutable {
    parts_->messaging.stop([stopped = std::move(stopped)]() mutable { stopped.set_value(); });
  });
  is_stopped.wait();
}

messaging::MessagingService& TestService::messaging() {
  return parts_->messaging;
}
const auth::JwtVerifier& TestService::verifier() const {
  return parts_->verifier;
}

std::string TestService::token(std::string_view user, base::seconds ttl) const {
  return auth::sign_hs256(secret, {.subject = std::string(user), .issued_at = parts_->clock.system_now(), .ttl = ttl});
}

std::string TestService::offset(std::string_view user, messaging::Position position) const {
  return parts_->tokens.offset(*base::UserId::parse(user), position);
}

void TestService::set_connected(bool connected) {
  const std::lock_guard lock(parts_->behaviour.mutex);
  parts_->behaviour.connected = connected;
}

void TestService::set_feed_length(messaging::Position length) {
  const std::lock_guard lock(parts_->behaviour.mutex);
  parts_->behaviour.feed_length = length;
}

void TestService::set_failure(std::optional<base::Errc> failure, messaging::Position from) {
  const std::lock_guard lock(parts_->behaviour.mutex);
  parts_->behaviour.failure = failure;
  parts_->behaviour.fails_from = from;
}

std::string TestService::forwarded_token() const {
  const std::lock_guard lock(parts_->behaviour.mutex);
  return parts_->behaviour.forwarded_token;
}

}  // namespace rpc
