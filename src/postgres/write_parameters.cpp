#include "postgres/write_parameters.hpp"

#include <algorithm>
#include <unordered_map>

namespace postgres {
namespace {

using messaging::ConversationId;
using messaging::UserId;
using messaging::UserPair;

// The batch's users, ascending by bytes: in this order everybody locks their feeds. Places count from 1, as
// PostgreSQL's arrays.
class UserList {
 public:
  explicit UserList(const Operations<PendingWrite>& operations) {
    users_.reserve(2 * operations.size());
    for (const auto& operation : operations) {
      users_.push_back(&pair_of(operation->request).low());
      users_.push_back(&pair_of(operation->request).high());
    }
    const auto value = [](const UserId* user) -> const UserId& { return *user; };
    std::ranges::sort(users_, {}, value);
    users_.erase(std::ranges::unique(users_, {}, value).begin(), users_.end());
  }

  [[nodiscard]] std::int32_t place_of(const UserId& user) const {
    const auto found = std::ranges::lower_bound(users_, user, {}, [](const UserId* u) -> const UserId& { return *u; });
    return static_cast<std::int32_t>(found - users_.begin()) + 1;
  }
  [[nodiscard]] std::string parameter() const {
    BinaryArray array(ElementType::text);
    for (const auto* user : users_) array.add(std::string_view(user->str()));
    return array.take();
  }

 private:
  std::vector<const UserId*> users_;
};

// The batch's conversations with the two users that the caller takes for their participants.
class ConversationList {
 public:
  // The side of `user`; the function says what that is.
  std::int32_t side_of(const ConversationId& id, const UserPair& pair, const UserId& user, const UserList& users) {
    const auto [entry, is_new] = places_.try_emplace({id, &pair}, static_cast<std::int32_t>(places_.size()));
    if (is_new) {
      ids_.add(id.value);
      members_.add(users.place_of(pair.low()));
      members_.add(users.place_of(pair.high()));
    }
    return 2 * entry->second + (user == pair.low() ? 1 : 2);
  }
  [[nodiscard]] std::string ids() { return ids_.take(); }
  [[nodiscard]] std::string members() { return members_.take(); }

 private:
  struct Key {
    ConversationId id;
    const UserPair* pair;
    bool operator==(const Key& other) const { return id == other.id && *pair == *other.pair; }
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept { return key.id.value.hash(); }
  };
  std::unordered_map<Key, std::int32_t, Hash> places_;
  BinaryArray ids_{ElementType::uuid};
  BinaryArray members_{ElementType::int4};
};

// One element for each operation in each array.
class OperationColumns {
 public:
  explicit OperationColumns(const UserList& users) : users_(users) {}

  void operator()(const messaging::MessageDraft& draft) {
    begin('s', draft.conversation_id, draft.participants, draft.author_id);
    ids_.add(draft.id.value);
    times_.add(draft.created_at);
    contents_.add(std::string_view(draft.content));
    if (draft.client_message_id) {
      keys_.add(draft.client_message_id->value);
    } else {
      keys_.add_null();
    }
    add_no_watermarks();
  }
  void operator()(const messaging::ReceiptDraft& draft) {
    begin('r', draft.conversation_id, draft.participants, draft.reader_id);
    ids_.add_null();
    times_.add_null();
    add_no_content();
    delivered_to_.add(draft.watermarks.delivered_seq);
    read_to_.add(draft.watermarks.read_seq);
  }
  void operator()(const OpenDraft& draft) {
    begin('o', draft.fresh_id, draft.pair, draft.pair.low());
    ids_.add(draft.fresh_id.value);
    times_.add(draft.now);
    add_no_content();
    add_no_watermarks();
  }
  void operator()(const CanSendDraft& draft) {
    begin(draft.can_send ? 'a' : 'd', draft.conversation_id, draft.participants, draft.participants.low());
    ids_.add_null();
    times_.add_null();
    add_no_content();
    add_no_watermarks();
  }

  // In the function's order.
  [[nodiscard]] Parameters parameters(bool is_in_doubt) {
    return {users_.parameter(), conversations_.ids(),  conversations_.members(), kinds_.take(), sides_.take(),
            ids_.take(),        times_.take(),         contents_.take(),         keys_.take(),  delivered_to_.take(),
            read_to_.take(),    to_binary(is_in_doubt)};
  }

 private:
  void begin(char kind, const ConversationId& conversation, const UserPair& pair, const UserId& user) {
    kinds_.add(kind);
    sides_.add(conversations_.side_of(conversation, pair, user, users_));
  }
  void add_no_content() {
    contents_.add_null();
    keys_.add_null();
  }
  void add_no_watermarks() {
    delivered_to_.add_null();
    read_to_.add_null();
  }

  const UserList& users_;
  ConversationList conversations_;
  BinaryArray kinds_{ElementType::character};
  BinaryArray sides_{ElementType::int4};
  BinaryArray ids_{ElementType::uuid};
  BinaryArray times_{ElementType::timestamp};
  BinaryArray contents_{ElementType::text};
  BinaryArray keys_{ElementType::uuid};
  BinaryArray delivered_to_{ElementType::int8};
  BinaryArray read_to_{ElementType::int8};
};

}  // namespace

Parameters write_parameters(const Operations<PendingWrite>& operations, bool is_in_doubt) {
  const UserList users(operations);
  OperationColumns columns(users);
  for (const auto& operation : operations) std::visit(columns, operation->request);
  return columns.parameters(is_in_doubt);
}

}  // namespace postgres
