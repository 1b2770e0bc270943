// The domain's storage in PostgreSQL: opens it, owns the connections, and hands out the ports. Two group-commit
// writers, to which operations go by conversation, and a pool of readers; each connection lives on one of the I/O
// threads. When the server is away, operations fail with storage_unavailable within their deadline, and the connections
// come back by themselves.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "messaging/database.hpp"
#include "net/io_thread.hpp"

namespace postgres {

struct Options {
  // postgres://… or postgresql://…, as libpq takes it (sslmode and the rest too). May hold a secret: never logged.
  std::string url;
  int writers = 2;
  int readers = 4;
  std::size_t batch_rows_max = 1'000;
  // For each writer; for all readers together.
  std::size_t queue_max = 20'000;
  // From the call to the answer. A write that is in doubt by then is answered storage_unavailable; it may have been
  // stored, and the same call with the same ids finds out.
  base::milliseconds operation_time_max{10'000};
  // How long opening waits for the server to come.
  base::milliseconds start_time_max{30'000};
  // False: a database that is not up to date is a failure (production, where `messagingd migrate` is a step of its
  // own).
  bool apply_migrations = true;
};

class PostgresDatabase final : public messaging::Database {
 public:
  // Blocks. `threads` need not run yet, and outlive the object. A failure is a sentence for the operator, without the
  // password: not reachable, not allowed, of another schema, or a server that may lose commits (fsync=off,
  // synchronous_commit=off).
  [[nodiscard]] static base::Result<std::unique_ptr<PostgresDatabase>> open(Options options, const base::Clock& clock,
                                                                            std::vector<net::IoThread*> threads);
  ~PostgresDatabase() override;
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  [[nodiscard]] messaging::IMessageRepository& messages() noexcept override;
  [[nodiscard]] messaging::IConversationRepository& conversations() noexcept override;
  [[nodiscard]] messaging::IFeedRepository& feeds() noexcept override;
  [[nodiscard]] messaging::ServiceState service_state() const noexcept override;
  // The writers' connections, and what the server's settings promise, as last looked at.
  [[nodiscard]] std::string trouble() const override;
  void stop() override;

 private:
  struct Parts;
  explicit PostgresDatabase(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

// `messagingd migrate`: applies what is missing under an advisory lock, and with `new_epoch` makes all offsets of
// before invalid (after a restore). Failures as with open().
[[nodiscard]] base::Result<messaging::MigrateReport> migrate(const std::string& url, bool new_epoch);

[[nodiscard]] std::span<const messaging::DoctorCheck> doctor_checks();
// All checks in one snapshot, beside running servers or without any.
[[nodiscard]] base::Result<std::vector<messaging::DoctorFinding>> run_doctor(const std::string& url);

}  // namespace postgres
