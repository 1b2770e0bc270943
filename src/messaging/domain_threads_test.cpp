// What other tests drive by hand runs here on three real threads at once, above all for ThreadSanitizer: the parts that
// promise "any thread", and that whoever waits is resumed on his own.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <latch>
#include <thread>

#include "messaging/connection_auth_guard.hpp"
#include "messaging/receipt_coalescer.hpp"
#include "messaging/test_world.hpp"
#include "messaging/typing_tracker.hpp"

namespace messaging {
namespace {

using test::alice;
using test::alice_and_bob;
using test::bob;
using test::conversation;

// An event loop on a thread of its own.
class ThreadExecutor final : public base::Executor {
 public:
  ThreadExecutor() : thread_([this](std::stop_token stop) { loop(stop); }) {}

  void post(base::Job job) override {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
  }
  base::TimerId schedule(base::milliseconds after, base::Job job) override {
    const auto timer = ++last_timer_;
    timers_.emplace(std::pair(clock_.steady_now() + after, timer), std::move(job));
    return timer;
  }
  void cancel(base::TimerId timer) override {
    std::erase_if(timers_, [&](const auto& each) { return each.first.second == timer; });
  }
  // Runs `job` there and waits for it.
  void call(base::Job job) {
    std::promise<void> ran;
    post([&] {
      job();
      ran.set_value();
    });
    ran.get_future().wait();
  }

 private:
  void loop(const std::stop_token& stop) {
    const Scope scope(*this);
    while (!stop.stop_requested()) {
      std::deque<base::Job> ready;
      {
        std::unique_lock lock(mutex_);
        const auto until = timers_.empty() ? clock_.steady_now() + base::seconds(1) : timers_.begin()->first.first;
        wake_.wait_until(lock, stop, until, [&] { return !jobs_.empty(); });
        ready.swap(jobs_);
      }
      for (auto& job : ready) job();
      while (!timers_.empty() && timers_.begin()->first.first <= clock_.steady_now()) {
        auto job = std::move(timers_.extract(timers_.begin()).mapped());
        job();
      }
    }
  }

  const base::SystemClock clock_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<base::Job> jobs_;
  std::map<std::pair<base::SteadyTime, base::TimerId>, base::Job> timers_;
  base::TimerId last_timer_ = 0;
  std::jthread thread_;
};

class CountingNotifier final : public Notifier {
 public:
  void publish(const UserId&, Position, std::shared_ptr<const Event>, const DeviceId&,
               const base::TraceContext&) override {
    ++published;
  }
  void suspect_loss() override {}
  void typing(const UserId&, const ConversationId&, const UserId&, bool) override { ++typed; }
  std::atomic<int> published{0};
  std::atomic<int> typed{0};
};

// The tables under one lock; the hop leaves time for others to come in between.
class LockedTables {
 public:
  template <class Call>
  auto with(Call call) {
    const std::lock_guard lock(mutex_);
    return call(watermarks_, can_send_, position_);
  }

