#include "sqlite/database_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace sqlite {
namespace {

constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

std::unexpected<base::Error> failure(const std::string& what, int error) {
  return base::fail(base::Errc::storage_unavailable, what + ": " + std::strerror(error));
}

// What the holder wrote into the lock file; empty where that is not known.
std::string holder_of(int descriptor) {
  std::array<char, 16> text{};
  const ssize_t length = ::pread(descriptor, text.data(), text.size(), 0);
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string();
}

}  // namespace

base::Result<FileLock> FileLock::acquire(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_only);
  if (descriptor < 0) return failure("cannot open " + path, errno);
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure("cannot lock " + path, errno);
    const std::string holder = holder_of(descriptor);
    return base::fail(base::Errc::storage_unavailable, database_path + " is in use by another process" +
                                                           (holder.empty() ? "" : " (" + holder + ")") +
                                                           ": stop it first, or use PostgreSQL for several processes");
  }
  // Only for the sentence above; a lock without it is as good.
  const std::string self = std::to_string(::getpid());
  if (::ftruncate(descriptor, 0) == 0) static_cast<void>(::pwrite(descriptor, self.data(), self.size(), 0));
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

base::Result<void> prepare_file(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty() && std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error)
    return base::fail(base::Errc::storage_unavailable, "cannot create " + folder.string() + ": " + error.message());
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_only);
  if (descriptor < 0) return failure("cannot open " + path, errno);
  ::close(descriptor);
  return {};
}

}  // namespace sqlite
