// The seqs of messages that were stored or asked for lately: receipts follow their message within seconds, and most
// need no read of the tables for it. Any thread.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "messaging/entities.hpp"

namespace messaging {

class RecentSeqs {
 public:
  RecentSeqs();

  // The message's seq, where it is known to be in this conversation.
  [[nodiscard]] std::optional<Seq> find(const ConversationId& conversation, const MessageId& message);
  void put(const ConversationId& conversation, const MessageId& message, Seq seq);

 private:
  struct Slot {
    MessageId message;
    ConversationId conversation;
    Seq seq = 0;
  };

  std::mutex mutex_;
  // A message has one slot, by its hash, and takes it over from whichever message had it: no allocation on the way of a
  // send.
  std::vector<Slot> slots_;
};

}  // namespace messaging
