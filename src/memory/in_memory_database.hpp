// The domain's storage in plain containers, for tests of what stands on the ports: it keeps every promise of
// messaging/repositories.hpp but durability, and every operation completes at once. Any thread.
#pragma once

#include <memory>

#include "messaging/repositories.hpp"

namespace memory {

struct InMemoryTables;

class InMemoryDatabase {
 public:
  InMemoryDatabase();
  ~InMemoryDatabase();
  InMemoryDatabase(const InMemoryDatabase&) = delete;
  InMemoryDatabase& operator=(const InMemoryDatabase&) = delete;

  [[nodiscard]] messaging::IMessageRepository& messages() noexcept { return *messages_; }
  [[nodiscard]] messaging::IConversationRepository& conversations() noexcept { return *conversations_; }
  [[nodiscard]] messaging::IFeedRepository& feeds() noexcept { return *feeds_; }
  // Epoch 1 and a fixed key.
  [[nodiscard]] messaging::ServiceState service_state() const noexcept { return {}; }

  // From now on everything is Errc::server_draining.
  void stop();

 private:
  std::unique_ptr<InMemoryTables> tables_;
  std::unique_ptr<messaging::IMessageRepository> messages_;
  std::unique_ptr<messaging::IConversationRepository> conversations_;
  std::unique_ptr<messaging::IFeedRepository> feeds_;
};

}  // namespace memory
