// The implementations that the contract suite runs for.
#include <array>
#include <filesystem>
#include <thread>

#include "feed_properties.hpp"
#include "memory/in_memory_database.hpp"
#include "postgres/postgres_database.hpp"
#include "postgres/test_server.hpp"
#include "repository_contract.hpp"
#include "sqlite/doctor.hpp"
#include "sqlite/sqlite_database.hpp"

namespace contract {
namespace {

std::vector<std::string> sentences_of(const base::Result<std::vector<messaging::DoctorFinding>>& findings) {
  if (!findings) return {findings.error().detail};
  std::vector<std::string> sentences;
  for (const auto& finding : *findings) sentences.push_back(finding.check + ": " + finding.row);
  return sentences;
}

class Memory final : public StorageUnderTest {
 public:
  messaging::IMessageRepository& messages() override { return database_.messages(); }
  messaging::IConversationRepository& conversations() override { return database_.conversations(); }
  messaging::IFeedRepository& feeds() override { return database_.feeds(); }
  void stop() override { database_.stop(); }

 private:
  memory::InMemoryDatabase database_;
};

class Sqlite final : public StorageUnderTest {
 public:
  Sqlite() {
    std::string folder = (std::filesystem::temp_directory_path() / "contract-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = folder;
    auto opened = sqlite::SqliteDatabase::open({.path = path()}, clock_);
    if (!opened) throw std::runtime_error(opened.error().detail);
    database_ = *std::move(opened);
  }
  ~Sqlite() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  messaging::IMessageRepository& messages() override { return database_->messages(); }
  messaging::IConversationRepository& conversations() override { return database_->conversations(); }
  messaging::IFeedRepository& feeds() override { return database_->feeds(); }
  void stop() override { database_->stop(); }

  std::vector<std::string> faults() override { return sentences_of(sqlite::run_doctor(path())); }

 private:
  [[nodiscard]] std::string path() const { return folder_ / "messaging.db"; }

  base::SystemClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<sqlite::SqliteDatabase> database_;
};

// Two event loops, as in the process: the writers and the readers are spread over them.
class IoThreads {
 public:
  explicit IoThreads(const base::Clock& clock) : loops_{net::IoThread(clock, 0), net::IoThread(clock, 1)} {
    for (auto& loop : loops_) threads_.emplace_back([&loop] { loop.run(); });
  }
  ~IoThreads() { stop(); }
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  [[nodiscard]] std::vector<net::IoThread*> all() { return {&loops_[0], &loops_[1]}; }
  void stop() {
    for (auto& loop : loops_) loop.stop();
    threads_.clear();
  }

 private:
  std::array<net::IoThread, 2> loops_;
  std::vector<std::jthread> threads_;
};

// One server and one database for the whole program; each test finds the tables empty.
class Postgres final : public StorageUnderTest {
 public:
  Postgres() {
    postgres::TestServer::disconnect_all(url());
    postgres::TestServer::clear(url());
    auto opened = postgres::PostgresDatabase::open({.url = url()}, clock_, io_threads_.all());
    if (!opened) throw std::runtime_error(opened.error().detail);
    database_ = *std::move(opened);
  }
  ~Postgres() override {
    // Its connections live on the threads, which run until they are closed.
    database_->stop();
    io_threads_.stop();
    database_.reset();
  }

  messaging::IMessageRepository& messages() override { return database_->messages(); }
  messaging::IConversationRepository& conversations() override { return database_->conversations(); }
  messaging::IFeedRepository& feeds() override { return database_->feeds(); }
  void stop() override { database_->stop(); }

  std::vector<std::string> faults() override { return sentences_of(postgres::run_doctor(url())); }

 private:
  static const std::string& url() {
    static const std::string made = postgres::TestServer::instance().empty_database();
    return made;
  }

  base::SystemClock clock_;
  IoThreads io_threads_{clock_};
  std::unique_ptr<postgres::PostgresDatabase> database_;
};

template <class Storage>
std::unique_ptr<StorageUnderTest> make() {
  return std::make_unique<Storage>();
}

const auto implementations =
    ::testing::Values(Implementation{"Memory", make<Memory>}, Implementation{"Sqlite", make<Sqlite>},
                      Implementation{"Postgres", make<Postgres>});
const auto name_of = [](const auto& info) { return std::string(info.param.name); };

}  // namespace

INSTANTIATE_TEST_SUITE_P(Storage, RepositoryContract, implementations, name_of);
INSTANTIATE_TEST_SUITE_P(Storage, FeedProperties, implementations, name_of);

}  // namespace contract
