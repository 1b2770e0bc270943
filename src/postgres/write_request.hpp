// A write on its way: what is wanted, and what came of it. Values; made by the repositories, carried out by
// PostgresWriter, a batch at a time.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/task.hpp"
#include "messaging/repositories.hpp"
#include "postgres/pending_operation.hpp"

namespace postgres {

struct OpenDraft {
  messaging::UserPair pair;
  messaging::ConversationId fresh_id;
  base::SystemTime now;
};
struct CanSendDraft {
  messaging::ConversationId conversation_id;
  // As looked up just before; where they are others by now, nothing is changed.
  messaging::UserPair participants;
  bool can_send;
};
using WriteRequest = std::variant<messaging::MessageDraft, messaging::ReceiptDraft, OpenDraft, CanSendDraft>;

// In the order of the requests.
using WriteOutcome = std::variant<messaging::StoredMessage, messaging::StoredReceipt, messaging::OpenedConversation,
                                  std::optional<messaging::CanSendChange>>;

class PendingWrite final : public PendingOperation {
 public:
  PendingWrite(WriteRequest wanted, base::Completion<base::Result<WriteOutcome>> done)
      : request(std::move(wanted)), done_(std::move(done)) {}

  void succeed(WriteOutcome outcome) { result_ = std::move(outcome); }
  void fail(base::Error error) override { result_ = std::unexpected(std::move(error)); }
  void complete() override { done_(std::move(result_)); }

  const WriteRequest request;

 private:
  base::Completion<base::Result<WriteOutcome>> done_;
  base::Result<WriteOutcome> result_ = base::fail(base::Errc::internal, "a write ended without a result");
};

// The conversation's two users.
[[nodiscard]] const messaging::UserPair& pair_of(const WriteRequest& request);

}  // namespace postgres
