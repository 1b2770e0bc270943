// What every implementation of messaging/repositories.hpp must do: the fixture. The tests stand in *_contract.cpp, the
// implementations that they run for in contract_instances.cpp.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "messaging/repositories.hpp"
#include "test_loop.hpp"

namespace contract {

using messaging::ClientMessageId;
using messaging::Conversation;
using messaging::ConversationId;
using messaging::Message;
using messaging::MessageDraft;
using messaging::MessageId;
using messaging::MessageStatus;
using messaging::OpenedConversation;
using messaging::PairPositions;
using messaging::Position;
using messaging::Result;
using messaging::Seq;
using messaging::StoredMessage;
using messaging::StoredReceipt;
using messaging::SystemTime;
using messaging::Task;
using messaging::UserId;
using messaging::UserPair;
using messaging::Watermarks;

// One empty database of the implementation under test; gone with the object.
class StorageUnderTest {
 public:
  virtual ~StorageUnderTest() = default;
  virtual messaging::IMessageRepository& messages() = 0;
  virtual messaging::IConversationRepository& conversations() = 0;
  virtual messaging::IFeedRepository& feeds() = 0;
  virtual void stop() = 0;
  // Checks the stored state as a whole; a sentence for each fault.
  virtual std::vector<std::string> faults() { return {}; }
};

struct Implementation {
  const char* name;
  std::unique_ptr<StorageUnderTest> (*make)();
};

inline UserId user(std::string_view name) {
  return *UserId::parse(name);
}
inline SystemTime at(std::int64_t ms) {
  return SystemTime(base::milliseconds(1'700'000'000'000 + ms));
}

class RepositoryContract : public ::testing::TestWithParam<Implementation> {
 protected:
  RepositoryContract() : storage_(GetParam().make()) {}
  void TearDown() override;

  [[nodiscard]] messaging::IMessageRepository& messages() { return storage_->messages(); }
  [[nodiscard]] messaging::IConversationRepository& conversations() { return storage_->conversations(); }
  [[nodiscard]] messaging::IFeedRepository& feeds() { return storage_->feeds(); }

  // The result of an operation that has to succeed.
  template <class T>
  T get(Task<Result<T>> task) {
    auto result = loop_.await(std::move(task));
    if (!result)
      throw std::runtime_error(std::string(base::to_string(result.error().code)) + " " + result.error().detail);
    return *std::move(result);
  }
  template <class T>
  base::Errc error_of(Task<Result<T>> task) {
    const auto result = loop_.await(std::move(task));
    if (result) throw std::runtime_error("a failure was expected");
    return result.error().code;
  }

  // A new conversation of the two.
  ConversationId open(const UserId& one, const UserId& other, SystemTime now = at(0));
  // A draft with fresh ids.
  MessageDraft draft(const ConversationId& conversation, const UserPair& pair, const UserId& author,
                     std::string content = "hello", SystemTime now = at(1'000));
  StoredMessage send(const ConversationId& conversation, const UserPair& pair, const UserId& author,
                     SystemTime now = at(1'000));
  StoredReceipt mark(const ConversationId& conversation, const UserPair& pair, const UserId& reader, Watermarks to);
  std::vector<Message> history(const ConversationId& conversation, int limit = 100);
  Conversation seen_by(const UserId& who, const ConversationId& conversation);

  const UserId alice_ = user("alice");
  const UserId bob_ = user("bob");
  const UserId carol_ = user("carol");
  const UserPair pair_{alice_, bob_};
  TestLoop loop_;
  std::unique_ptr<StorageUnderTest> storage_;
};

}  // namespace contract
