// The implementations that the contract suite runs for.
#include <filesystem>

#include "feed_properties.hpp"
#include "memory/in_memory_database.hpp"
#include "repository_contract.hpp"
#include "sqlite/doctor.hpp"
#include "sqlite/sqlite_database.hpp"

namespace contract {
namespace {

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

  std::vector<std::string> faults() override {
    const auto findings = sqlite::run_doctor(path());
    if (!findings) return {findings.error().detail};
    std::vector<std::string> sentences;
    for (const auto& finding : *findings) sentences.push_back(finding.check + ": " + finding.row);
    return sentences;
  }

 private:
  [[nodiscard]] std::string path() const { return folder_ / "messaging.db"; }

  base::SystemClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<sqlite::SqliteDatabase> database_;
};

template <class Storage>
std::unique_ptr<StorageUnderTest> make() {
  return std::make_unique<Storage>();
}

const auto implementations =
    ::testing::Values(Implementation{"Memory", make<Memory>}, Implementation{"Sqlite", make<Sqlite>});
const auto name_of = [](const auto& info) { return std::string(info.param.name); };

}  // namespace

INSTANTIATE_TEST_SUITE_P(Storage, RepositoryContract, implementations, name_of);
INSTANTIATE_TEST_SUITE_P(Storage, FeedProperties, implementations, name_of);

}  // namespace contract
