// How many messages a second become durable, and what each costs the server: postgres_writer_bench <url of a database
// that may be filled> [seconds]. The server's CPU is counted where it runs on this machine.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "postgres/blocking_connection.hpp"
#include "postgres/postgres_database.hpp"
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
  postgres::PostgresDatabase& database;
  std::string server_folder;
  const base::Clock& clock;
  base::SteadyTime end;
  std::vector<Room> rooms;
  bool with_keys = false;
  // One receipt for each so many messages; 0: none.
  std::uint64_t receipt_every = 0;
  std::uint64_t created = 0;
  std::vector<double> waits_ms{};
};

[[noreturn]] void give_up(const base::Error& error) {
  std::fprintf(stderr, "%s\n", error.detail.c_str());
  std::exit(1);
}

Task<bool> open_room(Run* run, int index) {
  const auto now = run->clock.system_now();
  // Other users in each run: a receipt would else begin with the run before it.
  const std::string name = std::to_string(index) + "-" + std::to_string(now.time_since_epoch().count());
  const UserPair pair(*UserId::parse("low" + name), *UserId::parse("other" + name));
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
    const auto begin = run->clock.steady_now();
    const auto stored = co_await run->database.messages().create(std::move(draft));
    if (!stored) give_up(stored.error());
    run->waits_ms.push_back(std::chrono::duration<double, std::milli>(run->clock.steady_now() - begin).count());
    ++run->created;
    if (run->receipt_every == 0 || run->created % run->receipt_every != 0) continue;
    messaging::ReceiptDraft receipt{.conversation_id = room.id,
                                    .participants = room.pair,
                                    .reader_id = room.pair.peer_of(stored->message.author_id),
                                    .watermarks = {stored->message.seq, stored->message.seq}};
    const auto marked = co_await run->database.messages().advance_watermarks(std::move(receipt));
    if (!marked) give_up(marked.error());
  }
  co_return true;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Of all threads of this process.
double own_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

// Of all processes of the server, which work in its folder.
double server_cpu_seconds(const std::string& server_folder) {
  double seconds = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    if (std::filesystem::read_symlink(entry.path() / "cwd", none) != server_folder) continue;
    // Run time of its one thread in nanoseconds.
    double nanoseconds = 0;
    std::ifstream(entry.path() / "schedstat") >> nanoseconds;
    seconds += nanoseconds / 1e9;
  }
  return seconds;
}

std::string folder_of(const std::string& url) {
  auto connection = postgres::BlockingConnection::open(url);
  if (!connection) give_up(connection.error());
  const auto rows = connection->query("SHOW data_directory");
  if (!rows) give_up(rows.error());
  return std::string(rows->text(0, 0));
}

struct Load {
  int producers;
  bool with_keys;
  std::uint64_t receipt_every;
};

void measure(postgres::PostgresDatabase& database, const std::string& server_folder, const base::Clock& clock,
             Load load, base::seconds duration) {
  contract::TestLoop loop;
  Run run{database, server_folder, clock, {}, {}, load.with_keys, load.receipt_every};
  for (int i = 0; i < conversations; ++i) loop.await(open_room(&run, i));

  const auto begin = clock.steady_now();
  const double own_before = own_cpu_seconds();
  const double server_before = server_cpu_seconds(run.server_folder);
  run.end = begin + duration;
  std::vector<Task<bool>> tasks;
  for (int i = 0; i < load.producers; ++i) tasks.push_back(produce(&run, i));
  loop.await_all(std::move(tasks));
  const std::chrono::duration<double> took = clock.steady_now() - begin;
  const auto created = static_cast<double>(run.created);
  std::ranges::sort(run.waits_ms);
  const auto percentile = [&](std::size_t percent) { return run.waits_ms[(run.waits_ms.size() - 1) * percent / 100]; };
  std::printf(
      "%5d producers, %s, %s: %8.0f messages/s, p50 %6.2f ms, p99 %6.2f ms; CPU each: server %6.1f us, own %5.1f us\n",
      load.producers, load.with_keys ? "with keys   " : "without keys",
      load.receipt_every == 0 ? "no receipts  " : "with receipts", created / took.count(), percentile(50),
      percentile(99), (server_cpu_seconds(run.server_folder) - server_before) / created * 1e6,
      (own_cpu_seconds() - own_before) / created * 1e6);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "postgres_writer_bench <postgres://…> [seconds]\n");
    return 2;
  }
  const base::seconds duration(argc > 2 ? std::atoi(argv[2]) : 5);
  const base::SystemClock clock;
  const std::string folder = folder_of(argv[1]);
  net::IoThread one(clock, 0);
  net::IoThread other(clock, 1);
  std::jthread first([&] { one.run(); });
  std::jthread second([&] { other.run(); });
  {
    auto database = postgres::PostgresDatabase::open({.url = argv[1]}, clock, {&one, &other});
    if (!database) give_up(database.error());
    for (const int producers : {1, 16, 400, 1000}) {
      measure(**database, folder, clock, {producers, false, 0}, duration);
      measure(**database, folder, clock, {producers, true, 0}, duration);
      measure(**database, folder, clock, {producers, true, 4}, duration);
    }
  }
  one.stop();
  other.stop();
  return 0;
}
