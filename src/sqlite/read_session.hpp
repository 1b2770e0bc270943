// One reader's connection with its prepared queries. Each operation sees one snapshot. Made by ReaderPool, one for each
// of its threads; every function throws StorageFailure.
#pragma once

#include <vector>

#include "sqlite/feed_query.hpp"
#include "sqlite/table_reader.hpp"

namespace sqlite {

class ReadSession {
 public:
  explicit ReadSession(Connection connection);

  // A snapshot of the database for as long as this lives.
  class Snapshot {
   public:
    explicit Snapshot(ReadSession& session);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

   private:
    ReadSession& session_;
  };

  [[nodiscard]] TableReader& tables() noexcept { return tables_; }
  [[nodiscard]] FeedQuery& feed() noexcept { return feed_; }

  [[nodiscard]] std::vector<messaging::Message> history(const messaging::ConversationId& conversation,
                                                        messaging::HistoryRange range, int limit);
  [[nodiscard]] messaging::InboxPage inbox(const messaging::UserId& user,
                                           const std::optional<messaging::InboxCursor>& after, int limit);

 private:
  Connection connection_;
  Statement begin_;
  TableReader tables_;
  FeedQuery feed_;
  Statement history_before_;
  Statement history_after_;
  Statement inbox_;
};

}  // namespace sqlite
