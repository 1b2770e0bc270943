#include "redis/asks.hpp"

#include <optional>
#include <utility>

// A batch: sent → all replies are there, or cancel() → its task has resumed. Replies that come after cancel() find
// nobody to resume.

namespace redis {
namespace {

using base::Errc;
using base::Result;

Result<Reply> cancelled() {
  return base::fail(Errc::storage_unavailable, "cancelled");
}

}  // namespace

struct Asks::Batch {
  std::size_t replies_left = 0;
  Result<Reply> result = Reply{};
  std::optional<base::Completion<Result<Reply>>> done{};

  void finish() {
    if (!done) return;
    auto resume = *std::exchange(done, std::nullopt);
    resume(std::move(result));
  }
};

base::Task<Result<Reply>> Asks::ask(Commands::Arguments command) {
  std::vector<Commands::Arguments> commands;
  commands.push_back(std::move(command));
  co_return co_await ask_all(std::move(commands));
}

base::Task<Result<Reply>> Asks::ask_all(std::vector<Commands::Arguments> commands) {
  if (is_cancelled_) co_return cancelled();
  if (commands.empty()) co_return Reply{};
  const auto batch = std::make_shared<Batch>();
  waiting_.insert(batch);
  const auto start = [&](base::Completion<Result<Reply>> done) {
    batch->replies_left = commands.size();
    batch->done.emplace(std::move(done));
    for (auto& command : commands) {
      const bool is_last = &command == &commands.back();
      redis_.send(std::move(command),
                  [batch, is_last](Result<Reply> reply) { note(*batch, std::move(reply), is_last); });
    }
  };
  auto result = co_await base::async<Result<Reply>>(start);
  waiting_.erase(batch);
  co_return result;
}

void Asks::note(Batch& batch, Result<Reply> reply, bool is_last) {
  if (reply && reply->is_error()) reply = base::fail(Errc::storage_unavailable, std::move(reply->text));
  if (batch.result && (!reply || is_last)) batch.result = std::move(reply);
  if (--batch.replies_left == 0) batch.finish();
}

void Asks::cancel() {
  is_cancelled_ = true;
  for (const auto& batch : std::exchange(waiting_, {})) {
    batch->result = cancelled();
    batch->finish();
  }
}

}  // namespace redis
