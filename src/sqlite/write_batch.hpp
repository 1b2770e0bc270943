// The transaction that a batch of write operations shares. What operations of one batch have in common (a conversation,
// its participants, the heads of its users' feeds) is read once, changed in memory, and written once by flush(): with
// some messages for each conversation that is a fraction of the statements, and each index entry of a participant moves
// once. Made by the writer for each attempt, on its thread; messages themselves are inserted at once.
#pragma once

#include <unordered_map>

#include "sqlite/table_reader.hpp"

namespace sqlite {

// The writer connection's statements; live as long as the connection.
class WriteStatements {
 public:
  explicit WriteStatements(Connection& connection);

  Connection& connection;
  TableReader read;
  Statement insert_message;
  Statement insert_conversation;
  Statement insert_participant;
  Statement raise_status;
  Statement update_conversation;
  Statement update_participant;
  Statement put_head;
};

class WriteBatch {
 public:
  // The head of a user's feed, as this batch has moved it.
  struct Feed {
    messaging::Position head = 0;
    bool changed = false;

    [[nodiscard]] messaging::Position next() const noexcept { return head + 1; }
  };
  struct CachedConversation {
    // Nothing where there is no conversation of two users with this id.
    std::optional<ConversationRow> row;
    bool changed = false;
  };

  explicit WriteBatch(WriteStatements& statements) : with_(statements) {}

  // The conversation as this batch has left it, or nullptr. The row stays where it is until the batch ends; whoever
  // changes it calls take_positions() or mark_changed().
  [[nodiscard]] ConversationRow* conversation(const messaging::ConversationId& id);
  [[nodiscard]] ConversationRow* conversation_of_pair(const messaging::UserPair& pair);
  void mark_changed(const messaging::ConversationId& id);

  // The positions that the next event of this conversation will have.
  [[nodiscard]] messaging::PairPositions next_positions(const ConversationRow& row);
  // Takes them: both heads, and the participants' last positions.
  void take_positions(ConversationRow& row, const messaging::PairPositions& positions);

  // False where a message with this id is there already; then nothing was changed.
  [[nodiscard]] bool insert(const messaging::Message& message, messaging::Position author_position,
                            messaging::Position peer_position);
  // With its two participants, who have learnt nothing of it yet.
  [[nodiscard]] ConversationRow& insert_conversation(const messaging::ConversationId& id,
                                                     const messaging::UserPair& pair, base::SystemTime now);
  // Sets the status of the author's messages with first < seq <= last. Returns how many there are.
  std::int64_t raise_status(const messaging::ConversationId& conversation, const messaging::UserId& author,
                            messaging::MessageStatus status, messaging::Seq first, messaging::Seq last);

  // Writes what was changed in memory. Last, before the commit.
  void flush();

  [[nodiscard]] TableReader& read() noexcept { return with_.read; }
  [[nodiscard]] messaging::Conversation view(const ConversationRow& row, const messaging::UserId& user) {
    return with_.read.view(row, user);
  }

 private:
  [[nodiscard]] Feed& feed(const messaging::UserId& user);

  WriteStatements& with_;
  std::unordered_map<messaging::ConversationId, CachedConversation> conversations_;
  std::unordered_map<messaging::UserId, Feed> feeds_;
};

}  // namespace sqlite
