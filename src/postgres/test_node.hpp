// A node as far as its database goes: two event loops and a PostgresDatabase on them. Several of them on one database
// are several nodes.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <thread>

#include "postgres/postgres_database.hpp"
#include "test_loop.hpp"

namespace postgres {

class TestNode {
 public:
  explicit TestNode(Options options) : loops_{net::IoThread(clock_, 0), net::IoThread(clock_, 1)} {
    auto opened = PostgresDatabase::open(std::move(options), clock_, {&loops_[0], &loops_[1]});
    if (!opened) throw std::runtime_error(opened.error().detail);
    database_ = *std::move(opened);
    for (auto& loop : loops_) threads_.emplace_back([&loop] { loop.run(); });
  }
  ~TestNode() {
    database_->stop();
    for (auto& loop : loops_) loop.stop();
    threads_.clear();
    database_.reset();
  }
  TestNode(const TestNode&) = delete;
  TestNode& operator=(const TestNode&) = delete;

  [[nodiscard]] PostgresDatabase& database() { return *database_; }
  [[nodiscard]] messaging::IMessageRepository& messages() { return database_->messages(); }
  [[nodiscard]] messaging::IConversationRepository& conversations() { return database_->conversations(); }
  [[nodiscard]] messaging::IFeedRepository& feeds() { return database_->feeds(); }
  [[nodiscard]] const base::Clock& clock() const { return clock_; }

 private:
  base::SystemClock clock_;
  std::array<net::IoThread, 2> loops_;
  std::vector<std::jthread> threads_;
  std::unique_ptr<PostgresDatabase> database_;
};

inline messaging::UserId user(std::string_view name) {
  return *messaging::UserId::parse(name);
}

inline messaging::MessageDraft draft_of(const messaging::ConversationId& conversation, const messaging::UserPair& pair,
                                        const messaging::UserId& author, std::string content = "hello") {
  const auto now = base::SystemClock().system_now();
  return {.id = messaging::MessageId::v7(now),
          .conversation_id = conversation,
          .participants = pair,
          .author_id = author,
          .content = std::move(content),
          .client_message_id = std::nullopt,
          .created_at = now};
}

}  // namespace postgres
