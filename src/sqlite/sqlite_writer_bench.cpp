// How many messages a second become durable: sqlite_writer_bench <folder> [seconds]. The folder decides which disk is
// measured.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "sqlite/sqlite_database.hpp"
#include "test_loop.hpp"

namespace {

using base::Task;
using messaging::ConversationId;
using messaging::MessageId;
using messaging::UserId;
using messaging::UserPair;

constexpr int conversations = 50;
constexpr std::size_t content_bytes = 100;

struct Room {
  ConversationId id;
  UserPair pair;
};

struct Run {
  sqlite::SqliteDatabase& database;
  const base::Clock& clock;
  base::SteadyTime end;
  std::vector<Room> rooms;
  bool with_keys = false;
  std::uint64_t created = 0;
};

[[noreturn]] void give_up(const base::Error& error) {
  std::fprintf(stderr, "%s\n", error.detail.c_str());
  std::exit(1);
}

Task<bool> open_room(Run* run, int index) {
  const UserPair pair(*UserId::parse("low" + std::to_string(index)), *UserId::parse("other" + std::to_string(index)));
  const auto now = run->clock.system_now();
  const auto opened = co_await run->database.conversations().find_or_create(pair, ConversationId::v7(now), now);
  if (!opened) give_up(opened.error());
  run->rooms.push_back({opened->views[0].id, pair});
  co_return true;
}

// One producer: the next message when the last one is durable.
Task<bool> produce(Run* run, int index) {
  for (std::uint64_t i = 0; run->clock.steady_now() < run->end; ++i) {
    const Room& room = run->rooms[static_cast<std::size_t>(index % conversations)];
    const auto now = run->clock.system_now();
    messaging::MessageDraft draft{.id = MessageId::v7(now),
                                  .conversation_id = room.id,
                                  .participants = room.pair,
                                  .author_id = i % 2 == 0 ? room.pair.low() : room.pair.high(),
                                  .content = std::string(content_bytes, 'x'),
                                  .client_message_id = std::nullopt,
                                  .created_at = now};
    if (run->with_keys) draft.client_message_id = messaging::ClientMessageId::v7(now);
    const auto stored = co_await run->database.messages().create(std::move(draft));
    if (!stored) give_up(stored.error());
    ++run->created;
  }
  co_return true;
}

// Of all threads of the process: what the figure is worth on a machine that has something else to do, too.
double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void measure(const std::string& folder, int producers, bool with_keys, base::seconds duration) {
  std::filesystem::remove_all(folder);
  base::SystemClock clock;
  auto database = sqlite::SqliteDatabase::open({.path = folder + "/bench.db"}, clock);
  if (!database) give_up(database.error());
  contract::TestLoop loop;
  Run run{**database, clock, {}, {}, with_keys};
  for (int i = 0; i < conversations; ++i) loop.await(open_room(&run, i));

  const auto begin = clock.steady_now();
  const double cpu_before = cpu_seconds();
  run.end = begin + duration;
  std::vector<Task<bool>> tasks;
  for (int i = 0; i < producers; ++i) tasks.push_back(produce(&run, i));
  loop.await_all(std::move(tasks));
  const std::chrono::duration<double> took = clock.steady_now() - begin;
  const auto created = static_cast<double>(run.created);
  std::printf("%5d producers, %s: %8.0f messages/s, %6.1f us of CPU each\n", producers,
              with_keys ? "with keys   " : "without keys", created / took.count(),
              (cpu_seconds() - cpu_before) / created * 1e6);
  std::fflush(stdout);
  database->reset();
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "sqlite_writer_bench <folder that is made and removed> [seconds]\n");
    return 2;
  }
  const base::seconds duration(argc > 2 ? std::atoi(argv[2]) : 5);
  const std::string folder = std::string(argv[1]) + "/sqlite-writer-bench";
  for (const int producers : {1, 400, 1000}) {
    measure(folder, producers, false, duration);
    measure(folder, producers, true, duration);
  }
  return 0;
}
