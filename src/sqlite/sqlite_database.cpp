// States: open → stopped. The parts are never replaced; after stop() they refuse everything with server_draining.
#include "sqlite/sqlite_database.hpp"

#include <algorithm>

#include "sqlite/database_file.hpp"
#include "sqlite/migrator.hpp"
#include "sqlite/sqlite_conversation_repository.hpp"
#include "sqlite/sqlite_feed_repository.hpp"
#include "sqlite/sqlite_message_repository.hpp"

namespace sqlite {
namespace {

using base::Errc;
using base::Result;

// synchronous=FULL: in WAL mode the only setting under which a COMMIT that returned has been synced. 4000 pages are 16
// MiB of log: a checkpoint every few ten thousand messages. 64 MiB of pages hold the upper parts of all indexes of some
// ten million messages, so that an insert reads nothing. Nothing is ever deleted, so there is nothing to overwrite
// securely.
constexpr const char* writer_settings = R"(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA cache_size = -65536;
  PRAGMA temp_store = MEMORY;
  PRAGMA secure_delete = OFF)";

base::Error sentence_for(const StorageFailure& failure, const std::string& path) {
  if (!failure.is_corruption()) return {.code = Errc::storage_unavailable, .detail = path + ": " + failure.what()};
  return {.code = Errc::storage_unavailable,
          .detail = path + " is damaged or no SQLite database (" + failure.what() +
                    "): restore it from a backup, or save what can be read with `sqlite3 " + path +
                    " .recover`; then run `messagingd migrate --new-epoch`"};
}

std::unexpected<base::Error> failed_migration(const std::string& path, const base::Error& error) {
  return base::fail(error.code, path + ": " + error.detail);
}

messaging::ServiceState read_service_state(Connection& connection) {
  Statement select(connection, R"(SELECT epoch, key FROM "ServiceState" WHERE id = 1)");
  Rows rows = select.query();
  messaging::ServiceState state;
  if (!rows.next() || rows.text(1).size() != state.key.size()) {
    throw StorageFailure(0, "the row of \"ServiceState\" is missing");
  }
  state.epoch = rows.integer(0);
  std::ranges::transform(rows.text(1), state.key.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return state;
}

Connection open_for_writing(const std::string& path) {
  Connection connection(path, Connection::Mode::read_write);
  connection.execute(writer_settings);
  return connection;
}

}  // namespace

struct SqliteDatabase::Parts {
  Parts(FileLock held, Connection connection, const Options& options, const base::Clock& clock)
      : lock(std::move(held)),
        state(read_service_state(connection)),
        writer(std::move(connection), {.batch_rows_max = options.batch_rows_max, .queue_max = options.queue_max},
               clock),
        readers(options.path, options.readers),
        messages(writer, readers),
        conversations(writer, readers),
        feeds(readers) {}

  FileLock lock;
  messaging::ServiceState state;
  SqliteWriter writer;
  ReaderPool readers;
  SqliteMessageRepository messages;
  SqliteConversationRepository conversations;
  SqliteFeedRepository feeds;
};

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(Options options, const base::Clock& clock) {
  if (auto prepared = prepare_file(options.path); !prepared) return base::forward(prepared);
  auto lock = FileLock::acquire(options.path);
  if (!lock) return base::forward(lock);
  try {
    Connection connection = open_for_writing(options.path);
    if (options.apply_migrations) {
      auto migrated = apply_migrations(connection, migrations(), clock);
      if (!migrated) return failed_migration(options.path, migrated.error());
    } else if (auto current = check_migrations(connection, migrations()); !current) {
      return failed_migration(options.path, current.error());
    }
    auto parts = std::make_unique<Parts>(*std::move(lock), std::move(connection), options, clock);
    return std::unique_ptr<SqliteDatabase>(new SqliteDatabase(std::move(parts)));
  } catch (const StorageFailure& failure) {
    return std::unexpected(sentence_for(failure, options.path));
  }
}

SqliteDatabase::SqliteDatabase(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SqliteDatabase::~SqliteDatabase() {
  stop();
}

messaging::IMessageRepository& SqliteDatabase::messages() noexcept {
  return parts_->messages;
}
messaging::IConversationRepository& SqliteDatabase::conversations() noexcept {
  return parts_->conversations;
}
messaging::IFeedRepository& SqliteDatabase::feeds() noexcept {
  return parts_->feeds;
}
messaging::ServiceState SqliteDatabase::service_state() const noexcept {
  return parts_->state;
}

void SqliteDatabase::stop() {
  // The readers first: the writer's last checkpoint waits for no snapshot then.
  parts_->readers.stop();
  parts_->writer.stop();
}

Result<messaging::MigrateReport> migrate(const std::string& path, const base::Clock& clock, bool new_epoch) {
  if (auto prepared = prepare_file(path); !prepared) return base::forward(prepared);
  auto lock = FileLock::acquire(path);
  if (!lock) return base::forward(lock);
  try {
    Connection connection = open_for_writing(path);
    auto migrated = apply_migrations(connection, migrations(), clock);
    if (!migrated) return failed_migration(path, migrated.error());
    if (new_epoch) connection.execute(R"(UPDATE "ServiceState" SET epoch = epoch + 1)");
    return messaging::MigrateReport{.applied = std::move(*migrated), .epoch = read_service_state(connection).epoch};
  } catch (const StorageFailure& failure) {
    return std::unexpected(sentence_for(failure, path));
  }
}

}  // namespace sqlite
