// What each write means, inside the batch's transaction: the rules of seq, positions, watermarks and idempotency. The
// writer's thread. Failures are values where nothing was changed; a StorageFailure ends the attempt of the whole batch.
#pragma once

#include "sqlite/write_batch.hpp"

namespace sqlite {

[[nodiscard]] base::Result<messaging::StoredMessage> create_message(WriteBatch& batch,
                                                                    const messaging::MessageDraft& draft);
[[nodiscard]] base::Result<messaging::StoredReceipt> advance_watermarks(WriteBatch& batch,
                                                                        const messaging::ReceiptDraft& draft);
[[nodiscard]] base::Result<messaging::OpenedConversation> find_or_create_conversation(
    WriteBatch& batch, const messaging::UserPair& pair, const messaging::ConversationId& fresh_id,
    base::SystemTime now);
[[nodiscard]] base::Result<std::optional<messaging::CanSendChange>> set_can_send(WriteBatch& batch,
                                                                                 const messaging::ConversationId& id,
                                                                                 bool can_send);

}  // namespace sqlite
