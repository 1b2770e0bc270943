#include "postgres/postgres_message_repository.hpp"

#include <algorithm>
#include <limits>

#include "postgres/statements.hpp"
#include "postgres/table_rows.hpp"

namespace postgres {
namespace {

using base::Result;
using base::Task;
using messaging::ClientMessageId;
using messaging::ConversationId;
using messaging::HistoryRange;
using messaging::Message;
using messaging::MessageId;
using messaging::Seq;
using messaging::StoredMessage;
using messaging::StoredReceipt;
using messaging::UserId;

constexpr Seq after_all_seqs = std::numeric_limits<Seq>::max();

std::vector<Message> read_messages(const BinaryRows& rows) {
  std::vector<Message> messages;
  for (int row = 0; row < rows.size(); ++row) messages.push_back(read_message(rows[row], 0).message);
  return messages;
}

}  // namespace

Task<Result<StoredMessage>> PostgresMessageRepository::create(messaging::MessageDraft draft) {
  return writers_.write<StoredMessage>(std::move(draft));
}

Task<Result<StoredReceipt>> PostgresMessageRepository::advance_watermarks(messaging::ReceiptDraft draft) {
  return writers_.write<StoredReceipt>(std::move(draft));
}

Task<Result<std::optional<Message>>> PostgresMessageRepository::find_by_client_message_id(UserId author,
                                                                                          ClientMessageId id) {
  using Found = std::optional<Message>;
  return readers_.read<Found>(Call{statement::message_by_key, {author.str(), to_binary(id)}},
                              [](const BinaryRows& rows) -> Found {
                                if (rows.empty()) return std::nullopt;
                                return read_message(rows[0], 0).message;
                              });
}

Task<Result<std::optional<Seq>>> PostgresMessageRepository::find_seq(ConversationId conversation, MessageId message) {
  using Found = std::optional<Seq>;
  return readers_.read<Found>(Call{statement::find_seq, {to_binary(conversation), to_binary(message)}},
                              [](const BinaryRows& rows) -> Found {
                                if (rows.empty()) return std::nullopt;
                                return rows[0].int8(0);
                              });
}

Task<Result<std::vector<Message>>> PostgresMessageRepository::find_many_by_conversation(ConversationId conversation,
                                                                                        HistoryRange range, int limit) {
  const bool is_ascending = range.from == HistoryRange::From::after;
  const Seq bound = range.from == HistoryRange::From::newest ? after_all_seqs : range.anchor;
  return readers_.read<std::vector<Message>>(
      Call{is_ascending ? statement::history_after : statement::history_before,
           {to_binary(conversation), to_binary(bound), to_binary(std::int64_t{limit})}},
      [is_ascending](const BinaryRows& rows) {
        auto messages = read_messages(rows);
        if (!is_ascending) std::ranges::reverse(messages);
        return messages;
      });
}

}  // namespace postgres
