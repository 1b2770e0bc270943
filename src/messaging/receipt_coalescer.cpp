// A reader: (none) → writing, with the first receipt: a task of its own begins
//   writing → quiet, after the commit or its failure: all that the write covered are answered
//   quiet → writing, when 250 ms have passed since the write began and more has come meanwhile
//   quiet → (none), when they have passed and nothing has: the task ends
// Receipts that come while a reader is writing or quiet wait in `pending`, unless the stored watermarks cover them
// already.
#include "messaging/receipt_coalescer.hpp"

#include <algorithm>

namespace messaging {
namespace {

using base::Errc;

constexpr bool covers(const Watermarks& stored, const Watermarks& asked) noexcept {
  return stored.read_seq >= asked.read_seq && stored.delivered_seq >= asked.delivered_seq;
}

struct Elapsed {};

}  // namespace

Task<Result<Watermarks>> ReceiptCoalescer::advance(Receipt receipt) {
  auto stored = co_await base::async<Result<Watermarks>>(
      [&](base::Completion<Result<Watermarks>> done) { join(receipt, std::move(done)); });
  co_return stored;
}

void ReceiptCoalescer::join(const Receipt& receipt, base::Completion<Result<Watermarks>> done) {
  std::optional<Result<Watermarks>> at_once;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    const Key key{receipt.conversation.id, receipt.reader};
    auto reader = readers_.find(key);
    if (stopping_) {
      at_once = base::fail(Errc::server_draining);
    } else if (reader == readers_.end() && readers_.size() == readers_max) {
      at_once = base::fail(Errc::overloaded, "too many readers are writing");
    } else if (reader != readers_.end() && covers(reader->second.stored, receipt.watermarks)) {
      at_once = reader->second.stored;
    } else {
      is_first = reader == readers_.end();
      if (is_first) reader = readers_.try_emplace(key).first;
      auto& pending = reader->second.pending;
      if (pending && pending->waiters.size() == waiters_max_per_reader) {
        at_once = base::fail(Errc::overloaded, "too many receipts wait for one write");
      } else {
        merge(pending, receipt, std::move(done));
      }
    }
  }
  // Where there is an answer at once, `done` was not moved into a pending write.
  if (at_once) return done(*std::move(at_once));  // NOLINT(bugprone-use-after-move)
  if (is_first) writing_.spawn(write_until_quiet(receipt.conversation, receipt.reader));
}

void ReceiptCoalescer::merge(std::optional<Pending>& pending, const Receipt& receipt,
                             base::Completion<Result<Watermarks>> done) {
  if (!pending) {
    pending =
        Pending{.watermarks = receipt.watermarks, .device = receipt.device, .trace = receipt.trace, .waiters = {}};
  } else {
    auto& highest = pending->watermarks;
    highest.delivered_seq = std::max(highest.delivered_seq, receipt.watermarks.delivered_seq);
    highest.read_seq = std::max(highest.read_seq, receipt.watermarks.read_seq);
    if (pending->device != receipt.device) pending->device.clear();
  }
  pending->waiters.emplace_back(std::move(done));
}

Task<> ReceiptCoalescer::write_until_quiet(ConversationHeader conversation, UserId reader) {
  auto& executor = base::Executor::current();
  const Key key{conversation.id, reader};
  while (auto pending = take_pending(key)) {
    const base::Deadline quiet_until(clock_, quiet_time);
    auto stored = co_await messages_.advance_watermarks({.conversation_id = conversation.id,
                                                         .participants = conversation.participants,
                                                         .reader_id = reader,
                                                         .watermarks = pending->watermarks});
    const auto answer = settle(conversation, reader, *pending, stored);
    for (auto& waiter : pending->waiters) waiter.answer(answer);
    pending.reset();

    const auto left = quiet_until.remaining(clock_.steady_now());
    co_await base::async<Elapsed>([&](base::Completion<Elapsed> done) {
      (void)executor.schedule(left, [done = std::move(done)]() mutable { done({}); });
    });
  }
}

// What is to be written now; where there is nothing, the reader is forgotten.
std::optional<ReceiptCoalescer::Pending> ReceiptCoalescer::take_pending(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto reader = readers_.find(key);
  auto pending = std::exchange(reader->second.pending, std::nullopt);
  if (!pending) readers_.erase(reader);
  return pending;
}

// What a write's outcome means for everybody else, and what its callers are answered.
Result<Watermarks> ReceiptCoalescer::settle(const ConversationHeader& conversation, const UserId& reader,
                                            const Pending& written, const Result<StoredReceipt>& stored) {
  if (!stored) {
    if (stored.error().code == Errc::storage_unavailable) notifier_.suspect_loss();
    return std::unexpected(stored.error());
  }
  {
    const std::lock_guard lock(mutex_);
    readers_.find({conversation.id, reader})->second.stored = stored->watermarks;
  }
  if (stored->moved) publish(conversation, reader, written, *stored);
  return stored->watermarks;
}

void ReceiptCoalescer::publish(const ConversationHeader& conversation, const UserId& reader, const Pending& written,
                               const StoredReceipt& stored) {
  const auto& pair = conversation.participants;
  const auto& peer = pair.peer_of(reader);
  const auto event = std::make_shared<const Event>(
      StatusMoved{.conversation_id = conversation.id, .user_id = reader, .watermarks = stored.watermarks});
  notifier_.publish(peer, stored.positions.of(pair, peer), event, {}, written.trace);
  notifier_.publish(reader, stored.positions.of(pair, reader), event, written.device, written.trace);
}

void ReceiptCoalescer::stop(base::Job done) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  writing_.on_idle(std::move(done));
}

}  // namespace messaging
