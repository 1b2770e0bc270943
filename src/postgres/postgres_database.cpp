// States: open → stopped. The parts are never replaced; after stop() they refuse everything with server_draining.
#include "postgres/postgres_database.hpp"

#include <thread>

#include "base/log.hpp"
#include "postgres/migrator.hpp"
#include "postgres/postgres_conversation_repository.hpp"
#include "postgres/postgres_feed_repository.hpp"
#include "postgres/postgres_message_repository.hpp"
#include "postgres/server_check.hpp"
#include "postgres/server_url.hpp"
#include "postgres/service_state.hpp"

namespace postgres {
namespace {

using base::Result;

// Between two looks for a server that is not there yet.
constexpr base::milliseconds start_pause{250};

// A server that starts beside this process may need some seconds.
Result<BlockingConnection> wait_for_server(const Options& options, const base::Clock& clock) {
  const base::Deadline deadline(clock, options.start_time_max);
  std::string said;
  for (;;) {
    auto connection = BlockingConnection::open(options.url);
    if (connection || deadline.has_passed(clock.steady_now())) return connection;
    if (connection.error().detail != said) {
      said = connection.error().detail;
      base::log::warn("postgres.waiting", {{"what", said}});
    }
    std::this_thread::sleep_for(start_pause);
  }
}

// Leaves a database that this binary can work with.
Result<messaging::ServiceState> prepare(const Options& options, const base::Clock& clock) {
  if (auto readable = check_url(options.url); !readable) return base::forward(readable);
  auto connection = wait_for_server(options, clock);
  if (!connection) return base::forward(connection);
  if (auto safe = check_server(*connection); !safe) return base::forward(safe);
  if (options.apply_migrations) {
    auto migrated = apply_migrations(*connection, migrations());
    if (!migrated) return base::forward(migrated);
  } else if (auto current = check_schema(*connection); !current) {
    return base::forward(current);
  }
  return read_service_state(*connection);
}

}  // namespace

struct PostgresDatabase::Parts {
  Parts(const Options& options, messaging::ServiceState read_state, const base::Clock& clock,
        const std::vector<net::IoThread*>& threads)
      : state(read_state),
        connector({.url = options.url, .operation_time_max = options.operation_time_max}, clock),
        writers(make_writers(options, connector, threads)),
        readers(threads, connector, clock,
                {.readers = options.readers,
                 .queue_max = options.queue_max,
                 .operation_time_max = options.operation_time_max}),
        messages(writers, readers),
        conversations(writers, readers),
        feeds(readers) {}

  static std::vector<std::shared_ptr<PostgresWriter>> make_writers(const Options& options, Connector& connector,
                                                                   const std::vector<net::IoThread*>& threads) {
    const PostgresWriter::Limits limits{.batch_rows_max = options.batch_rows_max,
                                        .queue_max = options.queue_max,
                                        .operation_time_max = options.operation_time_max};
    std::vector<std::shared_ptr<PostgresWriter>> writers;
    for (int i = 0; i < options.writers; ++i) {
      auto& thread = *threads[static_cast<std::size_t>(i) % threads.size()];
      writers.push_back(std::make_shared<PostgresWriter>(thread, connector, limits));
    }
    return writers;
  }

  const messaging::ServiceState state;
  Connector connector;
  WriterGroup writers;
  ReaderPool readers;
  PostgresMessageRepository messages;
  PostgresConversationRepository conversations;
  PostgresFeedRepository feeds;
};

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(Options options, const base::Clock& clock,
                                                                 std::vector<net::IoThread*> threads) {
  auto state = prepare(options, clock);
  if (!state) return base::forward(state);
  auto parts = std::make_unique<Parts>(options, *state, clock, threads);
  parts->writers.start();
  parts->readers.start();
  return std::unique_ptr<PostgresDatabase>(new PostgresDatabase(std::move(parts)));
}

PostgresDatabase::PostgresDatabase(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PostgresDatabase::~PostgresDatabase() {
  stop();
}

messaging::IMessageRepository& PostgresDatabase::messages() noexcept {
  return parts_->messages;
}
messaging::IConversationRepository& PostgresDatabase::conversations() noexcept {
  return parts_->conversations;
}
messaging::IFeedRepository& PostgresDatabase::feeds() noexcept {
  return parts_->feeds;
}
messaging::ServiceState PostgresDatabase::service_state() const noexcept {
  return parts_->state;
}
std::string PostgresDatabase::trouble() const {
  return parts_->writers.trouble();
}

void PostgresDatabase::stop() {
  // The connector last: what is queued may still need a connection.
  parts_->readers.stop();
  parts_->writers.stop();
  parts_->connector.stop();
}

}  // namespace postgres
