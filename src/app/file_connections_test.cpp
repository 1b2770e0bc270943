#include "app/file_connections.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "base/manual_executor.hpp"
#include "base/task_group.hpp"

namespace app {
namespace {

using messaging::UserId;
using messaging::UserPair;
using testing::HasSubstr;
using namespace std::chrono_literals;

UserPair pair(const char* one, const char* other) {
  return {*UserId::parse(one), *UserId::parse(other)};
}

struct FileConnectionsTest : testing::Test {
  std::string path =
      (std::filesystem::temp_directory_path() / ("messagingd-connections-" + std::to_string(::getpid()) + ".json"))
          .string();
  std::filesystem::file_time_type written_at = std::filesystem::file_time_type::clock::now();

  ~FileConnectionsTest() override { std::filesystem::remove(path); }

  // Each time one second later, so that a change shows however coarse the file system's clock is.
  void write(const std::string& text) {
    std::ofstream(path) << text;
    written_at += 1s;
    std::filesystem::last_write_time(path, written_at);
  }
  static bool ask(FileConnectionsClient& client, const char* one, const char* other) {
    base::TaskGroup group;
    std::optional<bool> answer;
    group.spawn([](FileConnectionsClient& from, UserPair who, std::optional<bool>& out) -> base::Task<> {
      const auto result = co_await from.is_connected(who.high(), who.low(), nullptr, {});
      out = *result;
    }(client, pair(one, other), answer));
    return answer.value();
  }
};

TEST_F(FileConnectionsTest, PairsInTheFile_AreConnectedInBothDirections) {
  write(R"({"connections":[["alice","bob"]]})");
  const auto client = FileConnectionsClient::open(path);
  ASSERT_TRUE(client);
  EXPECT_TRUE(ask(**client, "alice", "bob"));
  EXPECT_TRUE(ask(**client, "bob", "alice"));
  EXPECT_FALSE(ask(**client, "bob", "carol"));
}

TEST_F(FileConnectionsTest, AChangedFile_TellsWhichPairsChanged) {
  write(R"({"connections":[["alice","bob"],["alice","carol"]]})");
  const auto client = FileConnectionsClient::open(path);
  ASSERT_TRUE(client);
  std::vector<std::pair<UserPair, bool>> changes;
  (*client)->observe_changes([&](const UserPair& who, bool connected) { changes.emplace_back(who, connected); });

  base::ManualClock clock;
  base::ManualExecutor executor(clock);
  (*client)->watch(executor);
  executor.advance(2s);
  EXPECT_TRUE(changes.empty());

  write(R"({"connections":[["carol","alice"],["bob","carol"]]})");
  executor.advance(1s);
  EXPECT_THAT(changes, testing::UnorderedElementsAre(std::pair(pair("alice", "bob"), false),
                                                     std::pair(pair("bob", "carol"), true)));
  EXPECT_FALSE(ask(**client, "alice", "bob"));
}

TEST_F(FileConnectionsTest, AFileThatBreaksLater_ChangesNothing) {
  write(R"({"connections":[["alice","bob"]]})");
  const auto client = FileConnectionsClient::open(path);
  ASSERT_TRUE(client);
  write("{");
  (*client)->reload_if_changed();
  EXPECT_TRUE(ask(**client, "alice", "bob"));
}

TEST_F(FileConnectionsTest, AFileOfAnotherForm_IsNamedWithWhatIsExpected) {
  for (const char* text : {"", "[]", R"({"connections":{}})", R"({"connections":[["alice"]]})",
                           R"({"connections":[["alice","alice"]]})", R"({"connections":[["alice","b b"]]})"}) {
    write(text);
    const auto client = FileConnectionsClient::open(path);
    ASSERT_FALSE(client) << text;
    EXPECT_THAT(client.error().detail, HasSubstr(path));
    EXPECT_THAT(client.error().detail, HasSubstr("expected"));
  }
  EXPECT_FALSE(FileConnectionsClient::open("/nowhere/at/all.json"));
}

}  // namespace
}  // namespace app
