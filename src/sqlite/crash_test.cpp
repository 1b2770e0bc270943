// A process that is killed while it writes: everything it was told is stored is there afterwards, and the tables are
// sound.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>

#include "sqlite/doctor.hpp"
#include "sqlite/test_database.hpp"

namespace sqlite {
namespace {

using messaging::ConversationId;
using messaging::MessageId;
using ::testing::IsEmpty;

constexpr int rounds = 20;
constexpr int writers = 16;
// How many creates are reported before the kill; each round another number up to this.
constexpr int reports_max = 400;

class Crash : public TestDatabase {};

// Creates messages, marking them read now and then, and reports each id on the pipe, for ever.
base::Task<> write_for_ever(SqliteDatabase* database, base::Clock* clock, ConversationId id, messaging::UserPair pair,
                            int pipe) {
  for (int i = 0;; ++i) {
    const auto& author = i % 3 == 0 ? pair.low() : pair.high();
    messaging::MessageDraft draft{.id = MessageId::v7(clock->system_now()),
                                  .conversation_id = id,
                                  .participants = pair,
                                  .author_id = author,
                                  .content = std::string(static_cast<std::size_t>(1 + i % 3'000), 'x'),
                                  .client_message_id = std::nullopt,
                                  .created_at = clock->system_now()};
    const auto stored = co_await database->messages().create(std::move(draft));
    if (!stored) ::_exit(3);
    const auto& bytes = stored->message.id.value.bytes();
    if (::write(pipe, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) ::_exit(4);
    if (i % 5 != 0) continue;
    messaging::ReceiptDraft receipt{id, pair, pair.peer_of(author), {stored->message.seq, stored->message.seq}};
    const auto marked = co_await database->messages().advance_watermarks(std::move(receipt));
    if (!marked) ::_exit(5);
  }
}

[[noreturn]] void run_child(const std::string& path, int pipe) {
  base::SystemClock clock;
  auto database = SqliteDatabase::open({.path = path}, clock);
  if (!database) ::_exit(2);
  contract::TestLoop loop;
  std::vector<base::Task<bool>> tasks;
  const auto write = [](SqliteDatabase* to, base::Clock* at, int index, int out) -> base::Task<bool> {
    const messaging::UserPair pair(user("user" + std::to_string(index % 4)), user("zoe"));
    const auto opened =
        co_await to->conversations().find_or_create(pair, ConversationId::v7(at->system_now()), at->system_now());
    if (!opened) ::_exit(6);
    co_await write_for_ever(to, at, opened->views[0].id, pair, out);
    co_return true;
  };
  for (int i = 0; i < writers; ++i) tasks.push_back(write(database->get(), &clock, i, pipe));
  loop.await_all(std::move(tasks));
  ::_exit(0);
}

// Kills a writing child once it has reported so many; returns all that it had reported.
std::set<std::string> run_and_kill(const std::string& path, int reports) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    run_child(path, ends[1]);
  }
  ::close(ends[1]);
  std::set<std::string> reported;
  char bytes[16];
  while (::read(ends[0], bytes, sizeof bytes) == ssize_t{sizeof bytes}) {
    reported.emplace(bytes, sizeof bytes);
    if (std::ssize(reported) == reports) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  return reported;
}

TEST_F(Crash, AfterAKillEverythingThatWasReportedIsThereAndTheTablesAreSound) {
  std::mt19937 random(1);
  std::set<std::string> reported;
  for (int round = 0; round < rounds; ++round) {
    reported.merge(run_and_kill(path(), 1 + static_cast<int>(random() % reports_max)));
    // Before anything recovers the file, as an operator would run it.
    const auto findings = run_doctor(path());
    ASSERT_TRUE(findings.has_value()) << findings.error().detail;
    ASSERT_THAT(*findings, IsEmpty()) << "round " << round << ": " << findings->front().check << " "
                                      << findings->front().row;
    std::set<std::string> stored;
    for (const auto& id : column(R"(SELECT id FROM "Message")")) {
      const auto bytes = base::Uuid::parse(id)->bytes();
      stored.emplace(bytes.begin(), bytes.end());
    }
    for (const auto& id : reported) ASSERT_TRUE(stored.contains(id)) << "round " << round;
  }
}

}  // namespace
}  // namespace sqlite
