#include "postgres/write_answers.hpp"

#include <unordered_map>

#include "postgres/table_rows.hpp"

namespace postgres {
namespace {

using base::Errc;
using messaging::ConversationId;
using messaging::MessageDraft;
using messaging::PairPositions;
using messaging::ReceiptDraft;
using messaging::UserPair;

// The columns of messaging_write_batch_1.
constexpr int operation_column = 0;
constexpr int outcome_column = 1;
constexpr int seq_column = 2;
constexpr int at_column = 3;
constexpr int low_column = 4;
constexpr int high_column = 5;
constexpr int delivered_column = 6;
constexpr int read_column = 7;
constexpr int earlier_column = 8;

// A call that is repeated with the same message id is answered as its first time was: that commit's answer may have
// been lost.
base::Result<WriteOutcome> answer_again(MessageRow earlier, const MessageDraft& draft) {
  if (earlier.message.id != draft.id) {
    return messaging::StoredMessage{.message = std::move(earlier.message), .positions = {}, .duplicate = true};
  }
  if (earlier.message.conversation_id != draft.conversation_id || earlier.message.author_id != draft.author_id) {
    return base::fail(Errc::internal, "a message id was used twice");
  }
  const PairPositions positions = earlier.positions(draft.participants);
  return messaging::StoredMessage{.message = std::move(earlier.message), .positions = positions, .duplicate = false};
}

// The conversations that the batch's later statements returned.
class Views {
 public:
  explicit Views(const BinaryRows& rows) {
    for (int row = 0; row < rows.size(); ++row) {
      auto views = read_views(rows[row], 0);
      by_pair_.emplace(pair_of(views), views[0].id);
      by_id_.emplace(views[0].id, std::move(views));
    }
  }

  [[nodiscard]] const ConversationViews* of(const ConversationId& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const ConversationViews* of(const UserPair& pair) const {
    const auto found = by_pair_.find(pair);
    return found == by_pair_.end() ? nullptr : of(found->second);
  }

 private:
  std::unordered_map<ConversationId, ConversationViews> by_id_;
  std::unordered_map<UserPair, ConversationId> by_pair_;
};

// What each kind of operation is told, from its row.
class Teller {
 public:
  Teller(const Row& row, const Views& changed, const Views& opened) : row_(row), changed_(changed), opened_(opened) {}

  base::Result<WriteOutcome> operator()(const MessageDraft& draft) const;
  base::Result<WriteOutcome> operator()(const ReceiptDraft& draft) const;
  base::Result<WriteOutcome> operator()(const OpenDraft& draft) const;
  base::Result<WriteOutcome> operator()(const CanSendDraft& draft) const;

 private:
  [[nodiscard]] char outcome() const { return row_.character(outcome_column); }
  [[nodiscard]] PairPositions positions() const {
    return {.low = row_.int8(low_column), .high = row_.int8(high_column)};
  }

  const Row row_;
  const Views& changed_;
  const Views& opened_;
};

base::Result<WriteOutcome> Teller::operator()(const MessageDraft& draft) const {
  switch (outcome()) {
    case 'd':
      return messaging::StoredMessage{.message = {.id = draft.id,
                                                  .conversation_id = draft.conversation_id,
                                                  .seq = row_.int8(seq_column),
                                                  .author_id = draft.author_id,
                                                  .content = draft.content,
                                                  .status = messaging::MessageStatus::sent,
                                                  .created_at = row_.time(at_column),
                                                  .client_message_id = draft.client_message_id},
                                      .positions = positions(),
                                      .duplicate = false};
    case 'e':
      return answer_again(read_message(row_, earlier_column), draft);
    default:
      return base::fail(Errc::conversation_not_found);
  }
}

base::Result<WriteOutcome> Teller::operator()(const ReceiptDraft& /*draft*/) const {
  if (outcome() == 'n') return base::fail(Errc::conversation_not_found);
  const bool moved = outcome() == 'd';
  return messaging::StoredReceipt{
      .watermarks = {.delivered_seq = row_.int8(delivered_column), .read_seq = row_.int8(read_column)},
      .moved = moved,
      .positions = moved ? positions() : PairPositions{}};
}

base::Result<WriteOutcome> Teller::operator()(const OpenDraft& draft) const {
  const auto* views = opened_.of(draft.pair);
  if (views == nullptr) return std::unexpected(unavailable("the pair's key stands on another pair's conversation"));
  const bool is_own = views->front().id == draft.fresh_id;
  return messaging::OpenedConversation{
      .views = *views, .created = is_own, .positions = is_own ? positions() : PairPositions{}};
}

base::Result<WriteOutcome> Teller::operator()(const CanSendDraft& draft) const {
  std::optional<messaging::CanSendChange> change;
  const auto* views = changed_.of(draft.conversation_id);
  if (outcome() == 'd' && views != nullptr) {
    change = messaging::CanSendChange{.views = *views, .positions = positions()};
  }
  return change;
}

}  // namespace

void take_answers(const Operations<PendingWrite>& operations, const std::vector<BinaryRows>& answers) {
  static const BinaryRows none;
  const bool has_views = answers.size() > 1;
  const Views changed(has_views ? answers.at(1) : none);
  const Views opened(has_views ? answers.at(2) : none);
  const BinaryRows& rows = answers.front();
  for (int i = 0; i < rows.size(); ++i) {
    PendingWrite& operation = *operations.at(static_cast<std::size_t>(rows[i].int4(operation_column)) - 1);
    auto result = std::visit(Teller(rows[i], changed, opened), operation.request);
    if (result) {
      operation.succeed(*std::move(result));
    } else {
      operation.fail(std::move(result.error()));
    }
  }
}

}  // namespace postgres
