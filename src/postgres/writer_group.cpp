#include "postgres/writer_group.hpp"

namespace postgres {

std::size_t WriterGroup::route(const WriteRequest& request) {
  struct Visitor {
    std::size_t operator()(const messaging::MessageDraft& draft) const { return of(draft.conversation_id); }
    std::size_t operator()(const messaging::ReceiptDraft& draft) const { return of(draft.conversation_id); }
    std::size_t operator()(const OpenDraft& draft) const { return std::hash<messaging::UserPair>{}(draft.pair); }
    std::size_t operator()(const CanSendDraft& draft) const { return of(draft.conversation_id); }

    static std::size_t of(const messaging::ConversationId& id) {
      // Multiplied, and the upper half taken: the hash of an id need not spread its last bit.
      return (id.value.hash() * 0x9e3779b97f4a7c15) >> 32;
    }
  };
  return std::visit(Visitor{}, request);
}

std::string WriterGroup::trouble() const {
  for (const auto& writer : writers_) {
    if (auto trouble = writer->trouble(); !trouble.empty()) return trouble;
  }
  return {};
}

}  // namespace postgres
