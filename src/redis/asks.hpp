// Commands for coroutines: send some, wait for all of their replies. Whoever stops cancels: then nothing waits any more
// and late replies are dropped, so that an owner can go although Redis hangs. On the Commands' executor.
#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include "base/task.hpp"
#include "redis/commands.hpp"

namespace redis {

class Asks {
 public:
  explicit Asks(Commands& redis) : redis_(redis) {}
  ~Asks() { cancel(); }
  Asks(const Asks&) = delete;
  Asks& operator=(const Asks&) = delete;

  // The reply; an error of Redis's own is storage_unavailable too, and so is cancel().
  base::Task<base::Result<Reply>> ask(Commands::Arguments command);
  // Sends them all in order, and waits for all: the last one's reply, or the first failure. Precondition: not empty.
  base::Task<base::Result<Reply>> ask_all(std::vector<Commands::Arguments> commands);

  // Those that wait resume now, before this returns; later questions fail at once.
  void cancel();
  [[nodiscard]] bool is_cancelled() const noexcept { return is_cancelled_; }

 private:
  struct Batch;
  static void note(Batch& batch, base::Result<Reply> reply, bool is_last);

  Commands& redis_;
  bool is_cancelled_ = false;
  std::unordered_set<std::shared_ptr<Batch>> waiting_;
};

}  // namespace redis
