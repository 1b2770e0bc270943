// A database file of its own for each test, and a second connection to look into it or to spoil it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sqlite/sqlite_database.hpp"
#include "sqlite/statement.hpp"
#include "test_loop.hpp"

namespace sqlite {

inline messaging::UserId user(std::string_view name) {
  return *messaging::UserId::parse(name);
}

class TestDatabase : public ::testing::Test {
 protected:
  TestDatabase() {
    std::string folder = (std::filesystem::temp_directory_path() / "sqlite-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = folder;
  }
  ~TestDatabase() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] std::string path() const { return folder_ / "messaging.db"; }

  void open() {
    auto opened = SqliteDatabase::open({.path = path()}, clock_);
    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    database_ = *std::move(opened);
  }
  void close() { database_.reset(); }
  // The sentence that opening fails with.
  std::string refusal(bool apply_migrations = true) {
    const auto opened = SqliteDatabase::open({.path = path(), .apply_migrations = apply_migrations}, clock_);
    return opened ? "opened" : opened.error().detail;
  }

  void execute(const std::string& sql) { Connection(path(), Connection::Mode::read_write).execute(sql); }
  std::vector<std::string> column(const std::string& sql) {
    Connection connection(path(), Connection::Mode::read_only);
    Statement select(connection, sql);
    Rows rows = select.query();
    std::vector<std::string> values;
    while (rows.next()) values.emplace_back(rows.text(0));
    return values;
  }

  // The result of an operation that has to succeed.
  template <class T>
  T get(base::Task<base::Result<T>> task) {
    auto result = loop_.await(std::move(task));
    if (!result) throw std::runtime_error(result.error().detail);
    return *std::move(result);
  }

  messaging::MessageDraft draft(const messaging::ConversationId& conversation, const messaging::UserPair& pair,
                                const messaging::UserId& author, std::string content = "hello") {
    return {.id = messaging::MessageId::v7(clock_.system_now()),
            .conversation_id = conversation,
            .participants = pair,
            .author_id = author,
            .content = std::move(content),
            .client_message_id = std::nullopt,
            .created_at = clock_.system_now()};
  }

  const messaging::UserId alice_ = user("alice");
  const messaging::UserId bob_ = user("bob");
  const messaging::UserPair pair_{alice_, bob_};
  base::ManualClock clock_;
  std::filesystem::path folder_;
  contract::TestLoop loop_;
  std::unique_ptr<SqliteDatabase> database_;
};

}  // namespace sqlite
