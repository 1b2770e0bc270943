// "What does this user have to learn since position U": read from the positions that stand on the rows; there is no log
// of events. Part of a reader's session, on its thread, inside a snapshot. Every function throws StorageFailure.
//
// A conversation with news is found by its participant row's last position (one index range). In it, positions rise
// with seq, so the first unseen message is found by galloping back from the newest one: the cost follows what is new,
// not the history.
#pragma once

#include <map>

#include "sqlite/table_reader.hpp"

namespace sqlite {

class FeedQuery {
 public:
  FeedQuery(Connection& connection, TableReader& tables);

  [[nodiscard]] messaging::FeedPage events_since(const messaging::UserId& user, messaging::Position since, int limit);

 private:
  // Where an event of the page is to be read from.
  struct Source {
    enum class Kind : std::uint8_t { message, own_receipt, peer_receipt, update } kind;
    messaging::ConversationId conversation;
    messaging::Seq seq = 0;
  };
  // The events with the smallest positions, at most one more than the page holds: that one tells whether there are
  // more.
  class Plan;

  void plan_conversation(Plan& plan, const ConversationRow& row, const messaging::UserId& user,
                         messaging::Position since);
  void plan_messages(Plan& plan, const ConversationRow& row, const messaging::UserId& user, messaging::Position since);
  // The smallest seq with a position above `since`, or last_seq + 1.
  [[nodiscard]] messaging::Seq first_unseen(const ConversationRow& row, const messaging::UserId& user,
                                            messaging::Position since);
  [[nodiscard]] messaging::Position position_at(const ConversationRow& row, const messaging::UserId& user,
                                                messaging::Seq seq);
  [[nodiscard]] messaging::Event read_event(const Source& source, const messaging::UserId& user);

  TableReader& tables_;
  Statement changed_;
  Statement position_at_;
  Statement positions_from_;
};

}  // namespace sqlite
