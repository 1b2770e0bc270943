// What the fake Connections service answers: a JSON file, read again when it changes. README.md has its form. Any
// thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace fake_connections {

struct Answer {
  // "yes", "no", "none" (never) or the name of a gRPC status.
  std::string name = "no";
  base::milliseconds delay{0};
};

// One after the other; behind the last one it again, or the first.
struct Sequence {
  std::vector<Answer> answers{Answer{}};
  bool repeats = false;
  std::size_t next = 0;

  [[nodiscard]] Answer take();
};

struct Rules {
  Sequence by_default{};
  // Each pair in both orders.
  std::map<std::pair<std::string, std::string>, Sequence> by_pair{};

  // The failure's detail says what is wrong where.
  [[nodiscard]] static base::Result<Rules> parse(std::string_view json);
};

class Script {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<Script>> open(std::filesystem::path path);
  // That never changes.
  [[nodiscard]] static base::Result<std::unique_ptr<Script>> from_text(std::string_view json);

  // For the next question about this pair. A file that has become unreadable leaves the last rules in force, and says
  // so once, on standard error.
  [[nodiscard]] Answer answer(const std::string& user, const std::string& other);

 private:
  explicit Script(std::filesystem::path path) : path_(std::move(path)) {}
  base::Result<void> read();
  void read_if_changed();

  // Empty: no file.
  const std::filesystem::path path_;
  std::mutex mutex_;
  std::filesystem::file_time_type written_at_{};
  std::uintmax_t size_ = 0;
  Rules rules_;
};

// True for "yes", "no", "none" and the names of gRPC's failures.
[[nodiscard]] bool is_answer(std::string_view name);

}  // namespace fake_connections
