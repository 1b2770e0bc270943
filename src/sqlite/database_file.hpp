// The file itself: making it, and being the one process that has it open. The lock is held for as long as the object
// lives.
#pragma once

#include <string>

#include "base/error.hpp"

namespace sqlite {

// An exclusive flock on `<path>.lock`. The kernel releases it when the process ends, however it ends; the file stays.
class FileLock {
 public:
  // Failure: a sentence that names the process that holds it.
  [[nodiscard]] static base::Result<FileLock> acquire(const std::string& database_path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int descriptor) noexcept : descriptor_(descriptor) {}

  int descriptor_;
};

// Makes the folder (0700) and an empty file (0600) where they are missing: messages are the users' own, and SQLite
// gives its write-ahead log the mode of the file.
[[nodiscard]] base::Result<void> prepare_file(const std::string& path);

}  // namespace sqlite
