// The domain's storage in one SQLite file: opens it, owns the writer and the readers, and hands out the ports. Owned by
// the application, which opens it before it listens, stops it after the last request, and destroys it before its
// executors.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "messaging/database.hpp"

namespace sqlite {

struct Options {
  // A file. Its folder is made where it is missing.
  std::string path;
  // Threads that read.
  int readers = 2;
  std::size_t batch_rows_max = 1'000;
  std::size_t queue_max = 20'000;
  // False: a database that is not up to date is a failure (production, where `messagingd migrate` is a step of its
  // own).
  bool apply_migrations = true;
};

class SqliteDatabase final : public messaging::Database {
 public:
  // Blocks. A failure is a sentence for the operator: the file is in use, damaged, of another schema, cannot be made.
  [[nodiscard]] static base::Result<std::unique_ptr<SqliteDatabase>> open(Options options, const base::Clock& clock);
  ~SqliteDatabase() override;
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  [[nodiscard]] messaging::IMessageRepository& messages() noexcept override;
  [[nodiscard]] messaging::IConversationRepository& conversations() noexcept override;
  [[nodiscard]] messaging::IFeedRepository& feeds() noexcept override;
  [[nodiscard]] messaging::ServiceState service_state() const noexcept override;

  void stop() override;

 private:
  struct Parts;
  explicit SqliteDatabase(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

// `messagingd migrate`: applies what is missing, and with `new_epoch` makes all offsets of before invalid (after a
// restore). Failures as with open().
[[nodiscard]] base::Result<messaging::MigrateReport> migrate(const std::string& path, const base::Clock& clock,
                                                             bool new_epoch);

}  // namespace sqlite
