#include "postgres/write_batch.hpp"

#include <algorithm>

#include "postgres/statements.hpp"
#include "postgres/table_rows.hpp"
#include "postgres/write_answers.hpp"
#include "postgres/write_parameters.hpp"

namespace postgres {
namespace {

using messaging::MessageDraft;
using messaging::ReceiptDraft;
using messaging::UserPair;

template <class Draft>
const Draft* as(const PendingWrite& operation) {
  return std::get_if<Draft>(&operation.request);
}

}  // namespace

const UserPair& pair_of(const WriteRequest& request) {
  struct Visitor {
    const UserPair& operator()(const MessageDraft& draft) const { return draft.participants; }
    const UserPair& operator()(const ReceiptDraft& draft) const { return draft.participants; }
    const UserPair& operator()(const OpenDraft& draft) const { return draft.pair; }
    const UserPair& operator()(const CanSendDraft& draft) const { return draft.participants; }
  };
  return std::visit(Visitor{}, request);
}

// --- what goes together

bool BatchGate::is_repeated(const MessageDraft& draft) {
  if (!message_ids_.insert(draft.id).second) return true;
  return draft.client_message_id && !keys_.insert({draft.author_id, *draft.client_message_id}).second;
}

bool BatchGate::admits(const WriteRequest& request) {
  if (!shown_.empty() && shown_.contains(pair_of(request))) return false;
  if (const auto* draft = std::get_if<MessageDraft>(&request)) return !is_repeated(*draft);
  if (!std::holds_alternative<ReceiptDraft>(request)) shown_.insert(pair_of(request));
  return true;
}

// --- the batch

std::vector<Call> WriteBatch::calls() const {
  std::vector<Call> calls;
  calls.push_back({statement::write_batch, write_parameters(operations_, is_in_doubt)});
  BinaryArray ids(ElementType::uuid);
  BinaryArray pairs(ElementType::text);
  bool has_views = false;
  for (const auto& operation : operations_) {
    if (const auto* draft = as<OpenDraft>(*operation)) {
      pairs.add(std::string_view(pair_key(draft->pair)));
      has_views = true;
    } else if (const auto* change = as<CanSendDraft>(*operation)) {
      ids.add(change->conversation_id.value);
      has_views = true;
    }
  }
  if (has_views) {
    calls.push_back({statement::views_by_id, {ids.take()}});
    calls.push_back({statement::views_by_pair, {pairs.take()}});
  }
  return calls;
}

void WriteBatch::take(const std::vector<BinaryRows>& answers) {
  take_answers(operations_, answers);
}

void WriteBatch::fail_all(const base::Error& error) {
  for (const auto& operation : operations_) operation->fail(error);
}

WriteBatch WriteBatch::split_half() {
  const auto middle = operations_.begin() + std::ssize(operations_) / 2;
  WriteBatch second(Operations<PendingWrite>(std::move_iterator(middle), std::move_iterator(operations_.end())));
  operations_.erase(middle, operations_.end());
  second.is_in_doubt = is_in_doubt;
  return second;
}

Operations<PendingWrite> WriteBatch::take_expired(base::SteadyTime now) {
  // They were queued in the order of their deadlines.
  const auto alive = std::ranges::find_if(operations_, [&](const auto& operation) { return operation->due > now; });
  Operations<PendingWrite> expired(std::move_iterator(operations_.begin()), std::move_iterator(alive));
  operations_.erase(operations_.begin(), alive);
  return expired;
}

}  // namespace postgres
