// Batches: what fails alone, what fails together, and what comes after.
#include "sqlite/sqlite_writer.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <latch>

#include "sqlite/doctor.hpp"
#include "sqlite/test_database.hpp"
#include "sqlite/write_operations.hpp"

namespace sqlite {
namespace {

using base::Errc;
using base::Result;
using base::Task;
using messaging::StoredMessage;
using ::testing::IsEmpty;

class Writer : public TestDatabase {
 protected:
  void SetUp() override {
    open();
    const auto now = clock_.system_now();
    id_ = get(database_->conversations().find_or_create(pair_, messaging::ConversationId::v7(now), now)).views[0].id;
    close();
    start({});
  }
  void start(SqliteWriter::Limits limits) {
    writer_.reset();
    Connection connection(path(), Connection::Mode::read_write);
    // The writer's own: used by the test only while the writer waits for work.
    handle_ = connection.handle();
    writer_ = std::make_unique<SqliteWriter>(std::move(connection), limits, clock_);
  }
  void TearDown() override {
    writer_.reset();
    EXPECT_THAT(run_doctor(path()).value(), IsEmpty());
  }

  Task<Result<StoredMessage>> create(const std::string& content) {
    return writer_->write<StoredMessage>(
        [wanted = draft(id_, pair_, alice_, content)](WriteBatch& batch) { return create_message(batch, wanted); });
  }
  std::vector<Result<StoredMessage>> create_all(const std::vector<std::string>& contents) {
    std::vector<Task<Result<StoredMessage>>> tasks;
    for (const auto& content : contents) tasks.push_back(create(content));
    return loop_.await_all(std::move(tasks));
  }
  Errc error_of(const Result<StoredMessage>& result) { return result ? Errc::internal : result.error().code; }

  messaging::ConversationId id_;
  sqlite3* handle_ = nullptr;
  std::unique_ptr<SqliteWriter> writer_;
};

TEST_F(Writer, AnOperationThatTheDatabaseRefusesFailsAlone) {
  execute(R"(CREATE TRIGGER refuse BEFORE INSERT ON "Message" WHEN NEW.content = 'bad'
             BEGIN SELECT RAISE(ABORT, 'refused'); END)");
  const auto results = create_all({"a", "b", "bad", "c", "bad", "d"});
  messaging::Seq seq = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i == 2 || i == 4) {
      EXPECT_EQ(error_of(results[i]), Errc::storage_unavailable);
    } else {
      EXPECT_EQ(results[i].value().message.seq, ++seq);
    }
  }
  execute("DROP TRIGGER refuse");
}

TEST_F(Writer, ACommitThatFailsChangesNothingAndTheNextOneGoesOn) {
  int commits_refused = 1;
  sqlite3_commit_hook(handle_, [](void* left) { return (*static_cast<int*>(left))-- > 0 ? 1 : 0; }, &commits_refused);
  EXPECT_EQ(error_of(loop_.await(create("lost"))), Errc::storage_unavailable);
  const auto next = get(create("kept"));
  EXPECT_EQ(next.message.seq, 1);
  EXPECT_EQ(next.positions, (messaging::PairPositions{2, 2}));
}

TEST_F(Writer, AFullDiskFailsTheBatchAndWritingGoesOnWhenThereIsRoom) {
  const std::string large(20'000, 'x');
  const auto set_pages_max = [this](const std::string& pages) {
    sqlite3_exec(handle_, ("PRAGMA max_page_count = " + pages).c_str(), nullptr, nullptr, nullptr);
  };
  set_pages_max("1");  // SQLite takes the present size for the least.
  for (const auto& result : create_all({large, large, large})) EXPECT_EQ(error_of(result), Errc::storage_unavailable);
  set_pages_max("1000000");
  EXPECT_EQ(get(create(large)).message.seq, 1);
}

TEST_F(Writer, AFullQueueIsOverloadedAndTheRestIsStored) {
  start({.batch_rows_max = 10, .queue_max = 3});
  std::latch started(1);
  std::latch go_on(1);
  const auto block = [&](WriteBatch&) -> Result<StoredMessage> {
    started.count_down();
    go_on.wait();
    return StoredMessage{};
  };
  base::TaskGroup group;
  std::vector<Result<StoredMessage>> results;
  std::thread blocked([&] {
    contract::TestLoop loop;
    EXPECT_TRUE(loop.await(writer_->write<StoredMessage>(block)).has_value());
  });
  started.wait();
  std::vector<Task<Result<StoredMessage>>> tasks;
  for (int i = 0; i < 5; ++i) tasks.push_back(create("x"));
  // The last one is started when the queue is full, and lets the writer go on.
  const auto release = [](std::latch* latch) -> Task<Result<StoredMessage>> {
    latch->count_down();
    co_return StoredMessage{};
  };
  tasks.push_back(release(&go_on));
  results = loop_.await_all(std::move(tasks));
  blocked.join();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(results[i].has_value()) << i;
  EXPECT_EQ(error_of(results[3]), Errc::overloaded);
  EXPECT_EQ(error_of(results[4]), Errc::overloaded);
}

TEST_F(Writer, StopCommitsWhatIsQueuedFirst) {
  start({.batch_rows_max = 2, .queue_max = 100});
  std::vector<Task<Result<StoredMessage>>> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(create("x"));
  const auto stop = [](SqliteWriter* writer) -> Task<Result<StoredMessage>> {
    writer->stop();
    co_return StoredMessage{};
  };
  tasks.push_back(stop(writer_.get()));
  tasks.push_back(create("too late"));
  const auto results = loop_.await_all(std::move(tasks));
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(results[i].value().message.seq, static_cast<messaging::Seq>(i) + 1);
  EXPECT_EQ(error_of(results.back()), Errc::server_draining);
}

}  // namespace
}  // namespace sqlite