 private:
  std::mutex mutex_;
  Watermarks watermarks_;
  bool can_send_ = true;
  Position position_ = 0;
};

struct Hop {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) const {
    base::Executor::current().post([task] { task.resume(); });
  }
  void await_resume() const noexcept {}
};

class DomainThreads : public testing::Test,
                      public IMessageRepository,
                      public IConversationRepository,
                      public ConnectionsClient {
 protected:
  // All of them may come to wait for one write.
  static constexpr int tasks_per_thread = 80;
  static_assert(3 * tasks_per_thread <= ReceiptCoalescer::waiters_max_per_reader);

  Task<Result<bool>> is_connected(UserId, UserId, BearerToken, base::TraceContext) override {
    co_await Hop{};
    co_return ++asked_ % 3 != 0;
  }
  void observe_changes(Observer) override {}

  Task<Result<StoredReceipt>> advance_watermarks(ReceiptDraft draft) override {
    co_await Hop{};
    co_return tables_.with([&](Watermarks& marks, bool&, Position& position) {
      const bool moved = draft.watermarks.read_seq > marks.read_seq;
      if (moved) marks = {draft.watermarks.read_seq, draft.watermarks.read_seq};
      return StoredReceipt{.watermarks = marks, .moved = moved, .positions = {++position, position}};
    });
  }
  Task<Result<std::optional<CanSendChange>>> set_can_send(ConversationId, bool value) override {
    co_await Hop{};
    co_return tables_.with([&](Watermarks&, bool& can_send, Position& position) -> std::optional<CanSendChange> {
      if (std::exchange(can_send, value) == value) return std::nullopt;
      return CanSendChange{.views = {}, .positions = {++position, position}};
    });
  }
  Task<Result<std::optional<ConversationHeader>>> find_header(ConversationId) override { return header(); }
  Task<Result<std::optional<ConversationHeader>>> find_header_of_pair(UserPair) override { return header(); }
  Task<Result<std::optional<ConversationHeader>>> header() {
    co_await Hop{};
    const bool can_send = tables_.with([](Watermarks&, bool& value, Position&) { return value; });
    co_return ConversationHeader{conversation, alice_and_bob, can_send};
  }

  // Not needed here.
  Task<Result<StoredMessage>> create(MessageDraft) override { co_return base::fail(base::Errc::internal); }
  Task<Result<std::optional<Message>>> find_by_client_message_id(UserId, ClientMessageId) override {
    co_return std::nullopt;
  }
  Task<Result<std::optional<Seq>>> find_seq(ConversationId, MessageId) override { co_return std::nullopt; }
  Task<Result<std::vector<Message>>> find_many_by_conversation(ConversationId, HistoryRange, int) override {
    co_return std::vector<Message>();
  }
  Task<Result<OpenedConversation>> find_or_create(UserPair, ConversationId, SystemTime) override {
    co_return base::fail(base::Errc::internal);
  }
  Task<Result<std::optional<Conversation>>> find_for_user(ConversationId, UserId) override { co_return std::nullopt; }
  Task<Result<InboxPage>> find_many_by_user(UserId, std::optional<InboxCursor>, int) override { co_return InboxPage(); }

  // One client's turn on one thread.
  Task<> act(int number) {
    const auto* home = base::Executor::current_or_null();
    const UserId user = number % 2 == 0 ? alice : bob;
    const UserId& peer = alice_and_bob.peer_of(user);
    auto found = co_await guard_.require_participant(user, conversation);
    EXPECT_EQ(base::Executor::current_or_null(), home);
    auto allowed = co_await guard_.require_connection({user, nullptr, "device"}, *found);
    EXPECT_EQ(base::Executor::current_or_null(), home);
    if (number % 50 == 0) guard_.apply_change(alice_and_bob, number % 100 == 0);
    typing_.typed(user, conversation, peer, number % 3 != 0);
    if (number % 7 == 0) typing_.message_stored(user, conversation);
    if (number % 11 == 0) typing_.user_disconnected(user);
    auto stored = co_await receipts_.advance({*found, bob, {number, number}, "device"});
    EXPECT_EQ(base::Executor::current_or_null(), home);
    EXPECT_GE(stored->read_seq, number);
    ended_.count_down();
  }

  std::array<ThreadExecutor, 3> threads_;
  std::latch ended_{3 * tasks_per_thread};
  LockedTables tables_;
  std::atomic<int> asked_{0};
  base::SystemClock clock_;
  CountingNotifier notifier_;
  TypingTracker typing_{clock_, notifier_};
  ReceiptCoalescer receipts_{clock_, *this, notifier_};
  ConnectionAuthGuard guard_{clock_, *this, *this, notifier_, threads_[0]};
  base::TaskGroup tasks_;
};

TEST_F(DomainThreads, three_threads_at_once_are_all_answered_on_their_own_thread_and_stop_in_order) {
  for (std::size_t thread = 0; thread < threads_.size(); ++thread) {
    threads_[thread].post([this, thread] {
      for (int i = 1; i <= tasks_per_thread; ++i) tasks_.spawn(act(3 * i + static_cast<int>(thread)));
    });
  }
  ended_.wait();
  for (auto& thread : threads_) thread.call([] {});

  std::promise<void> stopped;
  threads_[1].post([&] { typing_.stop([&] { receipts_.stop([&] { guard_.stop([&] { stopped.set_value(); }); }); }); });
  stopped.get_future().wait();
  EXPECT_EQ(tables_.with([](Watermarks& marks, bool&, Position&) { return marks.read_seq; }), 3 * tasks_per_thread + 2);
  EXPECT_GT(notifier_.typed, 0);
  EXPECT_GT(notifier_.published, 0);
  for (auto& thread : threads_) thread.call([] {});
}

}  // namespace
}  // namespace messaging
