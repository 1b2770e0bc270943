// One connection to the database file, and the failure that its statements end with. Used by one thread at a time, for
// as long as that thread works: the writer has one, each reader has one.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

struct sqlite3;

namespace sqlite {

// A statement or a commit that SQLite did not carry out. An exception and no Result: it has to unwind from any of the
// many statements of a transaction to the one place that rolls it back (SqliteWriter, ReaderPool, and what opens the
// file), and nothing between the two could do anything but pass it on.
class StorageFailure : public std::runtime_error {
 public:
  // `code` is SQLite's extended result code.
  StorageFailure(int code, const std::string& what) : std::runtime_error(what), code_(code) {}

  [[nodiscard]] int code() const noexcept { return code_; }
  // True where the database refused this statement's values (a constraint, a size), not where storage itself fails.
  [[nodiscard]] bool is_refusal() const noexcept;
  // True where the file is damaged or is no database at all.
  [[nodiscard]] bool is_corruption() const noexcept;

 private:
  int code_;
};

class Connection {
 public:
  enum class Mode { read_write, read_only };

  // Throws StorageFailure. The file must be there; an empty one is a new database.
  Connection(const std::string& path, Mode mode);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  // Runs statements that return nothing of interest. Throws StorageFailure.
  void execute(const std::string& sql);
  // Ends a transaction without keeping it; does nothing where there is none. Never throws.
  void rollback() noexcept;

  // Rows changed by the last INSERT, UPDATE or DELETE.
  [[nodiscard]] std::int64_t changes() const noexcept;
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace sqlite
