// Receipts on their way to the tables: the first of a reader in a conversation at once, then at most one write every
// 250 ms, which carries the highest watermarks that came meanwhile. A client that scrolls through a hundred messages
// costs two writes. Called on executors' threads; a reader's writes run on the thread of the first one until a quiet
// time ends them.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/task_group.hpp"
#include "messaging/notifier.hpp"
#include "messaging/repositories.hpp"
#include "messaging/waiter.hpp"

namespace messaging {

// Who has read or received how far, and which device says so.
struct Receipt {
  ConversationHeader conversation;
  UserId reader;
  Watermarks watermarks;
  DeviceId device;
  base::TraceContext trace{};
};

class ReceiptCoalescer {
 public:
  static constexpr base::milliseconds quiet_time{250};
  // Readers that wrote within the quiet time: 40 000 receipts per second that cannot be merged. Beyond:
  // Errc::overloaded.
  static constexpr std::size_t readers_max = 10'000;
  // Calls that wait for one reader's next write. Beyond: Errc::overloaded.
  static constexpr std::size_t waiters_max_per_reader = 256;

  ReceiptCoalescer(const base::Clock& clock, IMessageRepository& messages, Notifier& notifier)
      : clock_(clock), messages_(messages), notifier_(notifier) {}

  // The stored watermarks, after the commit that covers the receipt. Publishes messageStatus to both users for each
  // write that moved something, before any caller goes on.
  Task<Result<Watermarks>> advance(Receipt receipt);

  // Receipts that come later are Errc::server_draining; calls `done` when the last write and quiet time have ended.
  void stop(base::Job done);

 private:
  struct Key {
    ConversationId conversation;
    UserId reader;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<ConversationId>{}(key.conversation) * 31 + std::hash<UserId>{}(key.reader);
    }
  };
  // What the next write will carry.
  struct Pending {
    Watermarks watermarks;
    // The device whose receipts these are; empty where they are of several.
    DeviceId device;
    // The request that began it.
    base::TraceContext trace;
    std::vector<Waiter<Result<Watermarks>>> waiters;
  };
  struct Reader {
    // As the last commit left them.
    Watermarks stored;
    std::optional<Pending> pending;
  };

  void join(const Receipt& receipt, base::Completion<Result<Watermarks>> done);
  static void merge(std::optional<Pending>& pending, const Receipt& receipt, base::Completion<Result<Watermarks>> done);
  Task<> write_until_quiet(ConversationHeader conversation, UserId reader);
  std::optional<Pending> take_pending(const Key& key);
  Result<Watermarks> settle(const ConversationHeader& conversation, const UserId& reader, const Pending& written,
                            const Result<StoredReceipt>& stored);
  void publish(const ConversationHeader& conversation, const UserId& reader, const Pending& written,
               const StoredReceipt& stored);

  const base::Clock& clock_;
  IMessageRepository& messages_;
  Notifier& notifier_;
  std::mutex mutex_;
  std::unordered_map<Key, Reader, KeyHash> readers_;
  bool stopping_ = false;
  base::TaskGroup writing_;
};

}  // namespace messaging
