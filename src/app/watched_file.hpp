// Tells when a file has changed, by its time and size: for files that an operator edits and that are read again then.
// One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace app {

class WatchedFile {
 public:
  // Note it before the first reading, so that a change during that is seen.
  explicit WatchedFile(std::string path) : path_(std::move(path)), version_(version()) {}

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  // Since the construction, or since the last call.
  [[nodiscard]] bool has_changed() {
    const auto now = version();
    if (now == version_) return false;
    version_ = now;
    return true;
  }

 private:
  struct Version {
    std::filesystem::file_time_type written_at;
    std::uintmax_t size = 0;
    bool operator==(const Version&) const = default;
  };
  [[nodiscard]] Version version() const {
    std::error_code ignored;  // a file that is away has the version {min, max}; whoever reads it says so
    return {std::filesystem::last_write_time(path_, ignored), std::filesystem::file_size(path_, ignored)};
  }

  std::string path_;
  Version version_;
};

}  // namespace app
