// The operations of one transaction: which may go together, how they are put to messaging_write_batch_1, and what each
// of them is told. Its writer's thread.
#pragma once

#include <unordered_set>

#include "postgres/exchange.hpp"
#include "postgres/write_request.hpp"

namespace postgres {

// The function carries operations out one after the other, but looks for what was stored earlier before the first one,
// and shows conversations as they are after the last one. So a batch ends before an operation that would have to see
// another one of the same batch in one of these two ways: the queue's order is kept, and the operation begins the next
// batch. In practice: a client that sends the same key again at once, or opens a conversation twice at once.
class BatchGate {
 public:
  // Notes the request where it is admitted.
  [[nodiscard]] bool admits(const WriteRequest& request);

 private:
  [[nodiscard]] bool is_repeated(const messaging::MessageDraft& draft);

  struct Key {
    messaging::UserId author;
    messaging::ClientMessageId id;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept { return key.id.value.hash(); }
  };
  std::unordered_set<Key, KeyHash> keys_;
  std::unordered_set<messaging::MessageId> message_ids_;
  // Pairs that will be shown as they are after the batch.
  std::unordered_set<messaging::UserPair> shown_;
};

class WriteBatch {
 public:
  WriteBatch() = default;
  explicit WriteBatch(Operations<PendingWrite> operations) : operations_(std::move(operations)) {}

  [[nodiscard]] bool empty() const noexcept { return operations_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return operations_.size(); }
  // When the first of them must be answered. Precondition: not empty.
  [[nodiscard]] base::SteadyTime due() const noexcept { return operations_.front()->due; }

  [[nodiscard]] std::vector<Call> calls() const;
  // Gives every operation its result. What the server answered to calls().
  void take(const std::vector<BinaryRows>& answers);
  void fail_all(const base::Error& error);

  // Splits off the second half. Precondition: more than one.
  [[nodiscard]] WriteBatch split_half();
  // Splits off those whose time is up.
  [[nodiscard]] Operations<PendingWrite> take_expired(base::SteadyTime now);
  [[nodiscard]] Operations<PendingWrite> take_all() { return std::move(operations_); }

  // It may have been committed by a connection that was lost before it said so.
  bool is_in_doubt = false;
  // Attempts that ended because others were in the way.
  int conflicts = 0;

 private:
  Operations<PendingWrite> operations_;
};

}  // namespace postgres
