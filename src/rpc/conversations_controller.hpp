// The seed's ConversationsController: messaging.v1.ConversationsService for other services of the platform. Each call
// is authenticated and checked on a gRPC thread, then runs as a task on one of the executors, in turn, where
// MessagingService does the work. Lives from before the server's start until after its shutdown.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "auth/jwt_verifier.hpp"
#include "base/executor.hpp"
#include "messaging/messaging_service.hpp"

namespace grpc {
class Service;
}

namespace rpc {

class ConversationsController {
 public:
  // Calls beyond `calls_max` at once are OVERLOADED. Precondition: executors is not empty.
  ConversationsController(messaging::MessagingService& messaging, const auth::JwtVerifier& verifier,
                          std::vector<base::Executor*> executors, std::size_t calls_max);
  // Precondition: the server has shut down, and join() has returned.
  ~ConversationsController();
  ConversationsController(const ConversationsController&) = delete;
  ConversationsController& operator=(const ConversationsController&) = delete;

  // For the server that answers with it.
  [[nodiscard]] grpc::Service& service() noexcept;

  // Blocks until the tasks of finished calls are gone too. After the server's shutdown; not on an executor's thread.
  void join();

 private:
  class Service;
  std::unique_ptr<Service> service_;
};

}  // namespace rpc
