// The `file:` authority behind the ConnectionsClient port: a JSON file {"connections":[["alice","bob"],…]}, looked at
// every 500 ms and read again when it has changed. For development, tests and small fixed groups.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "app/watched_file.hpp"
#include "base/executor.hpp"
#include "messaging/connections_client.hpp"

namespace app {

class FileConnectionsClient final : public messaging::ConnectionsClient {
 public:
  // The first reading. The error's detail is a sentence for the operator.
  [[nodiscard]] static base::Result<std::unique_ptr<FileConnectionsClient>> open(std::string path);

  messaging::Task<messaging::Result<bool>> is_connected(messaging::UserId caller, messaging::UserId other,
                                                        messaging::BearerToken token,
                                                        base::TraceContext trace) override;
  void observe_changes(Observer observer) override { observer_ = std::move(observer); }

  // Begins to look for changes, on this executor's thread, until it is stopped. Outlives the executor's loop.
  void watch(base::Executor& executor);
  // Looks now. A file that cannot be read or understood changes nothing and is logged as `connections.file_invalid`.
  void reload_if_changed();

 private:
  using Pairs = std::unordered_set<messaging::UserPair>;

  explicit FileConnectionsClient(std::string path) : file_(std::move(path)) {}
  [[nodiscard]] base::Result<Pairs> read() const;
  void tell_differences(const Pairs& before, const Pairs& now) const;

  WatchedFile file_;
  Observer observer_;
  std::mutex mutex_;
  Pairs pairs_;
};

}  // namespace app
